#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/schema/describe.hpp>

// A program's own types, described as a program would.
namespace garden {

enum class Colour { red, green = 7, crimson = red };

inline auto describe(std::type_identity<Colour>) {
  return mcp_mqtt::enum_values<Colour>(
      {{"red", Colour::red}, {"green", Colour::green}, {"crimson", Colour::crimson}});
}

struct Point {
  double x = 0;
  double y = 0;
  bool operator==(const Point&) const = default;
};

inline auto describe(std::type_identity<Point>) {
  return mcp_mqtt::fields(mcp_mqtt::field("x", &Point::x, "Left to right").range(0, 10),
                          mcp_mqtt::field("y", &Point::y));
}

struct Bed {
  std::string name;
  Colour colour = Colour::green;
  std::vector<Point> corners;
  std::optional<int> depth;
  std::uint8_t plants = 12;
  std::map<std::string, int> harvest;
  bool watered = false;
};

inline auto describe(std::type_identity<Bed>) {
  using mcp_mqtt::field;
  return mcp_mqtt::fields(
      field("name", &Bed::name, "What people call it").length(1, 20).title("Name"),
      field("colour", &Bed::colour).default_value(Colour::red),
      field("corners", &Bed::corners).items(0, 3), field("depth", &Bed::depth),
      field("plants", &Bed::plants).optional(), field("harvest", &Bed::harvest).optional(),
      field("watered", &Bed::watered).default_value(true));
}

struct Nothing {};
inline auto describe(std::type_identity<Nothing>) { return mcp_mqtt::fields(); }

/// Fields of a base class, and a description inside a class that keeps its members private.
struct Named {
  std::string name;
};

class Tree : public Named {
 public:
  int height() const { return height_; }

 private:
  int height_ = 0;
  friend auto describe(std::type_identity<Tree>) {
    return mcp_mqtt::fields(mcp_mqtt::field("name", &Tree::name),
                            mcp_mqtt::field("height", &Tree::height_).min(0));
  }
};

struct Vine {
  std::vector<Vine> shoots;
};
inline auto describe(std::type_identity<Vine>) {
  return mcp_mqtt::fields(mcp_mqtt::field("shoots", &Vine::shoots));
}

}  // namespace garden
