#include "face/tool_pages.hpp"

#include <utility>

#include "ground/logging.hpp"

namespace mcp_mqtt::face {
namespace {

constexpr int max_pages = 1'000;

Error violation(const char* message) {
  return {ErrorKind::protocol_violation, 0, message, nullptr};
}

}  // namespace

void ToolPages::walk(std::shared_ptr<ClientSession::Impl> session, const CallOptions& options,
                     std::shared_ptr<CallControl> control, Done done) {
  std::shared_ptr<ToolPages>(
      new ToolPages(std::move(session), options, std::move(control), std::move(done)))
      ->next(nullptr);
}

void ToolPages::next(const Json& cursor) {
  if (control_->cancelled()) {
    finish(Error{ErrorKind::cancelled, 0, "tools/list was cancelled", nullptr});
    return;
  }
  Json params = Json::object();
  if (!cursor.is_null()) params["cursor"] = cursor;
  cursor_ = cursor;
  session_->request("tools/list", std::move(params), options_, control_,
                    [self = shared_from_this()](Result<Json> page) {
                      if (page) {
                        self->on_page(*page);
                      } else {
                        self->finish(std::move(page).error());
                      }
                    });
}

void ToolPages::on_page(const Json& page) {
  const auto tools = page.is_object() ? page.find("tools") : page.end();
  if (tools == page.end() || !tools->is_array()) {
    finish(violation("a tools/list result without an array 'tools'"));
    return;
  }
  for (const Json& item : *tools) {
    auto tool = tool_from_json(item);
    if (tool) {
      tools_.push_back(*std::move(tool));
    } else {
      log::warning("tools/list: {} is left out", tool.error().message);
    }
  }
  const auto cursor = page.find("nextCursor");
  if (cursor == page.end() || cursor->is_null()) {
    finish(std::move(tools_));
  } else if (!cursor->is_string() && !cursor->is_number_integer()) {
    finish(violation("a tools/list result whose 'nextCursor' is no string"));
  } else if (*cursor == cursor_ || ++pages_ >= max_pages) {
    finish(violation("tools/list: the server's cursors never end"));
  } else {
    next(*cursor);
  }
}

void ToolPages::finish(Result<std::vector<Tool>> outcome) {
  control_->finish();
  done_(std::move(outcome));
}

}  // namespace mcp_mqtt::face
