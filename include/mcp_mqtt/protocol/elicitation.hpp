#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

// What may be said of the fields of a form.
struct ElicitText {
  std::string title = {};
  std::string description = {};
  bool required = false;
  std::optional<std::string> default_value = {};
  std::optional<std::size_t> min_length = {};  ///< Characters.
  std::optional<std::size_t> max_length = {};
  std::string format = {};  ///< "email", "uri", "date" or "date-time"; empty: any text.
};
struct ElicitNumber {
  std::string title = {};
  std::string description = {};
  bool required = false;
  std::optional<double> default_value = {};
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
};
struct ElicitBoolean {
  std::string title = {};
  std::string description = {};
  bool required = false;
  std::optional<bool> default_value = {};
};
struct ElicitChoice {
  std::string title = {};
  std::string description = {};
  bool required = false;
  std::optional<std::string> default_value = {};
};
struct ElicitChoices {
  std::string title = {};
  std::string description = {};
  bool required = false;
  std::optional<std::vector<std::string>> default_value = {};
  std::optional<std::size_t> min_items = {};
  std::optional<std::size_t> max_items = {};
};
/// A value to choose, and what people read for it; an empty title: the value itself.
struct ElicitOption {
  ElicitOption(const char* choice) : value(choice) {}
  ElicitOption(std::string choice) : value(std::move(choice)) {}
  ElicitOption(std::string choice, std::string text)
      : value(std::move(choice)), title(std::move(text)) {}
  std::string value;
  std::string title = {};
};

/// The form of an elicitation: a flat JSON Schema, field by field.
///     ElicitForm().text("name", {.title = "Your name", .default_value = "Jo"})
///                 .choice("size", {{"s", "Small"}, {"l", "Large"}}, {.required = true})
/// Defaults, titled and multiple choices came with 2025-11-25; an older peer gets what its revision
/// has (`enumNames`, no default but of a boolean).
class ElicitForm {
 public:
  ElicitForm& text(std::string name, ElicitText field = {});
  ElicitForm& number(std::string name, ElicitNumber field = {});
  ElicitForm& integer(std::string name, ElicitNumber field = {});
  ElicitForm& boolean(std::string name, ElicitBoolean field = {});
  /// One of the options.
  ElicitForm& choice(std::string name, std::vector<ElicitOption> options, ElicitChoice field = {});
  /// Any number of the options (since 2025-11-25).
  ElicitForm& choices(std::string name, std::vector<ElicitOption> options,
                      ElicitChoices field = {});

  /// The schema of 2025-11-25; `requestedSchema` of older revisions is made of it on the wire.
  const Json& schema() const noexcept { return schema_; }

 private:
  ElicitForm& add(std::string name, Json property, bool required);

  Json schema_ = {{"type", "object"}, {"properties", Json::object()}};
};

/// The params of `elicitation/create`: a form, or an URL that the user is asked to open (since
/// 2025-11-25). Never ask for secrets in a form; send the user to an URL for them.
struct ElicitRequest {
  std::string message;
  Json requested_schema = nullptr;  ///< Of a form; ElicitForm makes one.
  std::string url = {};             ///< Set: url mode.
  std::string elicitation_id = {};  ///< Of url mode: unique at the server.
  Json meta = nullptr;              ///< `_meta`; null: none.

  bool is_url() const noexcept { return !url.empty(); }

  bool operator==(const ElicitRequest&) const = default;
};

ElicitRequest elicit_form(std::string message, const ElicitForm& form);
ElicitRequest elicit_url(std::string message, std::string url, std::string elicitation_id);

/// `unsupported` for what the revision has no form for: url mode, multiple choices.
Result<Json> to_json(const ElicitRequest& request, Revision revision);
/// -32602 with what is wrong.
Result<ElicitRequest> elicit_request_from_json(const Json& params);

enum class ElicitAction { accept, decline, cancel };

struct ElicitResult {
  ElicitAction action = ElicitAction::accept;
  /// The filled-in form of an accepted form: an object; null otherwise.
  Json content = nullptr;
  Json meta = nullptr;

  bool accepted() const noexcept { return action == ElicitAction::accept; }

  bool operator==(const ElicitResult&) const = default;
};

/// `content` with the defaults of the form where fields are missing: what a client does that
/// supports them, and what a host calls that shows no form at all.
Json with_form_defaults(const ElicitRequest& request, Json content);

Json to_json(const ElicitResult& result);
Result<ElicitResult> elicit_result_from_json(const Json& json);

/// The error -32042 that ends a request which needs these URLs opened first; a handler throws it
/// as McpError (since 2025-11-25; older clients get its message alone).
Error url_elicitation_required(const std::vector<ElicitRequest>& elicitations,
                               std::string message = {});
/// The elicitations of such an error; empty where it is none.
std::vector<ElicitRequest> required_elicitations(const Error& error);

}  // namespace mcp_mqtt
