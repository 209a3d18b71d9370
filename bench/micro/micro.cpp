// The time of each piece of the library by itself, with Google Benchmark: `micro --help`.
#include <benchmark/benchmark.h>

#include "pieces.hpp"

int main(int argc, char** argv) {
  using namespace mcp_mqtt::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const Pieces& pieces : {hot_path(), check_pieces(), discovery_pieces()}) {
    for (const Piece& piece : pieces) {
      benchmark::RegisterBenchmark(piece.name.c_str(), [piece](benchmark::State& state) {
        for (const auto _ : state) piece.run();
      });
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
