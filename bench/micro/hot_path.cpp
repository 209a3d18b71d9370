// Runs each piece of the hot path a number of times and prints what it allocated; under callgrind,
// scripts/instructions counts what it executed. One thread, no clock, no chance: a run is like the
// other.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include <mcp_mqtt/json.hpp>

#include "pieces.hpp"

namespace {

// One thread runs here.
std::size_t allocations = 0;
std::size_t allocated_bytes = 0;

void* counted(std::size_t bytes) {
  ++allocations;
  allocated_bytes += bytes;
  if (void* const memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

/// What callgrind counts, by its name: it writes its counts when this returns.
extern "C" [[gnu::noinline]] void hot_path_rounds(const std::function<void()>& run, int rounds) {
  for (int i = 0; i < rounds; ++i) run();
}

namespace {

constexpr int warm_up = 20;

/// What the numbers depend on beside our own sources.
void print_versions() {
  std::printf("compiler\t%s\n", HOT_PATH_COMPILER);
  std::printf("flags\t%s\n", HOT_PATH_FLAGS);
  std::printf("libraries\tglibc %d.%d, libstdc++ %d, nlohmann-json %d.%d.%d, spdlog %s\n",
              __GLIBC__, __GLIBC_MINOR__, __GLIBCXX__, NLOHMANN_JSON_VERSION_MAJOR,
              NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, HOT_PATH_SPDLOG);
}

void measure(const mcp_mqtt::bench::Piece& piece) {
  for (int i = 0; i < warm_up; ++i) piece.run();
  const std::size_t allocations_before = allocations;
  const std::size_t bytes_before = allocated_bytes;
  hot_path_rounds(piece.run, piece.rounds);
  std::printf("piece\t%s\t%d\t%zu\t%zu\n", piece.name.c_str(), piece.rounds,
              allocations - allocations_before, allocated_bytes - bytes_before);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 2 && std::strcmp(argv[1], "--versions") == 0) {
    print_versions();
    return 0;
  }
  if (argc != 1) {
    std::fprintf(stderr, "hot_path takes no argument but --versions; see scripts/instructions\n");
    return 2;
  }
  for (const auto& piece : mcp_mqtt::bench::hot_path()) measure(piece);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
