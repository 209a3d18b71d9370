#include "support/mosquitto_broker.hpp"

#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "support/loopback_ports.hpp"

namespace mcp_mqtt::test {
namespace {

constexpr std::chrono::seconds start_deadline{15};

bool accepts_connections(std::uint16_t port) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected =
      ::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(handle);
  return connected;
}

std::string listener(std::uint16_t port) {
  return "listener " + std::to_string(port) + " 127.0.0.1\n";
}

std::string tls_lines(const Certificate& certificate, const std::string& client_ca_file) {
  std::string out =
      "certfile " + certificate.certificate_file + "\nkeyfile " + certificate.key_file + "\n";
  if (!client_ca_file.empty()) {
    out += "cafile " + client_ca_file + "\nrequire_certificate true\n";
  }
  return out;
}

}  // namespace

bool MosquittoBroker::available() { return !find_program("mosquitto").empty(); }

MosquittoBroker::MosquittoBroker(MosquittoOptions options) : options_(std::move(options)) {
  if (!options_.acl.empty()) directory_.write("acl", options_.acl);
  if (!options_.passwords.empty()) {
    const std::string file = directory_.write("passwords", "");
    for (const auto& [user, password] : options_.passwords) {
      run({"mosquitto_passwd", "-b", file, user, password});
    }
  }
  for (int attempt = 0; attempt < 5; ++attempt) {
    choose_ports();
    if (start()) return;
  }
  throw std::runtime_error("mosquitto did not start: " + log());
}

void MosquittoBroker::choose_ports() {
  ports_.plain = free_port();
  if (options_.certificate) ports_.tls = free_port();
  if (options_.websockets) ports_.websocket = free_port();
  if (options_.websockets && options_.certificate) ports_.secure_websocket = free_port();
}

std::string MosquittoBroker::configuration() const {
  std::string out;
  // Started by root, mosquitto would become a user who cannot read these files, and the switch
  // would undo that it dies with the test.
  if (::geteuid() == 0) out += "user root\n";
  if (!options_.configuration.empty()) return out + given_configuration();
  if (options_.passwords.empty()) {
    out += "allow_anonymous true\n";
  } else {
    out += "allow_anonymous false\npassword_file " + directory_.file("passwords") + "\n";
  }
  if (!options_.acl.empty()) out += "acl_file " + directory_.file("acl") + "\n";
  if (options_.message_size_limit) {
    out += "message_size_limit " + std::to_string(*options_.message_size_limit) + "\n";
  }
  if (options_.max_packet_size) {
    out += "max_packet_size " + std::to_string(*options_.max_packet_size) + "\n";
  }
  if (options_.persistence) {
    out += "persistence true\npersistence_location " + directory_.path().string() + "/\n";
  }
  for (const std::string& line : options_.lines) out += line + "\n";
  out += listener(ports_.plain);
  if (options_.certificate) {
    out += listener(ports_.tls) + tls_lines(*options_.certificate, options_.client_ca_file);
  }
  if (options_.websockets) out += listener(ports_.websocket) + "protocol websockets\n";
  if (options_.websockets && options_.certificate) {
    out += listener(ports_.secure_websocket) + "protocol websockets\n" +
           tls_lines(*options_.certificate, options_.client_ca_file);
  }
  return out;
}

std::string MosquittoBroker::given_configuration() const {
  std::string out;
  std::istringstream lines(options_.configuration);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("listener ")) {
      line = "listener " + std::to_string(ports_.plain) + " 127.0.0.1";
    } else if (line.starts_with("password_file ")) {
      line = "password_file " + directory_.file("passwords");
    } else if (line.starts_with("acl_file ")) {
      line = "acl_file " + directory_.file("acl");
    }
    out += line + "\n";
  }
  return out;
}

bool MosquittoBroker::start() {
  const std::string config = directory_.write("mosquitto.conf", configuration());
  process_.reset();
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{"mosquitto", "-c", config});
  std::vector<std::uint16_t> waiting{ports_.plain, ports_.tls, ports_.websocket,
                                     ports_.secure_websocket};
  std::erase(waiting, 0);
  const auto deadline = std::chrono::steady_clock::now() + start_deadline;
  while (std::chrono::steady_clock::now() < deadline) {
    // Waiting for its end is the pause between two attempts.
    if (process_->wait_for(std::chrono::milliseconds(2))) {
      process_->wait_for_output_end(start_deadline);
      if (log().find("Address already in use") != std::string::npos) return false;
      throw std::runtime_error("mosquitto ended: " + log());
    }
    while (!waiting.empty() && accepts_connections(waiting.back())) waiting.pop_back();
    if (waiting.empty()) return true;
  }
  throw std::runtime_error("mosquitto accepts no connection: " + log());
}

std::string MosquittoBroker::url() const {
  return "mqtt://127.0.0.1:" + std::to_string(ports_.plain);
}
std::string MosquittoBroker::tls_url(const std::string& host) const {
  return "mqtts://" + host + ":" + std::to_string(ports_.tls);
}
std::string MosquittoBroker::websocket_url() const {
  return "ws://127.0.0.1:" + std::to_string(ports_.websocket) + "/mqtt";
}
std::string MosquittoBroker::secure_websocket_url(const std::string& host) const {
  return "wss://" + host + ":" + std::to_string(ports_.secure_websocket) + "/mqtt";
}

void MosquittoBroker::kill() { process_->kill(); }

void MosquittoBroker::stop() {
  process_->signal(SIGTERM);
  if (!process_->wait_for(start_deadline)) {
    process_->kill();
    throw std::runtime_error("mosquitto did not stop: " + log());
  }
}

void MosquittoBroker::restart() {
  if (process_->running()) stop();
  // A connection that is still closing may hold the port for a moment.
  const auto deadline = std::chrono::steady_clock::now() + start_deadline;
  while (!start()) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("mosquitto cannot have its port back: " + log());
    }
  }
}

void MosquittoBroker::set_acl(const std::string& acl) {
  directory_.write("acl", acl);
  signal(SIGHUP);
}

void MosquittoBroker::remove_user(const std::string& user) {
  run({"mosquitto_passwd", "-D", directory_.file("passwords"), user});
  signal(SIGHUP);
}

}  // namespace mcp_mqtt::test
