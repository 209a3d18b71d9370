#include "command_line/http/http_host.hpp"

#include <algorithm>
#include <atomic>
#include <httplib.h>
#include <thread>

namespace mcp_mqtt::test {
namespace {

/// Takes the whole events off the front of `text`; the JSON of their data.
std::vector<Json> take_events(std::string& text) {
  std::vector<Json> out;
  std::size_t begin = 0;
  for (std::size_t end = text.find("\n\n"); end != std::string::npos;
       end = text.find("\n\n", begin)) {
    const std::string event = text.substr(begin, end + 1 - begin);
    begin = end + 2;
    const std::size_t data = event.find("data: ");
    if (data == std::string::npos) continue;
    const std::size_t line_end = event.find('\n', data);
    const std::string json = event.substr(data + 6, line_end - data - 6);
    if (!json.empty()) out.push_back(Json::parse(json, nullptr, false));
  }
  text.erase(0, begin);
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

void prepare(httplib::Client& client, const std::string& ca_file) {
  client.set_read_timeout(patience);
  client.set_connection_timeout(patience);
  client.set_address_family(AF_INET);
  if (ca_file.empty()) {
    client.enable_server_certificate_verification(false);
  } else {
    client.set_ca_cert_path(ca_file.c_str());
  }
}

httplib::Request to_request(const std::string& method, const std::string& path,
                            const HttpHost::Headers& headers, const std::string& body) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  for (const auto& [name, value] : headers) request.headers.emplace(name, value);
  return request;
}

class Stream : public HttpStream {
 public:
  Stream(const std::string& origin, const std::string& ca_file, httplib::Request request)
      : client_(origin), request_(std::move(request)) {
    prepare(client_, ca_file);
    request_.response_handler = [this](const httplib::Response& response) {
      status_.push(response.status);
      return true;
    };
    request_.content_receiver = [this](const char* data, std::size_t size, std::uint64_t,
                                       std::uint64_t) {
      text_.append(data, size);
      for (Json& message : take_events(text_)) messages_.push(std::move(message));
      return !closing_.load();
    };
    thread_ = std::thread([this] {
      client_.send(request_);
      status_.push(0);
      ended_.push(true);
      messages_.push(nullptr);
    });
  }
  ~Stream() override {
    closing_ = true;
    // The connection may just be being made: stop() has nothing to close then.
    while (ended_.size() == 0) {
      client_.stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    thread_.join();
  }

  int status() override {
    const auto known = status_.wait_for([](int) { return true; });
    return known.value_or(0);
  }
  Json next() override { return messages_.take().value_or(Json(nullptr)); }
  bool wait_for_end() override { return ended_.wait_for_count(1); }

 private:
  httplib::Client client_;
  httplib::Request request_;
  std::string text_;
  EventLog<int> status_;
  EventLog<Json> messages_;
  EventLog<bool> ended_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

}  // namespace

std::vector<Json> HttpAnswer::messages() const {
  if (header("content-type") != "text/event-stream") return {json()};
  std::string text = body;
  return take_events(text);
}

HttpHost::HttpHost(const std::string& url, std::string ca_file) : ca_file_(std::move(ca_file)) {
  const std::size_t path = url.find('/', url.find("://") + 3);
  origin_ = url.substr(0, path);
  path_ = url.substr(path);
}

HttpHost::Headers HttpHost::all_headers(const Headers& more) const {
  Headers all = headers_;
  if (!session_.empty()) all.emplace_back("Mcp-Session-Id", session_);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

HttpAnswer HttpHost::send(const std::string& method, const std::string& body,
                          const Headers& more) const {
  httplib::Client client(origin_);
  prepare(client, ca_file_);
  const auto result = client.send(to_request(method, path_, all_headers(more), body));
  HttpAnswer answer;
  if (!result) {
    answer.body = httplib::to_string(result.error());
    return answer;
  }
  answer.status = result->status;
  answer.body = result->body;
  for (const auto& [name, value] : result->headers) answer.headers[lower(name)] = value;
  return answer;
}

HttpAnswer HttpHost::post(const std::string& body, const Headers& more) const {
  Headers headers{{"Content-Type", "application/json"},
                  {"Accept", "application/json, text/event-stream"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return send("POST", body, headers);
}

Json HttpHost::begin(const Json& capabilities, const std::string& revision) {
  session_.clear();
  const Json request{{"jsonrpc", "2.0"},
                     {"id", 0},
                     {"method", "initialize"},
                     {"params",
                      {{"protocolVersion", revision},
                       {"capabilities", capabilities},
                       {"clientInfo", {{"name", "host"}, {"version", "1"}}}}}};
  const HttpAnswer answer = post(request.dump());
  session_ = answer.header("mcp-session-id");
  if (session_.empty()) return answer.json();
  post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  return answer.json()["result"];
}

std::vector<Json> HttpHost::ask(int id, const std::string& method, const Json& params) const {
  const Json request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
  return post(request.dump()).messages();
}

std::unique_ptr<HttpStream> HttpHost::post_stream(const std::string& body) const {
  return std::make_unique<Stream>(
      origin_, ca_file_,
      to_request("POST", path_,
                 all_headers({{"Content-Type", "application/json"},
                              {"Accept", "application/json, text/event-stream"}}),
                 body));
}

std::unique_ptr<HttpStream> HttpHost::get_stream(const std::string& last_event) const {
  Headers headers{{"Accept", "text/event-stream"}};
  if (!last_event.empty()) headers.emplace_back("Last-Event-ID", last_event);
  return std::make_unique<Stream>(origin_, ca_file_,
                                  to_request("GET", path_, all_headers(headers), {}));
}

}  // namespace mcp_mqtt::test
