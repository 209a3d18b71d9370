#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "mcp-mqtt/http/http_endpoint.hpp"

namespace mcp_mqtt::command_line {

struct HttpServerOptions {
  std::string host = "127.0.0.1";  ///< A name or an address; an IPv6 one without brackets.
  std::uint16_t port = 0;          ///< 0: any that is free.
  /// PEM files; both, or neither for plain HTTP.
  std::string certificate_file = {};
  std::string key_file = {};
  std::size_t body_bytes = 16U << 20;
  /// How long a read or a write of a connection may stand still.
  std::chrono::milliseconds read_within{10'000};
  /// Connections that are served at a time, each by a thread; more wait until one ends. Larger than
  /// EndpointOptions::streams, so that streams leave room for requests.
  std::size_t connections = 256;
};

/// The sockets in front of the endpoint.
class HttpServer {
 public:
  /// Listens. Throws Failure (`usage`) for an address or a certificate that cannot be used.
  HttpServer(HttpEndpoint& endpoint, const HttpServerOptions& options);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Ends what stop() did not end.
  ~HttpServer();

  std::uint16_t port() const noexcept;
  /// Takes no more connections, gives what is being written a moment, and cuts the rest. Waits for
  /// the threads. End the sessions before, so that streams end, too.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt::command_line
