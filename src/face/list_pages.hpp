#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "face/session_link.hpp"

namespace mcp_mqtt::face {

/// A list that comes in pages.
struct ListMethod {
  std::string method;
  /// Where a page has its items: the specification's name, and others seen in the field.
  std::vector<std::string> members;
};

/// Walks the pages of a list. Bounded: a server whose cursors never end, or repeat, or whose list
/// is beyond all measure, gets an error instead of an endless loop.
class PageWalk : public std::enable_shared_from_this<PageWalk> {
 public:
  /// Takes an item; an error leaves it out, with a warning.
  using Take = std::function<Result<void>(const Json& item)>;
  using Done = std::function<void(Result<void>)>;

  static constexpr int max_pages = 1'000;
  static constexpr std::size_t max_items = 100'000;
  static constexpr std::size_t max_cursor_bytes = 64U << 10;

  static PendingCall start(std::shared_ptr<const SessionLink> link, ListMethod list,
                           const CallOptions& options, Take take, Done done);

 private:
  PageWalk(std::shared_ptr<const SessionLink> link, ListMethod list, CallOptions options, Take take,
           Done done)
      : link_(std::move(link)),
        list_(std::move(list)),
        options_(std::move(options)),
        take_(std::move(take)),
        done_(std::move(done)),
        control_(std::make_shared<CallControl>(link_->gate())) {}

  void next(const Json& cursor);
  void on_page(const Json& page);
  const Json* items_of(const Json& page) const;
  void fail(const char* what);
  void finish(Result<void> outcome);

  std::shared_ptr<const SessionLink> link_;
  ListMethod list_;
  CallOptions options_;
  Take take_;
  Done done_;
  std::shared_ptr<CallControl> control_;
  std::set<std::string> cursors_;
  int pages_ = 0;
  std::size_t items_ = 0;
};

/// All items of a list; `read` makes the Result<T> of one. `done` on the loop.
template <class T, class Read>
PendingCall start_list(std::shared_ptr<const SessionLink> link, ListMethod list,
                       const CallOptions& options, Read read,
                       std::function<void(Result<std::vector<T>>)> done) {
  auto items = std::make_shared<std::vector<T>>();
  return PageWalk::start(
      std::move(link), std::move(list), options,
      [items, read](const Json& json) -> Result<void> {
        auto item = read(json);
        if (!item) return std::move(item).error();
        items->push_back(*std::move(item));
        return {};
      },
      [items, done = std::move(done)](Result<void> outcome) {
        if (outcome) {
          done(std::move(*items));
        } else {
          done(std::move(outcome).error());
        }
      });
}

}  // namespace mcp_mqtt::face
