#include "mcp-mqtt/http/http_server.hpp"

#include <atomic>
#include <httplib.h>
#include <sys/socket.h>
#include <thread>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/http/connection_threads.hpp"
#include "mcp-mqtt/http/http_error.hpp"
#include "mcp-mqtt/http/server_connections.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// How often a stream looks whether its client is still there.
constexpr auto look = 200ms;

/// httplib owns what it is given here, and the server lets go of it before.
class QueueOfThreads : public httplib::TaskQueue {
 public:
  explicit QueueOfThreads(std::shared_ptr<ConnectionThreads> threads)
      : threads_(std::move(threads)) {}
  void enqueue(std::function<void()> work) override { threads_->enqueue(std::move(work)); }
  void shutdown() override { threads_->shutdown(); }

 private:
  std::shared_ptr<ConnectionThreads> threads_;
};

HttpRequest request_of(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  request.path = from.path;
  for (const auto& [name, value] : from.headers) request.headers.emplace_back(name, value);
  return request;
}

void stream_events(httplib::Response& to, std::shared_ptr<EventReader> reader) {
  to.set_chunked_content_provider(
      "text/event-stream", [reader = std::move(reader)](std::size_t, httplib::DataSink& sink) {
        const auto text = reader->read(look);
        if (!text) {
          sink.done();
          return true;
        }
        if (text->empty()) return sink.is_writable();
        return sink.write(text->data(), text->size());
      });
}

void write_reply(HttpReply reply, httplib::Response& to) {
  to.status = reply.status;
  for (const auto& [name, value] : reply.headers) to.set_header(name, value);
  if (reply.events) return stream_events(to, std::move(reply.events));
  if (!reply.body.empty()) to.set_content(reply.body, reply.content_type);
}

/// A reply after which the connection ends, since the request was not read to its end. A body
/// without a length is how httplib can be told.
void write_last_reply(const HttpReply& reply, httplib::Response& to) {
  to.status = reply.status;
  to.set_header("Connection", "close");
  to.set_content_provider(reply.content_type,
                          [body = reply.body](std::size_t, httplib::DataSink& sink) {
                            sink.write(body.data(), body.size());
                            return false;
                          });
}

struct Body {
  std::string text;
  bool too_large = false;
  bool broken = false;
};

/// Reads the body to its end, so that the next request begins where it should, except for one that
/// turns out too large: it may be a small one that unpacks to a huge one.
Body read_body(const httplib::Request& request, const httplib::ContentReader& read, bool wanted,
               std::size_t most) {
  Body body;
  std::size_t total = 0;
  const auto take = [&](const char* data, std::size_t size) {
    total += size;
    if (total > most) body.too_large = true;
    if (wanted && !body.too_large) body.text.append(data, size);
    return !body.too_large;
  };
  const bool whole = request.is_multipart_form_data()
                         ? read([](const httplib::MultipartFormData&) { return true; }, take)
                         : read(take);
  body.broken = !whole;
  return body;
}

void set_listening_options(socket_t listening) {
  const int on = 1;
  // Without SO_REUSEPORT, which httplib sets: two gateways must not share a port by accident.
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpEndpoint& endpoint, const HttpServerOptions& options)
      : endpoint_(endpoint), body_bytes_(options.body_bytes) {
    threads_ = std::make_shared<ConnectionThreads>(options.connections);
    if (options.certificate_file.empty()) {
      server_ = std::make_unique<httplib::Server>();
    } else {
      server_ = std::make_unique<httplib::SSLServer>(options.certificate_file.c_str(),
                                                     options.key_file.c_str());
    }
    if (!server_->is_valid()) {
      throw Failure(ExitCode::usage, "cannot use the certificate '" + options.certificate_file +
                                         "' with the key '" + options.key_file +
                                         "': PEM files that belong together are needed");
    }
    set_up(options.read_within);
    listen(options);
  }

  ~Impl() { stop(); }

  std::uint16_t port() const noexcept { return port_; }

  void stop() {
    if (!listener_.joinable()) return;
    threads_->let_go();
    server_->stop();
    for (int step = 0; step < 30 && !ended_.load(); ++step) std::this_thread::sleep_for(10ms);
    // Again and again: those that were accepted last may come after a look.
    while (!ended_.load()) {
      shut_down_connections(port_);
      std::this_thread::sleep_for(10ms);
    }
    listener_.join();
  }

 private:
  void set_up(std::chrono::milliseconds within) {
    server_->new_task_queue = [threads = threads_] { return new QueueOfThreads(threads); };
    server_->set_tcp_nodelay(true);
    server_->set_socket_options(set_listening_options);
    server_->set_keep_alive_max_count(1'000);
    server_->set_keep_alive_timeout(5);
    server_->set_read_timeout(within);
    server_->set_write_timeout(within);
    server_->set_payload_max_length(body_bytes_);
    const auto with_body = [this](const httplib::Request& request, httplib::Response& response,
                                  const httplib::ContentReader& read) {
      answer_with_body(request, response, read);
    };
    const auto without = [this](const httplib::Request& request, httplib::Response& response) {
      write_reply(endpoint_.handle(request_of(request)), response);
    };
    constexpr const char* any_path = R"([\s\S]*)";
    server_->Post(any_path, with_body);
    server_->Put(any_path, with_body);
    server_->Patch(any_path, with_body);
    server_->Delete(any_path, with_body);
    server_->Get(any_path, without);
    server_->Options(any_path, without);
    server_->set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
          write_reply(error_reply(500, error_code::internal_error, "the gateway failed"), response);
        });
  }

  void answer_with_body(const httplib::Request& from, httplib::Response& response,
                        const httplib::ContentReader& read) {
    HttpRequest request = request_of(from);
    auto refusal = endpoint_.refuse(request);
    const bool wanted = !refusal && request.method == "POST";
    Body body = read_body(from, read, wanted, body_bytes_);
    const bool skipped = response.status == 413;
    if (!refusal && (body.too_large || skipped)) {
      refusal = error_reply(413, error_code::invalid_request,
                            "the body is larger than " + std::to_string(body_bytes_) + " bytes");
    }
    if (body.too_large) return write_last_reply(*refusal, response);
    if (refusal) return write_reply(std::move(*refusal), response);
    if (body.broken) {
      return write_reply(
          error_reply(400, error_code::parse_error, "the body could not be read to its end"),
          response);
    }
    request.body = std::move(body.text);
    write_reply(endpoint_.handle(request), response);
  }

  void listen(const HttpServerOptions& options) {
    const int port = options.port == 0
                         ? server_->bind_to_any_port(options.host)
                         : (server_->bind_to_port(options.host, options.port) ? options.port : -1);
    if (port <= 0) {
      throw Failure(ExitCode::usage, "cannot listen on " + options.host + ":" +
                                         std::to_string(options.port) +
                                         ": the port is taken, or the address is not of this "
                                         "machine (--listen HOST:PORT)");
    }
    port_ = static_cast<std::uint16_t>(port);
    listener_ = std::thread([this] {
      server_->listen_after_bind();
      ended_ = true;
    });
    // A server that does not run yet cannot be stopped.
    while (!server_->is_running() && !ended_.load()) std::this_thread::sleep_for(1ms);
  }

  HttpEndpoint& endpoint_;
  const std::size_t body_bytes_;
  std::shared_ptr<ConnectionThreads> threads_;
  std::unique_ptr<httplib::Server> server_;
  std::thread listener_;
  std::atomic<bool> ended_{false};
  std::uint16_t port_ = 0;
};

HttpServer::HttpServer(HttpEndpoint& endpoint, const HttpServerOptions& options)
    : impl_(std::make_unique<Impl>(endpoint, options)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const noexcept { return impl_->port(); }

void HttpServer::stop() { impl_->stop(); }

}  // namespace mcp_mqtt::command_line
