#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/json.hpp>

#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// One whole reply.
struct HttpAnswer {
  int status = 0;  ///< 0: there was none; `body` says why.
  std::map<std::string, std::string> headers;
  std::string body;

  Json json() const { return Json::parse(body, nullptr, false); }
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
  /// The messages: of a stream its events, otherwise the body.
  std::vector<Json> messages() const;
};

/// A reply that comes bit by bit. The destructor closes its connection.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// Waits for the head of the reply.
  virtual int status() = 0;
  /// The next message; null when the stream ends before, or at the test's deadline.
  virtual Json next() = 0;
  /// Waits for the end; false at the deadline.
  virtual bool wait_for_end() = 0;
};

/// A host that speaks Streamable HTTP in the plainest way: each request over a connection of its
/// own. Any thread.
class HttpHost {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// `url` as the gateway prints it; the certificate of https:// is not checked, except against
  /// `ca_file`.
  explicit HttpHost(const std::string& url, std::string ca_file = {});

  /// Headers for all requests.
  Headers& headers() { return headers_; }
  const std::string& session() const { return session_; }

  HttpAnswer post(const std::string& body, const Headers& more = {}) const;
  HttpAnswer send(const std::string& method, const std::string& body = {},
                  const Headers& more = {}) const;
  /// initialize and notifications/initialized; then all requests belong to the session. The result.
  Json begin(const Json& capabilities = Json::object(), const std::string& revision = "2025-11-25");
  /// A request's messages, up to its answer.
  std::vector<Json> ask(int id, const std::string& method, const Json& params) const;

  std::unique_ptr<HttpStream> post_stream(const std::string& body) const;
  std::unique_ptr<HttpStream> get_stream(const std::string& last_event = {}) const;

 private:
  Headers all_headers(const Headers& more) const;

  std::string origin_;
  std::string path_;
  std::string ca_file_;
  Headers headers_;
  std::string session_;
};

}  // namespace mcp_mqtt::test
