#include "mcp-mqtt/relay/merged_lists.hpp"

#include <optional>

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// Of one page for the host, which takes 16 MiB: a server with too long a list is left out.
constexpr std::size_t most_bytes = 12U << 20;

/// How long a server may take that holds up nobody.
constexpr auto leisure = 60s;

bool offers(const ClientSession& session, const std::string& list) {
  const ServerCapabilities capabilities = session.capabilities();
  if (list == "tools") return capabilities.tools;
  if (list == "prompts") return capabilities.prompts;
  if (list == "tasks") return capabilities.tasks_list;
  return capabilities.resources;
}

/// Where each server goes on: what finish() wrote. An empty object: from the beginning.
std::optional<Json> read_cursor(const Json& params) {
  const auto given = params.find("cursor");
  if (given == params.end()) return Json::object();
  if (!given->is_string()) return std::nullopt;
  Json cursor = Json::parse(given->get_ref<const std::string&>(), nullptr, false);
  if (!cursor.is_object() || cursor.empty()) return std::nullopt;
  return cursor;
}

}  // namespace

struct MergedLists::Gathering {
  RequestId id;
  std::string method;
  std::string list;
  std::size_t missing = 0;
  std::map<std::string, Json> entries = {};  // by prefix
  Json cursor = Json::object();
  std::vector<PendingCall> calls = {};
};

std::string MergedLists::list_of(const std::string& method) {
  if (method == "tools/list") return "tools";
  if (method == "prompts/list") return "prompts";
  if (method == "resources/list") return "resources";
  if (method == "resources/templates/list") return "resourceTemplates";
  if (method == "tasks/list") return "tasks";
  return {};
}

void MergedLists::ask(const wire::Request& request, const std::vector<Member>& members) {
  const auto cursor = read_cursor(request.params);
  if (!cursor) {
    host_.answer(request.id, rpc_error(error_code::invalid_params, "there is no such cursor"));
    return;
  }
  auto gathering = std::make_shared<Gathering>(
      Gathering{.id = request.id, .method = request.method, .list = list_of(request.method)});
  std::vector<std::pair<Member, Json>> asked;
  for (const Member& member : members) {
    const auto at = cursor->find(member.words->prefix());
    if (!cursor->empty() && at == cursor->end()) continue;
    if (!offers(member.session, gathering->list)) continue;
    asked.emplace_back(member, at == cursor->end() ? Json(nullptr) : *at);
  }
  // One more than there are: an answer may come before the next one is asked.
  gathering->missing = asked.size() + 1;
  {
    const std::lock_guard lock(mutex_);
    under_way_.insert_or_assign(request.id, gathering);
  }
  for (auto& [member, from] : asked) ask_one(gathering, member, std::move(from));
  const std::lock_guard lock(mutex_);
  if (--gathering->missing == 0) finish(*gathering);
}

void MergedLists::ask_one(const std::shared_ptr<Gathering>& gathering, const Member& member,
                          Json cursor) {
  const bool first = cursor.is_null();
  if (first) {
    std::optional<Json> page;
    {
      const std::lock_guard lock(mutex_);
      auto late = late_.extract({member.words->prefix(), gathering->method});
      if (!late.empty()) page = std::move(late.mapped());
    }
    if (page) return came(gathering, member, first, *std::move(page));
  }
  CallOptions options;
  options.timeout = timeout_;
  options.idempotent = true;
  PendingCall call = member.session.async_request(
      gathering->method, first ? Json::object() : Json{{"cursor", std::move(cursor)}}, options,
      [this, gathering, member, first](Result<Json> page) {
        came(gathering, member, first, std::move(page));
      });
  const std::lock_guard lock(mutex_);
  gathering->calls.push_back(std::move(call));
}

void MergedLists::came(const std::shared_ptr<Gathering>& gathering, const Member& member,
                       bool first, Result<Json> page) {
  const std::string& prefix = member.words->prefix();
  std::string missed;
  if (!page) {
    missed = page.error().message;
  } else if (!page->is_object() || !page->contains(gathering->list) ||
             !page->at(gathering->list).is_array()) {
    missed = "its answer has no " + gathering->list;
  }
  const bool late = !page && (page.error().kind == ErrorKind::timeout ||
                              page.error().kind == ErrorKind::not_connected);
  const bool cancelled = !page && page.error().kind == ErrorKind::cancelled;
  if (!missed.empty() && !cancelled) {
    events_.note(member.words->server_name() + " is left out of " + gathering->method + ": " +
                 missed);
  }
  {
    const std::lock_guard lock(mutex_);
    if (missed.empty()) {
      gathering->entries[prefix] =
          member.words->entries_for_host(gathering->list, std::move(page->at(gathering->list)));
      const auto next = page->find("nextCursor");
      if (next != page->end() && !next->is_null()) gathering->cursor[prefix] = *next;
    }
    if (--gathering->missing == 0) finish(*gathering);
  }
  if (late && first) ask_at_leisure(gathering->method, member);
}

/// Asks a slow server once more, and lets the host look again when it has answered.
void MergedLists::ask_at_leisure(const std::string& method, const Member& member) {
  const Key key{member.words->prefix(), method};
  {
    const std::lock_guard lock(mutex_);
    if (!awaited_.insert(key).second) return;
  }
  CallOptions options;
  options.timeout = leisure;
  options.idempotent = true;
  member.session.async_request(method, Json::object(), options, [this, key](Result<Json> page) {
    {
      const std::lock_guard lock(mutex_);
      const bool wanted = awaited_.erase(key) != 0;
      if (!wanted || !page) return;
      late_.insert_or_assign(key, *std::move(page));
    }
    events_.changed(key.second);
  });
}

// Under the lock.
void MergedLists::finish(Gathering& gathering) {
  const auto mine = under_way_.find(gathering.id);
  if (mine == under_way_.end() || mine->second.get() != &gathering) return;  // cancelled
  const auto kept = std::move(mine->second);
  under_way_.erase(mine);
  Json all = Json::array();
  std::size_t bytes = 0;
  for (auto& [prefix, entries] : gathering.entries) {
    const std::size_t size = entries.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    if (bytes + size > most_bytes) {
      events_.note(prefix + " is left out of " + gathering.method + ": together they are too long");
      continue;
    }
    bytes += size;
    for (Json& entry : entries) all.push_back(std::move(entry));
  }
  Json result{{gathering.list, std::move(all)}};
  if (!gathering.cursor.empty()) {
    result["nextCursor"] = gathering.cursor.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  host_.answer(gathering.id, std::move(result));
}

bool MergedLists::cancel(const RequestId& id) {
  std::vector<PendingCall> calls;
  {
    const std::lock_guard lock(mutex_);
    const auto found = under_way_.extract(id);
    if (found.empty()) return false;
    calls = found.mapped()->calls;
  }
  for (const PendingCall& call : calls) call.cancel();
  return true;
}

void MergedLists::forget(const std::string& prefix) {
  const std::lock_guard lock(mutex_);
  std::erase_if(late_, [&](const auto& item) { return item.first.first == prefix; });
  std::erase_if(awaited_, [&](const Key& key) { return key.first == prefix; });
}

}  // namespace mcp_mqtt::command_line
