#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace mcp_mqtt {
class RequestContext;
}

// What a tool's function takes and gives.
namespace mcp_mqtt::schema {

template <class R, class... P>
struct FunctionType {
  using Return = R;
  using Parameters = std::tuple<P...>;
};

template <class F>
struct CallOperator {};
template <class C, class R, class... P, bool IsNoexcept>
struct CallOperator<R (C::*)(P...) noexcept(IsNoexcept)> : FunctionType<R, P...> {};
template <class C, class R, class... P, bool IsNoexcept>
struct CallOperator<R (C::*)(P...) const noexcept(IsNoexcept)> : FunctionType<R, P...> {};
template <class C, class R, class... P, bool IsNoexcept>
struct CallOperator<R (C::*)(P...)& noexcept(IsNoexcept)> : FunctionType<R, P...> {};
template <class C, class R, class... P, bool IsNoexcept>
struct CallOperator<R (C::*)(P...) const& noexcept(IsNoexcept)> : FunctionType<R, P...> {};

/// A function pointer, a lambda, a std::function or another object with one call operator.
template <class F>
struct Signature {};
template <class R, class... P, bool IsNoexcept>
struct Signature<R (*)(P...) noexcept(IsNoexcept)> : FunctionType<R, P...> {};
template <class F>
requires requires { &F::operator(); }
struct Signature<F> : CallOperator<decltype(&F::operator())> {};

template <class F>
concept OneSignature = requires {
  typename Signature<F>::Return;
};

template <class P>
inline constexpr bool is_context =
    std::is_same_v<std::remove_const_t<std::remove_reference_t<P>>, RequestContext>&&
        std::is_lvalue_reference_v<P>;

template <class Parameters>
constexpr bool context_at(std::size_t index) {
  return []<std::size_t... I>(std::size_t at, std::index_sequence<I...>) {
    return ((I == at && is_context<std::tuple_element_t<I, Parameters>>) || ...);
  }
  (index, std::make_index_sequence<std::tuple_size_v<Parameters>>());
}

/// The parameters of F: the context that it may ask for, first or last, and the arguments.
template <class F>
struct Takes {
  using Parameters = typename Signature<F>::Parameters;
  static constexpr std::size_t all = std::tuple_size_v<Parameters>;
  static constexpr bool context_first = context_at<Parameters>(0);
  static constexpr bool context_last = all > 0 && !context_first && context_at<Parameters>(all - 1);
  static constexpr std::size_t arguments = all - (context_first || context_last ? 1 : 0);

  template <std::size_t I>
  using Argument = std::tuple_element_t<I + (context_first ? 1 : 0), Parameters>;
};

/// What an argument is decoded to before it is passed: a view needs something to look at.
template <class P>
using Decoded = std::conditional_t<std::is_same_v<std::remove_cvref_t<P>, std::string_view>,
                                   std::string, std::remove_cvref_t<P>>;

/// Hands a decoded argument to a parameter of type P. The argument outlives the call.
template <class P>
decltype(auto) pass(Decoded<P>&& argument) {
  static_assert(!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>,
                "A tool's function takes its arguments by value or const reference, and "
                "RequestContext& as its first or last parameter.");
  if constexpr (std::is_same_v<std::remove_cvref_t<P>, std::string_view>) {
    return std::string_view(argument);
  } else {
    return static_cast<P&&>(argument);
  }
}

}  // namespace mcp_mqtt::schema
