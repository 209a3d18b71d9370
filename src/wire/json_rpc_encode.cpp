#include <utility>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "ground/logging.hpp"
#include "ground/utf8.hpp"
#include "wire/json_write.hpp"

namespace mcp_mqtt::wire {
namespace {

Error invalid(std::string message) {
  return Error{ErrorKind::invalid_argument, 0, std::move(message)};
}

Error too_large(std::string message) { return Error{ErrorKind::too_large, 0, std::move(message)}; }

/// One step of a JSON pointer (RFC 6901), fit for a message.
std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (const char c : log::printable(key)) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

/// Where the first string that is not UTF-8 stands, as a JSON pointer. Only for values that
/// within_depth() passed; it looks at the text of each string, so only when writing failed.
std::optional<std::string> find_bad_text(const Json& root) {
  struct Place {
    const Json* json;
    std::string path;
  };
  std::vector<Place> open{{&root, ""}};
  while (!open.empty()) {
    const Place place = std::move(open.back());
    open.pop_back();
    if (place.json->is_string() &&
        utf8::first_invalid_byte(place.json->get_ref<const std::string&>())) {
      return place.path;
    }
    if (place.json->is_array()) {
      for (std::size_t i = place.json->size(); i-- > 0;) {
        const Json& child = (*place.json)[i];
        if (child.is_string() || child.is_structured()) {
          open.push_back({&child, place.path + '/' + std::to_string(i)});
        }
      }
    } else if (place.json->is_object()) {
      for (const auto& [key, child] : place.json->items()) {
        const std::string path = place.path + pointer_step(key);
        if (utf8::first_invalid_byte(key)) return path;
        if (child.is_string() || child.is_structured()) open.push_back({&child, path});
      }
    }
  }
  return std::nullopt;
}

std::string describe_id(const RequestId& id) {
  return std::holds_alternative<std::int64_t>(id)
             ? std::to_string(std::get<std::int64_t>(id))
             : '"' + log::printable(std::get<std::string>(id)) + '"';
}

std::string describe(const RpcMessage& message) {
  struct Describer {
    std::string operator()(const Request& request) const {
      return "the request " + log::printable(request.method);
    }
    std::string operator()(const Notification& notification) const {
      return "the notification " + log::printable(notification.method);
    }
    std::string operator()(const Response& response) const {
      return "the response to request " + describe_id(response.id);
    }
    std::string operator()(const ErrorResponse& response) const {
      return response.id ? "the error response to request " + describe_id(*response.id)
                         : std::string("the error response without id");
    }
  };
  return std::visit(Describer{}, message);
}

/// Puts the members of one message behind each other: the large ones are never copied into an
/// envelope value.
class MessageWriter {
 public:
  /// `depth`: what the values inside the message's own object may still nest.
  MessageWriter(const RpcMessage& message, std::size_t depth) : message_(message), depth_(depth) {}

  Result<std::string> write() {
    out_ = R"({"jsonrpc":"2.0")";
    std::visit([this](const auto& message) { put(message); }, message_);
    if (fault_) return *std::move(fault_);
    out_ += '}';
    return std::move(out_);
  }

 private:
  void put(const Request& request) {
    put_id(request.id);
    put_text("method", request.method);
    // Some peers refuse a request without params.
    put_params(request.params);
  }
  void put(const Notification& notification) {
    put_text("method", notification.method);
    const bool empty = notification.params.is_null() ||
                       (notification.params.is_object() && notification.params.empty());
    if (!empty) put_params(notification.params);
  }
  void put(const Response& response) {
    put_id(response.id);
    put_json("result", response.result, depth_);
  }
  void put(const ErrorResponse& response) {
    if (response.id) {
      put_id(*response.id);
    } else {
      out_ += R"(,"id":null)";
    }
    out_ += R"(,"error":{"code":)" + std::to_string(response.error.code);
    put_text("message", response.error.message);
    if (!response.error.data.is_null()) put_json("data", response.error.data, depth_ - 1);
    out_ += '}';
  }

  void put_id(const RequestId& id) {
    if (const auto* number = std::get_if<std::int64_t>(&id)) {
      out_ += ",\"id\":" + std::to_string(*number);
    } else {
      put_text("id", std::get<std::string>(id));
    }
  }

  void put_params(const Json& params) {
    if (params.is_null()) {
      out_ += R"(,"params":{})";
    } else if (params.is_object()) {
      put_json("params", params, depth_);
    } else {
      fail(invalid(describe(message_) + " has params that are no object"));
    }
  }

  void put_text(const char* name, const std::string& text) {
    put_name(name);
    if (write_json_text(text, out_)) return;
    const auto at = utf8::first_invalid_byte(text);
    fail(invalid(describe(message_) + " has a \"" + name + "\" that is not valid UTF-8 at byte " +
                 std::to_string(at.value_or(0))));
  }

  void put_json(const char* name, const Json& json, std::size_t depth) {
    if (fault_) return;
    put_name(name);
    if (write_json(json, depth, out_)) return;
    // What comes here is an error, but for the odd case that only the JSON library writes.
    if (json.is_discarded()) {
      fail(invalid(describe(message_) + " has a \"" + name + "\" that came from a failed parse"));
      return;
    }
    if (!within_depth(json, depth)) {
      fail(too_large(describe(message_) + " nests too deep in its \"" + name +
                     "\": " + std::to_string(depth) + " levels are left for it"));
      return;
    }
    try {
      out_ += json.dump();
    } catch (const Json::exception&) {
      const auto where = find_bad_text(json);
      fail(invalid(describe(message_) + " holds a string that is not valid UTF-8 in its \"" + name +
                   "\" at " + (where ? '"' + *where + '"' : std::string("an unknown place"))));
    }
  }

  void put_name(const char* name) { out_.append(",\"").append(name).append("\":"); }

  void fail(Error fault) {
    if (!fault_) fault_ = std::move(fault);
  }

  const RpcMessage& message_;
  std::size_t depth_;
  std::string out_;
  std::optional<Error> fault_;
};

/// `envelope`: the levels that a message stands in, its own object not counted.
Result<std::string> encode_inside(const RpcMessage& message, const MessageLimits& limits,
                                  std::size_t envelope) {
  const bool is_error = std::holds_alternative<ErrorResponse>(message);
  const std::size_t own_levels = envelope + (is_error ? 2 : 1);
  if (limits.max_depth < own_levels) {
    return too_large(describe(message) + " nests deeper than the limit of " +
                     std::to_string(limits.max_depth) + " levels");
  }
  return MessageWriter(message, limits.max_depth - envelope - 1).write();
}

}  // namespace

bool within_depth(const Json& json, std::size_t max_depth) {
  struct Open {
    const Json* json;
    std::size_t depth;
  };
  std::vector<Open> open;
  if (json.is_structured()) open.push_back({&json, 1});
  while (!open.empty()) {
    const Open next = open.back();
    open.pop_back();
    if (next.depth > max_depth) return false;
    for (const Json& child : *next.json) {
      if (child.is_structured()) open.push_back({&child, next.depth + 1});
    }
  }
  return true;
}

Result<std::string> encode(const RpcMessage& message, const MessageLimits& limits) {
  auto text = encode_inside(message, limits, 0);
  if (text && text->size() > limits.max_bytes) {
    return too_large(describe(message) + " is " + std::to_string(text->size()) +
                     " bytes long; the limit is " + std::to_string(limits.max_bytes));
  }
  return text;
}

Result<std::string> encode_batch(const std::vector<RpcMessage>& messages,
                                 const MessageLimits& limits) {
  if (messages.empty()) return invalid("a batch must not be empty");
  if (messages.size() > limits.max_batch) {
    return too_large("a batch of " + std::to_string(messages.size()) + " messages; the limit is " +
                     std::to_string(limits.max_batch));
  }
  std::string batch = "[";
  for (const RpcMessage& message : messages) {
    auto text = encode_inside(message, limits, 1);
    if (!text) return text;
    if (batch.size() > 1) batch += ',';
    batch += *text;
    if (batch.size() >= limits.max_bytes) {
      return too_large("the batch is longer than the limit of " + std::to_string(limits.max_bytes) +
                       " bytes");
    }
  }
  batch += ']';
  return batch;
}

}  // namespace mcp_mqtt::wire
