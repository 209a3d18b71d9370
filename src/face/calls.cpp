#include "face/calls.hpp"

#include "runtime/progress_queue.hpp"

namespace mcp_mqtt::face {

void refuse_to_block(runtime::Requester& requester) {
  if (requester.loop().on_loop()) {
    throw McpError({ErrorKind::invalid_argument, 0,
                    "a blocking call on the library's own thread would wait for itself", nullptr});
  }
}

CallOptions progress_on_worker(std::shared_ptr<const RequesterGate> gate, CallOptions options) {
  if (!options.on_progress) return options;
  auto queue = std::make_shared<runtime::ProgressQueue>();
  options.on_progress = [gate = std::move(gate), callback = std::move(options.on_progress),
                         queue](const Progress& progress) {
    if (!queue->push(progress)) return;
    call_back(*gate, [callback, queue] {
      for (const Progress& one : queue->take()) callback(one);
    });
  };
  return options;
}

}  // namespace mcp_mqtt::face
