#include "site.hpp"
#include "support/certificate_authority.hpp"

// No secret that a program gives the library reaches a log line, at any level, or an error.
namespace mcp_mqtt::test {
namespace {

using Kind = mqtt::TransportKind;

const std::string url_password = "Tr0ub4dor-of-the-url";
const std::string option_password = "c0rrect-h0rse-of-the-options";
const std::string key_password = "battery-staple-of-the-key";

class Secrets : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    set_log_level(LogLevel::trace);
    set_log_handler(
        [said = said_](LogLevel, std::string_view line) { said.push(std::string(line)); });
  }
  void TearDown() override {
    set_log_handler({});
    set_log_level(LogLevel::warning);
    for (const std::string& line : said_.all()) {
      for (const std::string& secret : {url_password, option_password, key_password}) {
        EXPECT_EQ(line.find(secret), std::string::npos) << line;
        EXPECT_EQ(line.find(secret.substr(0, 10)), std::string::npos) << line;
      }
    }
  }

  ConnectionOptions connection() const {
    ConnectionOptions options;
    options.transport = GetParam();
    options.connect_timeout = 10s;
    return options;
  }
  /// A client connects with these options; what went wrong is kept with the log.
  bool connects(const std::string& url, const ConnectionOptions& connection) {
    ClientOptions options{.name = "host"};
    options.connection = connection;
    McpClient client(std::move(options));
    client.on_connection([said = said_](ConnectionState, const Error& error) {
      said.push(error.message + error.data.dump());
    });
    try {
      client.connect(url);
      client.stop();
      return true;
    } catch (const std::exception& error) {
      said_.push(error.what());
      return false;
    }
  }
  bool serves(const std::string& url, const ConnectionOptions& connection) {
    ServerOptions options{.name = "desk/companion"};
    options.connection = connection;
    McpServer server(std::move(options));
    try {
      server.start(url);
      server.stop();
      return true;
    } catch (const std::exception& error) {
      said_.push(error.what());
      return false;
    }
  }
  static std::string with(const std::string& url, const std::string& user_info) {
    const auto at = url.find("://") + 3;
    return url.substr(0, at) + user_info + "@" + url.substr(at);
  }

  EventLog<std::string> said_;
};

TEST_P(Secrets, PasswordsOfTheUrlAndTheOptions) {
  MosquittoOptions options;
  options.passwords = {{"ann", url_password}, {"bob", option_password}};
  const MosquittoBroker broker(options);
  EXPECT_TRUE(connects(with(broker.url(), "ann:" + url_password), connection()));
  EXPECT_FALSE(connects(with(broker.url(), "bob:" + url_password), connection()));
  ConnectionOptions given = connection();
  given.username = "bob";
  given.password = option_password;
  EXPECT_TRUE(connects(broker.url(), given));
  EXPECT_TRUE(serves(broker.url(), given));
  given.username = "ann";
  EXPECT_FALSE(connects(broker.url(), given));
  EXPECT_FALSE(serves(broker.url(), given));
  EXPECT_GE(said_.size(), 4U) << "something was said of each failure";
}

TEST_P(Secrets, PasswordsInUrlsThatCannotBeUsed) {
  for (const std::string& url :
       {"mqtt://ann:" + url_password + "@", "mqtt://ann:" + url_password + "@host:99999",
        "http://ann:" + url_password + "@host", "mqtt://ann:" + url_password + "@ho st",
        "mqtt://ann:" + url_password + "@host?query", "ann:" + url_password + "@host",
        "mqtt://ann:" + url_password + "%zz@host", url_password}) {
    EXPECT_FALSE(connects(url, connection())) << url;
    EXPECT_FALSE(serves(url, connection())) << url;
  }
  ConnectionOptions given = connection();
  given.username = "ann";
  given.password = option_password + std::string(1, '\0');
  EXPECT_FALSE(connects("mqtt://127.0.0.1:1", given));
  given.password = option_password + std::string(70'000, 'x');
  EXPECT_FALSE(connects("mqtt://127.0.0.1:1", given));
}

TEST_P(Secrets, PassphraseOfAKey) {
  CertificateAuthority authority;
  const Certificate mine = authority.client("host", key_password);
  MosquittoOptions options;
  options.certificate = authority.server({"localhost"});
  options.client_ca_file = authority.ca_file();
  const MosquittoBroker broker(options);
  ConnectionOptions given = connection();
  given.tls.ca_file = authority.ca_file();
  given.tls.certificate_file = mine.certificate_file;
  given.tls.key_file = mine.key_file;
  given.tls.key_password = key_password;
  EXPECT_TRUE(connects(broker.tls_url(), given));
  given.tls.key_password = key_password + "-not";
  EXPECT_FALSE(connects(broker.tls_url(), given));
  EXPECT_FALSE(serves(broker.tls_url(), given));
}

std::string transport_kind_name(const ::testing::TestParamInfo<Kind>& tested) {
  return tested.param == Kind::paho ? "paho" : "mosquitto";
}

INSTANTIATE_TEST_SUITE_P(Transports, Secrets, ::testing::Values(Kind::mosquitto, Kind::paho),
                         transport_kind_name);

}  // namespace
}  // namespace mcp_mqtt::test
