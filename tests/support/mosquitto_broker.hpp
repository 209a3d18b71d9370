#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/certificate_authority.hpp"
#include "support/child_process.hpp"
#include "support/temp_directory.hpp"

namespace mcp_mqtt::test {

/// What a test wants beyond mosquitto's stock settings.
struct MosquittoOptions {
  /// User name to password; with any, nobody else may connect.
  std::map<std::string, std::string> passwords;
  /// The text of an ACL file.
  std::string acl;
  /// A TLS listener with this certificate, beside the plain one.
  std::optional<Certificate> certificate;
  /// The authority whose client certificates the TLS listener asks for; empty: it asks for none.
  std::string client_ca_file;
  /// A WebSocket listener; with a certificate a TLS one as well.
  bool websockets = false;
  std::optional<std::size_t> message_size_limit;
  std::optional<std::size_t> max_packet_size;
  /// Keeps retained messages over a restart (saved at a clean stop and every 1,800 s).
  bool persistence = false;
  /// More lines for the configuration's global part.
  std::vector<std::string> lines;
  /// The text of a whole mosquitto.conf, in place of what this library writes: its listener gets
  /// the plain port, and its password_file and acl_file are those of `passwords` and `acl`.
  std::string configuration;
};

/// A real mosquitto, a process of its own on free ports of 127.0.0.1. It runs from construction
/// until destruction, stop() or kill(). Throws std::runtime_error, with the broker's own log, if it
/// does not come up. One thread.
class MosquittoBroker {
 public:
  /// Whether the program is installed; tests skip, saying so, where it is not.
  static bool available();

  explicit MosquittoBroker(MosquittoOptions options = {});

  std::uint16_t port() const noexcept { return ports_.plain; }
  std::uint16_t tls_port() const noexcept { return ports_.tls; }
  std::uint16_t websocket_port() const noexcept { return ports_.websocket; }
  std::uint16_t secure_websocket_port() const noexcept { return ports_.secure_websocket; }

  /// `mqtt://127.0.0.1:<port>`; the others likewise. The TLS ones take the host name to write,
  /// since a certificate names one.
  std::string url() const;
  std::string tls_url(const std::string& host = "localhost") const;
  std::string websocket_url() const;
  std::string secure_websocket_url(const std::string& host = "localhost") const;

  /// SIGKILL: nothing is saved, no client is told.
  void kill();
  /// SIGTERM, and waits for the end.
  void stop();
  /// Starts it again on the same ports with the same files.
  void restart();
  /// A signal of mosquitto's own, e.g. SIGUSR1 (save now) or SIGHUP (read the files again).
  void signal(int number) { process_->signal(number); }
  /// Puts another ACL in force at once.
  void set_acl(const std::string& acl);
  /// Takes a user out, which ends its connections and refuses later ones.
  void remove_user(const std::string& user);

  std::string log() const { return process_ ? process_->error_output() : std::string(); }

 private:
  struct Ports {
    std::uint16_t plain = 0;
    std::uint16_t tls = 0;
    std::uint16_t websocket = 0;
    std::uint16_t secure_websocket = 0;
  };

  void choose_ports();
  std::string configuration() const;
  std::string given_configuration() const;
  /// False if a port was taken by somebody else meanwhile.
  bool start();

  MosquittoOptions options_;
  TempDirectory directory_;
  Ports ports_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace mcp_mqtt::test
