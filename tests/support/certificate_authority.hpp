#pragma once

#include <string>
#include <vector>

#include "support/temp_directory.hpp"

namespace mcp_mqtt::test {

/// The paths of a PEM certificate and its key.
struct Certificate {
  std::string certificate_file;
  std::string key_file;
};

/// A throw-away certificate authority; its files go with it. Made by the openssl program; throws
/// std::runtime_error where that fails.
class CertificateAuthority {
 public:
  CertificateAuthority();

  const std::string& ca_file() const noexcept { return authority_.certificate_file; }
  /// A certificate that names these hosts (names or IPv4 addresses).
  Certificate server(const std::vector<std::string>& hosts);
  /// A client's certificate; with a password its key is encrypted.
  Certificate client(const std::string& name, const std::string& key_password = {});

 private:
  Certificate issue(const std::string& subject, const std::vector<std::string>& extensions,
                    const std::string& key_password);

  TempDirectory directory_;
  Certificate authority_;
  int issued_ = 0;
};

}  // namespace mcp_mqtt::test
