#pragma once

#include <map>
#include <string>

#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

/// Instances that are left alone for a while, by server-id, because they did not answer. An
/// instance that goes on not answering is left alone for longer: a ghost should not be asked often,
/// but the only instance of a service, which did not answer because our own link hung, soon again.
class AvoidedInstances {
 public:
  AvoidedInstances(Duration first, Duration longest) : first_(first), longest_(longest) {}

  /// It did not answer, once more.
  void avoid(const std::string& server_id, TimePoint now);
  /// For this long at least, which says nothing of the next time.
  void avoid_for(const std::string& server_id, Duration duration, TimePoint now);
  /// It gave a sign of life, or is gone.
  void forget(const std::string& server_id) { avoided_.erase(server_id); }
  void clear() { avoided_.clear(); }

  bool contains(const std::string& server_id, TimePoint now) const;
  /// The next time at which one may be asked again.
  Deadline next_deadline() const;
  /// Whether there are instances that may be asked again since the last call.
  bool on_time(TimePoint now);
  std::size_t size() const noexcept { return avoided_.size(); }

 private:
  struct Entry {
    Duration pause{};
    Deadline until;
  };

  Duration first_;
  Duration longest_;
  std::map<std::string, Entry> avoided_;
};

}  // namespace mcp_mqtt::engine
