#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mcp_mqtt::test {

/// A directory of its own under the system's temporary directory; gone with the object.
class TempDirectory {
 public:
  TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory();

  const std::filesystem::path& path() const noexcept { return path_; }
  /// The path of a file in it, whether it exists or not.
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  /// Writes a file, readable by its owner only, and returns its path.
  std::string write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace mcp_mqtt::test
