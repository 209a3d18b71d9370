#pragma once

#include <string>
#include <utility>

#include <mcp_mqtt/schema/declaration.hpp>

namespace mcp_mqtt {

/// One argument of a tool, as `arg` makes it.
class Arg : public schema::Declarable<Arg> {
 public:
  Arg(std::string name, std::string description)
      : Declarable(std::move(name), std::move(description)) {}
};

/// Names an argument of a typed tool, in the order of the function's parameters. It is required
/// unless it has a default or its parameter is a std::optional.
///     arg("volume", "Volume level").range(0, 100)
Arg arg(std::string name, std::string description = {});

}  // namespace mcp_mqtt
