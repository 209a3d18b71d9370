#pragma once

#include <cstddef>
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
#include <mcp_mqtt/schema/decode.hpp>
#include <mcp_mqtt/schema/describe.hpp>
#include <mcp_mqtt/schema/make_shape.hpp>
#include <mcp_mqtt/schema/prompt_arguments.hpp>
#include <mcp_mqtt/schema/prompt_definition.hpp>
#include <mcp_mqtt/schema/tool_result.hpp>
#include <mcp_mqtt/schema/typed_tool.hpp>

namespace mcp_mqtt {
namespace schema {

/// As arguments_shape(), with the name of a prompt in what it throws.
SharedShape prompt_shape(std::string_view prompt, std::span<const Arg> args,
                         std::span<const ShapeMaker> parameters);
SharedShape prompt_shape(std::string_view prompt, ShapeMaker described);
/// Puts a prompt together. Throws std::invalid_argument for an empty name.
PromptDefinition define_prompt(std::string name, const std::string& description,
                               const Shape& arguments, PromptHandler handler);
[[noreturn]] void refuse_empty_prompt_function(std::string_view prompt);

/// `result` with valid UTF-8 in everything that goes out as a text.
GetPromptResult checked_prompt_result(GetPromptResult result);

/// What `prompts/get` answers, made of what a prompt's function returns:
///
///   a string                            one message of the user with that text
///   Content, its alternatives           one message of the user
///   PromptMessage, a vector of them     the messages
///   GetPromptResult                     as it is
///   Result<T>                           as T, or its error as an McpError
template <class T>
GetPromptResult make_prompt_result(T&& value) {
  using Value = std::remove_cvref_t<T>;
  GetPromptResult result;
  if constexpr (std::is_same_v<Value, GetPromptResult>) {
    result = std::forward<T>(value);
  } else if constexpr (is_result<Value>) {
    return make_prompt_result(std::forward<T>(value).value());
  } else if constexpr (std::is_same_v<Value, std::vector<PromptMessage>>) {
    result.messages = std::forward<T>(value);
  } else if constexpr (std::is_same_v<Value, PromptMessage>) {
    result.messages.push_back(std::forward<T>(value));
  } else if constexpr (is_content<Value>) {
    result.messages.push_back({Role::user, std::forward<T>(value)});
  } else if constexpr (std::is_pointer_v<std::decay_t<T>>) {
    const char* const text = value;
    result.messages.push_back(user_message(text != nullptr ? text : ""));
  } else {
    static_assert(std::is_convertible_v<T&&, std::string_view>,
                  "A prompt's function returns a string, Content, PromptMessage, a vector of "
                  "PromptMessage, or GetPromptResult.");
    result.messages.push_back(user_message(std::string(std::string_view(value))));
  }
  return checked_prompt_result(std::move(result));
}

template <class F, class... Arguments>
GetPromptResult call_prompt(F& function, RequestContext& context, Arguments&&... arguments) {
  if constexpr (Takes<F>::context_first) {
    return make_prompt_result(function(context, std::forward<Arguments>(arguments)...));
  } else if constexpr (Takes<F>::context_last) {
    return make_prompt_result(function(std::forward<Arguments>(arguments)..., context));
  } else {
    return make_prompt_result(function(std::forward<Arguments>(arguments)...));
  }
}

template <class F>
void require_prompt_function(std::string_view prompt, const F& function) {
  static_assert(OneSignature<F>,
                "A prompt's function needs one call operator with fixed parameter types (not a "
                "generic lambda, not overloaded).");
  if constexpr (std::is_pointer_v<F> || is_std_function<F>) {
    if (function == nullptr) refuse_empty_prompt_function(prompt);
  }
}

template <class F, std::size_t... I>
PromptDefinition prompt_of_args(std::string name, const std::string& description,
                                std::span<const Arg> args, F function, std::index_sequence<I...>) {
  require_prompt_function(name, function);
  const std::vector<ShapeMaker> parameters{
      &make_shape<Decoded<typename Takes<F>::template Argument<I>>>...};
  const SharedShape shape = prompt_shape(name, args, parameters);
  return define_prompt(
      std::move(name), description, *shape,
      // Shared, because std::function copies and the function may not.
      [shape, shared = std::make_shared<F>(std::move(function))](const Json& arguments,
                                                                 RequestContext& context) {
        [[maybe_unused]] const Json object = typed_prompt_arguments(arguments, *shape);
        return call_prompt(*shared, context,
                           pass<typename Takes<F>::template Argument<I>>(
                               decode_member<Decoded<typename Takes<F>::template Argument<I>>>(
                                   object, shape->properties[I]))...);
      });
}

}  // namespace schema

/// A prompt whose arguments, their conversion from the strings of the wire, checks and completions
/// come from the types of a function and from what `args` say about its parameters:
///     typed_prompt("greet", "Greets somebody", {arg("name", "Whom")},
///                  [](const std::string& name) { return "Say hello to " + name + "."; });
/// As typed_tool() in all else; what the function may return: schema::make_prompt_result().
template <std::size_t N, class F>
PromptDefinition typed_prompt(std::string name, const std::string& description,
                              const Arg (&args)[N], F function) {
  if constexpr (schema::OneSignature<F>) {
    static_assert(schema::Takes<F>::arguments == N,
                  "Give one arg() for each parameter of the function.");
  }
  return schema::prompt_of_args(std::move(name), description, args, std::move(function),
                                std::make_index_sequence<N>());
}

/// The same for args made at run time, and for {}. Throws std::invalid_argument where their number
/// is not that of the function's parameters.
template <class F>
PromptDefinition typed_prompt(std::string name, const std::string& description,
                              const std::vector<Arg>& args, F function) {
  return schema::prompt_of_args(std::move(name), description, args, std::move(function),
                                std::make_index_sequence<schema::Takes<F>::arguments>());
}

/// A prompt whose arguments are the fields of the one described struct that its function takes, or
/// that has none.
template <class F>
PromptDefinition typed_prompt(std::string name, const std::string& description, F function) {
  using Takes = schema::Takes<F>;
  schema::require_prompt_function(name, function);
  if constexpr (Takes::arguments == 0) {
    return schema::prompt_of_args(std::move(name), description, {}, std::move(function),
                                  std::index_sequence<>());
  } else {
    static_assert(Takes::arguments == 1,
                  "Give one arg() for each parameter of the function, or let it take one struct "
                  "that has a describe() function.");
    using Parameter = typename Takes::template Argument<0>;
    using Struct = std::remove_cvref_t<Parameter>;
    static_assert(schema::DescribedStruct<Struct>,
                  "Without arg()s the function takes one struct that has a describe() function.");
    const schema::SharedShape shape = schema::prompt_shape(name, &schema::make_shape<Struct>);
    return schema::define_prompt(std::move(name), description, *shape,
                                 [shape, shared = std::make_shared<F>(std::move(function))](
                                     const Json& arguments, RequestContext& context) {
                                   return schema::call_prompt(
                                       *shared, context,
                                       schema::pass<Parameter>(schema::decode<Struct>(
                                           schema::typed_prompt_arguments(arguments, *shape))));
                                 });
  }
}

}  // namespace mcp_mqtt
