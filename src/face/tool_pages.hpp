#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "face/session_impl.hpp"

namespace mcp_mqtt::face {

/// Walks the pages of tools/list. Bounded: a server whose cursors never end, or repeat, gets an
/// error instead of an endless loop.
class ToolPages : public std::enable_shared_from_this<ToolPages> {
 public:
  using Done = std::function<void(Result<std::vector<Tool>>)>;

  static void walk(std::shared_ptr<ClientSession::Impl> session, const CallOptions& options,
                   std::shared_ptr<CallControl> control, Done done);

 private:
  ToolPages(std::shared_ptr<ClientSession::Impl> session, CallOptions options,
            std::shared_ptr<CallControl> control, Done done)
      : session_(std::move(session)),
        options_(std::move(options)),
        control_(std::move(control)),
        done_(std::move(done)) {}

  void next(const Json& cursor);
  void on_page(const Json& page);
  void finish(Result<std::vector<Tool>> outcome);

  std::shared_ptr<ClientSession::Impl> session_;
  CallOptions options_;
  std::shared_ptr<CallControl> control_;
  Done done_;
  std::vector<Tool> tools_;
  int pages_ = 0;
  Json cursor_;
};

}  // namespace mcp_mqtt::face
