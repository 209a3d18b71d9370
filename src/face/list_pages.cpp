#include "face/list_pages.hpp"

#include "ground/logging.hpp"

namespace mcp_mqtt::face {

PendingCall PageWalk::start(std::shared_ptr<const SessionLink> link, ListMethod list,
                            const CallOptions& options, Take take, Done done) {
  const std::shared_ptr<PageWalk> walk(
      new PageWalk(std::move(link), std::move(list), options, std::move(take), std::move(done)));
  walk->control_->watch(options.stop);
  auto call = pending(walk->control_);
  walk->next(nullptr);
  return call;
}

void PageWalk::next(const Json& cursor) {
  if (control_->cancelled()) {
    finish(Error{ErrorKind::cancelled, 0, list_.method + " was cancelled", nullptr});
    return;
  }
  Json params = Json::object();
  if (!cursor.is_null()) params["cursor"] = cursor;
  link_->request(list_.method, std::move(params), options_, control_,
                 [self = shared_from_this()](Result<Json> page) {
                   if (page) {
                     self->on_page(*page);
                   } else {
                     self->finish(std::move(page).error());
                   }
                 });
}

const Json* PageWalk::items_of(const Json& page) const {
  if (!page.is_object()) return nullptr;
  for (const std::string& member : list_.members) {
    const auto items = page.find(member);
    if (items != page.end() && items->is_array()) return &*items;
  }
  return nullptr;
}

void PageWalk::on_page(const Json& page) {
  const Json* items = items_of(page);
  if (items == nullptr) return fail("there is no array of items in the result");
  items_ += items->size();
  if (items_ > max_items) return fail("the list is beyond all measure");
  for (const Json& item : *items) {
    if (const auto taken = take_(item); !taken) {
      log::peer(LogLevel::warning, "{}: {} is left out", list_.method, taken.error().message);
    }
  }
  const auto cursor = page.find("nextCursor");
  if (cursor == page.end() || cursor->is_null() || *cursor == "") {
    finish({});
  } else if (!cursor->is_string() && !cursor->is_number_integer()) {
    fail("'nextCursor' is no string");
  } else if (cursor->is_string() &&
             cursor->get_ref<const std::string&>().size() > max_cursor_bytes) {
    fail("a cursor is beyond all measure");
  } else if (!cursors_.insert(cursor->dump()).second || ++pages_ >= max_pages) {
    fail("the server's cursors never end");
  } else {
    next(*cursor);
  }
}

void PageWalk::fail(const char* what) {
  finish(Error{ErrorKind::protocol_violation, 0, list_.method + ": " + what, nullptr});
}

void PageWalk::finish(Result<void> outcome) {
  control_->finish();
  done_(std::move(outcome));
}

}  // namespace mcp_mqtt::face
