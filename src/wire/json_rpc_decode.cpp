#include <cstdint>
#include <limits>
#include <utility>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "wire/json_text.hpp"

namespace mcp_mqtt::wire {
namespace {

using Item = std::variant<RpcMessage, Rejected>;

/// An integer that fits into 64 bits with sign. Doubles do not count: 1.0 and 2^64 are doubles.
std::optional<std::int64_t> read_integer(const Json& json) {
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
    return static_cast<std::int64_t>(value);
  }
  if (json.is_number_integer()) return json.get<std::int64_t>();
  return {};
}

std::optional<RequestId> read_id(const Json& json) {
  if (json.is_string()) return RequestId(json.get_ref<const std::string&>());
  if (const auto number = read_integer(json)) return RequestId(*number);
  return {};
}

std::string name_of_type(const Json& json) {
  if (json.is_null()) return "null";
  return std::string(json.is_array() || json.is_object() ? "an " : "a ") + json.type_name();
}

std::string name_of_id_fault(const Json& json) {
  if (json.is_number_float()) return "a number with a fraction or beyond 64 bits";
  return json.is_number() ? "a number beyond 64 bits" : name_of_type(json);
}

/// One member of a batch, or a message by itself; taken apart without copies.
class MessageReader {
 public:
  MessageReader(Json message, std::size_t max_id_bytes)
      : message_(std::move(message)), max_id_bytes_(max_id_bytes) {}

  Item read() {
    if (!message_.is_object()) {
      return reject("a message must be an object, not " + name_of_type(message_));
    }
    const Json* method = find("method");
    const Json* result = find("result");
    const Json* error = find("error");
    const Json* id = find("id");
    const bool long_id = id != nullptr && id->is_string() &&
                         id->get_ref<const std::string&>().size() > max_id_bytes_;
    if (id != nullptr && !long_id) id_ = read_id(*id);
    is_response_ = method == nullptr && (result != nullptr || error != nullptr);

    const Json* version = find("jsonrpc");
    if (version == nullptr) return reject("the member \"jsonrpc\" is missing");
    if (*version != "2.0") return reject("the member \"jsonrpc\" must be \"2.0\"");
    const int kinds = (method != nullptr) + (result != nullptr) + (error != nullptr);
    if (kinds == 0) return reject("one of \"method\", \"result\" and \"error\" is missing");
    if (kinds > 1) return reject("only one of \"method\", \"result\" and \"error\" is allowed");

    if (long_id) {
      return reject("\"id\" is " + std::to_string(id->get_ref<const std::string&>().size()) +
                    " bytes long; at most " + std::to_string(max_id_bytes_) + " are taken");
    }
    const bool null_for_unread = error != nullptr && id != nullptr && id->is_null();
    if (id != nullptr && !id_ && !null_for_unread) {
      return reject("\"id\" must be a string or an integer of 64 bits, not " +
                    name_of_id_fault(*id));
    }
    if (method != nullptr) return read_call(*method);
    if (result != nullptr) return read_result();
    return read_error(*error);
  }

 private:
  const Json* find(const char* name) const {
    const auto found = message_.find(name);
    return found == message_.end() ? nullptr : &*found;
  }

  Json take(const char* name) { return std::move(message_[name]); }

  Item reject(std::string message) {
    return Rejected{rpc_error(error_code::invalid_request, std::move(message)), std::move(id_),
                    is_response_};
  }

  Item read_call(const Json& method) {
    if (!method.is_string()) {
      return reject("\"method\" must be a string, not " + name_of_type(method));
    }
    Json params = Json::object();
    if (const Json* given = find("params"); given != nullptr && !given->is_null()) {
      if (given->is_array()) return reject("\"params\" by position (an array) is not MCP");
      if (!given->is_object()) {
        return reject("\"params\" must be an object, not " + name_of_type(*given));
      }
      params = take("params");
    }
    auto name = std::move(message_["method"].get_ref<std::string&>());
    if (!id_) return Notification{std::move(name), std::move(params)};
    return Request{*std::move(id_), std::move(name), std::move(params)};
  }

  Item read_result() {
    if (!id_) return reject("a response needs the \"id\" of its request");
    return Response{*std::move(id_), take("result")};
  }

  Item read_error(const Json& error) {
    if (!error.is_object()) {
      return reject("\"error\" must be an object, not " + name_of_type(error));
    }
    const auto code = error.find("code");
    if (code == error.end()) return reject("\"error\" has no \"code\"");
    const auto number = read_integer(*code);
    if (!number || *number < std::numeric_limits<int>::min() ||
        *number > std::numeric_limits<int>::max()) {
      return reject("the \"code\" of \"error\" must be an integer of 32 bits");
    }
    const auto text = error.find("message");
    if (text == error.end()) return reject("\"error\" has no \"message\"");
    if (!text->is_string()) {
      return reject("the \"message\" of \"error\" must be a string, not " + name_of_type(*text));
    }
    Json taken = take("error");
    Json data = taken.contains("data") ? std::move(taken["data"]) : Json(nullptr);
    return ErrorResponse{
        std::move(id_),
        rpc_error(static_cast<int>(*number), std::move(taken["message"].get_ref<std::string&>()),
                  std::move(data))};
  }

  Json message_;
  std::size_t max_id_bytes_;
  std::optional<RequestId> id_;
  bool is_response_ = false;
};

Decoded single(Item item) {
  Decoded decoded;
  decoded.messages.push_back(std::move(item));
  return decoded;
}

Decoded refuse(Error error) { return single(Rejected{std::move(error), std::nullopt, false}); }

Decoded decode_batch(Json json, const MessageLimits& limits) {
  const std::size_t max_batch = limits.max_batch;
  if (json.empty()) {
    return refuse(rpc_error(error_code::invalid_request, "a batch must not be empty"));
  }
  if (json.size() > max_batch) {
    return refuse(rpc_error(error_code::invalid_request,
                            "a batch of " + std::to_string(json.size()) + " messages; at most " +
                                std::to_string(max_batch) + " are taken"));
  }
  Decoded decoded;
  decoded.batch = true;
  decoded.messages.reserve(json.size());
  for (Json& message : json)
    decoded.messages.push_back(MessageReader(std::move(message), limits.max_id_bytes).read());
  return decoded;
}

}  // namespace

Decoded decode(std::string_view payload, const MessageLimits& limits) {
  if (payload.size() > limits.max_bytes) {
    return refuse(
        rpc_error(error_code::parse_error, "the message is " + std::to_string(payload.size()) +
                                               " bytes long; at most " +
                                               std::to_string(limits.max_bytes) + " are taken"));
  }
  auto json = parse_json(payload, limits.max_depth);
  if (!json) return refuse(std::move(json).error());
  if (json->is_array()) return decode_batch(*std::move(json), limits);
  return single(MessageReader(*std::move(json), limits.max_id_bytes).read());
}

}  // namespace mcp_mqtt::wire
