#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/schema/arg.hpp>
#include <mcp_mqtt/schema/argument_error.hpp>
#include <mcp_mqtt/schema/callable.hpp>
#include <mcp_mqtt/schema/check.hpp>
#include <mcp_mqtt/schema/decode.hpp>
#include <mcp_mqtt/schema/describe.hpp>
#include <mcp_mqtt/schema/make_shape.hpp>
#include <mcp_mqtt/schema/tool_definition.hpp>
#include <mcp_mqtt/schema/tool_result.hpp>

namespace mcp_mqtt {
namespace schema {

using SharedShape = std::shared_ptr<const Shape>;

/// The object that a call's arguments are, from the args and the types of the parameters. Throws
/// std::invalid_argument.
SharedShape arguments_shape(std::span<const Arg> args, std::span<const ShapeMaker> parameters);
/// The same, and names the tool in what it throws.
SharedShape arguments_shape(std::string_view tool, std::span<const Arg> args,
                            std::span<const ShapeMaker> parameters);
/// The same where one described struct is all the arguments.
SharedShape arguments_shape(std::string_view tool, ShapeMaker described);
/// Puts a tool together. Throws std::invalid_argument that names the tool.
ToolDefinition define_tool(std::string name, const std::string& description, const Shape& input,
                           ShapeMaker output, ToolHandler handler);
[[noreturn]] void refuse_empty_function(std::string_view tool);

template <class F>
inline constexpr bool is_std_function = false;
template <class S>
inline constexpr bool is_std_function<std::function<S>> = true;

/// Calls `function` and makes the answer of what it returns. The
/// arguments live until the answer is made, so that it may look into them.
template <class F, class... Arguments>
CallToolResult call(F& function, RequestContext& context, Arguments&&... arguments) {
  const auto run = [&]() -> decltype(auto) {
    if constexpr (Takes<F>::context_first) {
      return function(context, std::forward<Arguments>(arguments)...);
    } else if constexpr (Takes<F>::context_last) {
      return function(std::forward<Arguments>(arguments)..., context);
    } else {
      return function(std::forward<Arguments>(arguments)...);
    }
  };
  if constexpr (std::is_void_v<typename Signature<F>::Return>) {
    run();
    return done_result();
  } else {
    return make_tool_result(run());
  }
}

template <class F>
void require_callable(std::string_view tool, const F& function) {
  static_assert(OneSignature<F>,
                "A tool's function needs one call operator with fixed parameter types (not a "
                "generic lambda, not overloaded).");
  if constexpr (std::is_pointer_v<F> || is_std_function<F>) {
    if (function == nullptr) refuse_empty_function(tool);
  }
}

template <class F, std::size_t... I>
ToolDefinition tool_of_args(std::string name, const std::string& description,
                            std::span<const Arg> args, F function, std::index_sequence<I...>) {
  require_callable(name, function);
  const std::vector<ShapeMaker> parameters{
      &make_shape<Decoded<typename Takes<F>::template Argument<I>>>...};
  const SharedShape shape = arguments_shape(name, args, parameters);
  return define_tool(
      std::move(name), description, *shape, output_shape_maker<typename Signature<F>::Return>(),
      // Shared, because std::function copies and the function may not.
      [shape, shared = std::make_shared<F>(std::move(function))](const Json& arguments,
                                                                 RequestContext& context) {
        [[maybe_unused]] const Json& object = checked_arguments(arguments, *shape);
        return call(*shared, context,
                    pass<typename Takes<F>::template Argument<I>>(
                        decode_member<Decoded<typename Takes<F>::template Argument<I>>>(
                            object, shape->properties[I]))...);
      });
}

}  // namespace schema

/// A tool whose schema, decoding, checks and error texts come from the types of a function and from
/// what `args` say about its parameters, one for each, in order:
///     typed_tool("set_volume", "Set the volume", {arg("volume", "Volume level").range(0, 100)},
///                [&](int volume) { … });
/// The function may take RequestContext& as its first or last parameter. It may be called from
/// several threads at once, and all calls share one copy of it. What it may return:
/// tool_result.hpp. Throws std::invalid_argument for what cannot be checked at compile time.
template <std::size_t N, class F>
ToolDefinition typed_tool(std::string name, const std::string& description, const Arg (&args)[N],
                          F function) {
  if constexpr (schema::OneSignature<F>) {
    static_assert(schema::Takes<F>::arguments == N,
                  "Give one arg() for each parameter of the function.");
  }
  return schema::tool_of_args(std::move(name), description, args, std::move(function),
                              std::make_index_sequence<N>());
}

/// The same for args made at run time, and for {}. Throws std::invalid_argument where their number
/// is not that of the function's parameters.
template <class F>
ToolDefinition typed_tool(std::string name, const std::string& description,
                          const std::vector<Arg>& args, F function) {
  return schema::tool_of_args(std::move(name), description, args, std::move(function),
                              std::make_index_sequence<schema::Takes<F>::arguments>());
}

/// A tool whose arguments are the fields of the one described struct that its function takes, or
/// that has none.
template <class F>
ToolDefinition typed_tool(std::string name, const std::string& description, F function) {
  using Takes = schema::Takes<F>;
  schema::require_callable(name, function);
  if constexpr (Takes::arguments == 0) {
    return schema::tool_of_args(std::move(name), description, {}, std::move(function),
                                std::index_sequence<>());
  } else {
    static_assert(Takes::arguments == 1,
                  "Give one arg() for each parameter of the function, or let it take one struct "
                  "that has a describe() function.");
    using Parameter = typename Takes::template Argument<0>;
    using Struct = std::remove_cvref_t<Parameter>;
    static_assert(schema::DescribedStruct<Struct>,
                  "Without arg()s the function takes one struct that has a describe() function.");
    const schema::SharedShape shape = schema::arguments_shape(name, &schema::make_shape<Struct>);
    return schema::define_tool(std::move(name), description, *shape,
                               schema::output_shape_maker<typename schema::Signature<F>::Return>(),
                               [shape, shared = std::make_shared<F>(std::move(function))](
                                   const Json& arguments, RequestContext& context) {
                                 const Json& object = schema::checked_arguments(arguments, *shape);
                                 return schema::call(
                                     *shared, context,
                                     schema::pass<Parameter>(schema::decode<Struct>(object)));
                               });
  }
}

/// A tool known only at run time: a description with its own schema, and a function of the
/// arguments as Json (and RequestContext& where it wants it), which are checked against the schema
/// first.
template <class F>
ToolDefinition raw_tool(Tool tool, F function) {
  ToolDefinition definition;
  definition.tool = std::move(tool);
  definition.check_arguments = true;
  definition.handler = [function = std::move(function)](const Json& arguments,
                                                        RequestContext& context) mutable {
    if constexpr (std::is_invocable_v<F&, const Json&, RequestContext&>) {
      return schema::make_tool_result(function(arguments, context));
    } else {
      return schema::make_tool_result(function(arguments));
    }
  };
  return definition;
}

}  // namespace mcp_mqtt
