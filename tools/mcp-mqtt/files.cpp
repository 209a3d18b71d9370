#include "mcp-mqtt/files.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "mcp-mqtt/failure.hpp"

namespace mcp_mqtt::command_line {
namespace {

constexpr std::size_t most_bytes = 64U << 20;

struct Close {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

}  // namespace

std::string read_file(const std::string& path) {
  const std::string name = path == "-" ? "standard input" : "file '" + path + "'";
  const std::unique_ptr<std::FILE, Close> file(path == "-" ? stdin
                                                           : std::fopen(path.c_str(), "rbe"));
  if (!file) {
    throw Failure(ExitCode::usage, "cannot read " + name + ": " + std::strerror(errno));
  }
  std::string content;
  std::array<char, 65'536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    content.append(buffer.data(), count);
    if (content.size() > most_bytes) {
      throw Failure(ExitCode::usage, name + " is larger than 64 MiB");
    }
  }
  if (std::ferror(file.get()) != 0) {
    throw Failure(ExitCode::usage, "cannot read " + name + ": " + std::strerror(errno));
  }
  return content;
}

}  // namespace mcp_mqtt::command_line
