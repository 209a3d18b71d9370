#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz.hpp"

// The main() of a fuzz target without libFuzzer: replays files and folders of inputs, and with
// --mutations N also N inputs made from each by a few random edits (--seed S, which is printed).
// What fails is named, with the mutation's number, so that it replays: --only NUMBER.
namespace {

struct Options {
  std::uint64_t seed = 1;
  std::size_t mutations = 0;
  std::size_t only = 0;  // 0: all
  std::vector<std::filesystem::path> paths;
};

char current[600] = "nothing yet";

void name_current(int signal) {
  // Only what a signal handler may do.
  std::fputs("replay: failed at ", stderr);
  std::fputs(current, stderr);
  std::fputs("\n", stderr);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The same on every machine: std::uniform_int_distribution is not.
std::size_t below(std::mt19937_64& random, std::size_t limit) {
  return limit == 0 ? 0 : static_cast<std::size_t>(random() % limit);
}

std::string mutate(std::string input, const std::vector<std::string>& others,
                   std::mt19937_64& random) {
  const std::size_t edits = 1 + below(random, 4);
  for (std::size_t i = 0; i < edits; ++i) {
    const std::size_t at = below(random, input.size() + 1);
    const std::size_t length = below(random, std::min<std::size_t>(input.size() - at, 40) + 1);
    switch (below(random, 5)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(random());
        break;
      case 1:
        input.erase(at, length);
        break;
      case 2:
        input.insert(at, input.substr(at, length));
        break;
      case 3: {
        const std::string& other = others[below(random, others.size())];
        const std::size_t from = below(random, other.size() + 1);
        input.insert(at, other.substr(from, 1 + below(random, 200)));
        break;
      }
      default:
        input.insert(at, 1, static_cast<char>(random()));
    }
  }
  return input;
}

void run(const std::string& input, const std::string& name) {
  std::snprintf(current, sizeof current, "%s", name.c_str());
  // A copy of exactly its size, so that a sanitizer sees who reads beyond it.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

Options read_options(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const auto number = [&] { return i + 1 < count ? std::stoull(arguments[++i]) : 0; };
    if (argument == "--mutations") {
      options.mutations = number();
    } else if (argument == "--seed") {
      options.seed = number();
    } else if (argument == "--only") {
      options.only = number();
    } else {
      options.paths.emplace_back(argument);
    }
  }
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = read_options(count, arguments);
  std::vector<std::filesystem::path> files;
  for (const auto& path : options.paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    std::fputs("replay: no inputs\n", stderr);
    return 2;
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& file : files) inputs.push_back(read(file));
  std::signal(SIGABRT, name_current);
  std::signal(SIGSEGV, name_current);
  std::set_terminate([] { std::abort(); });

  std::size_t runs = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (options.only == 0) run(inputs[i], files[i].string());
    ++runs;
    std::seed_seq seeds{options.seed, static_cast<std::uint64_t>(i)};
    std::mt19937_64 random(seeds);
    for (std::size_t number = 1; number <= options.mutations; ++number) {
      const std::string input = mutate(inputs[i], inputs, random);
      if (options.only != 0 && options.only != number) continue;
      run(input, files[i].string() + ", mutation " + std::to_string(number) + " of seed " +
                     std::to_string(options.seed));
      ++runs;
    }
  }
  std::printf("hostile: inputs=%zu runs=%zu seed=%llu\n", files.size(), runs,
              static_cast<unsigned long long>(options.seed));
  return 0;
}
