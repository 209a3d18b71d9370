#pragma once

#include <functional>
#include <string>
#include <vector>

// The pieces of the way of a call, each by itself and all together, for two programs: one counts
// their instructions and allocations, the other measures their time.
namespace mcp_mqtt::bench {

/// `run` does one operation. It holds what it works on, does the same work each time, and throws
/// where the library did not do what was to be measured. One thread; nothing waits.
struct Piece {
  std::string name;
  std::function<void()> run;
  int rounds = 64;  ///< To count it by.
};

using Pieces = std::vector<Piece>;

/// From bytes to messages and back.
Pieces codec_pieces();
Pieces topic_pieces();
/// Each engine by itself, its peer's messages given.
Pieces engine_pieces();
/// Both engines with the loopback broker between them: a whole call.
Pieces call_pieces();
/// What the numbers of instructions are kept of.
Pieces hot_path();

/// The checks of bytes and arguments.
Pieces check_pieces();
/// A client that knows 10,000 servers.
Pieces discovery_pieces();

/// Keeps the compiler from leaving out the making of a value that nobody uses.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

/// Throws std::runtime_error that says what was not as it should be.
void require(bool condition, const char* what);

}  // namespace mcp_mqtt::bench
