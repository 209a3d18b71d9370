#include "mqtt/mosquitto/mosquitto_transport.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <thread>
#include <utility>

#include "mqtt/mosquitto/connection.hpp"
#include "mqtt/mosquitto/quiet_thread.hpp"

namespace mcp_mqtt::mqtt {

class MosquittoTransport::OwnLoop {
 public:
  OwnLoop()
      : context_(std::make_shared<asio::io_context>(1)),
        work_(context_->get_executor()),
        thread_(libmosquitto::start_quiet_thread([context = context_] { context->run(); })) {}
  OwnLoop(const OwnLoop&) = delete;
  OwnLoop& operator=(const OwnLoop&) = delete;
  ~OwnLoop() {
    context_->stop();
    // A transport is not destroyed inside its own callback; should it be, the thread keeps the loop
    // until the callback has returned.
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

  asio::any_io_executor executor() const { return context_->get_executor(); }

 private:
  std::shared_ptr<asio::io_context> context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

MosquittoTransport::MosquittoTransport()
    : own_loop_(std::make_unique<OwnLoop>()),
      connection_(std::make_shared<libmosquitto::Connection>(own_loop_->executor())) {}

MosquittoTransport::MosquittoTransport(asio::any_io_executor loop, std::function<bool()> on_loop)
    : connection_(std::make_shared<libmosquitto::Connection>(std::move(loop), std::move(on_loop))) {
}

MosquittoTransport::~MosquittoTransport() {
  connection_->close();
  // Before the loop, whose services its socket and timers use.
  connection_.reset();
}

void MosquittoTransport::connect(ConnectOptions options, ConnectionEvents events,
                                 ConnectCompletion done) {
  connection_->connect(std::move(options), std::move(events), std::move(done));
}

void MosquittoTransport::disconnect(Completion done) { connection_->disconnect(std::move(done)); }

void MosquittoTransport::subscribe(Subscription subscription, Completion done) {
  connection_->subscribe(std::move(subscription), std::move(done));
}

void MosquittoTransport::unsubscribe(std::string filter, Completion done) {
  connection_->unsubscribe(std::move(filter), std::move(done));
}

void MosquittoTransport::publish(Message message, Completion done) {
  connection_->publish(std::move(message), std::move(done));
}

std::shared_ptr<Transport> make_mosquitto_transport() {
  return std::make_shared<MosquittoTransport>();
}

std::shared_ptr<Transport> make_mosquitto_transport(asio::any_io_executor loop,
                                                    std::function<bool()> on_loop) {
  return std::make_shared<MosquittoTransport>(std::move(loop), std::move(on_loop));
}

}  // namespace mcp_mqtt::mqtt
