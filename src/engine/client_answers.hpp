#pragma once

#include <memory>
#include <vector>

#include "engine/client_sender.hpp"
#include "engine/client_shared.hpp"
#include "engine/handler_runs.hpp"
#include "engine/task_store.hpp"

namespace mcp_mqtt::engine {

/// The requests of one server to its client: which handler runs for them, and the answers. Also the
/// tasks that the server made of them (2025-11-25).
class ClientAnswers {
 public:
  ClientAnswers(ClientShared& shared, SessionNumber session, ClientSender& sender)
      : shared_(shared),
        session_(session),
        sender_(sender),
        tasks_(shared.config.task_limits, &shared.task_results) {}

  /// A request of an open session. `ping` is not for here.
  void on_request(const wire::Request& request, const std::shared_ptr<AnswerBatch>& batch,
                  Revision revision, TimePoint now);
  /// `notifications/cancelled`.
  void on_cancelled(const Json& params);
  bool in_flight(const RequestId& id) const { return runs_.in_flight(id); }

  /// What the handler of `call` came to.
  void finish(CallNumber call, Result<Json> outcome, TimePoint now);
  void report_progress(CallNumber call, const Progress& progress, Revision revision);

  void on_time(TimePoint now);
  Deadline next_deadline() const { return tasks_.next_deadline(); }
  /// The session is over: what runs is cancelled, nothing is answered.
  void close();

 private:
  using Batch = std::shared_ptr<AnswerBatch>;

  void run(const wire::Request& request, HostRequest ask, const Batch& batch, Revision revision,
           TimePoint now);
  bool on_task_request(const wire::Request& request, const Batch& batch, TimePoint now);
  void wait_for_result(const wire::Request& request, const Batch& batch, TimePoint now);
  void stop_task(TaskStore::Cancelled cancelled);
  void answer_waiting(const std::vector<CallNumber>& waiting, const Result<Json>& result);
  void answer_run(const HandlerRun& run, Result<Json> outcome);
  bool has_tasks(Revision revision) const;
  bool is_busy() const;

  ClientShared& shared_;
  SessionNumber session_;
  ClientSender& sender_;
  HandlerRuns runs_;
  TaskStore tasks_;
};

}  // namespace mcp_mqtt::engine
