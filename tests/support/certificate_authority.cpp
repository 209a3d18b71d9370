#include "support/certificate_authority.hpp"

#include <algorithm>
#include <utility>

#include "support/child_process.hpp"

namespace mcp_mqtt::test {
namespace {

// Elliptic curve keys: made in milliseconds, where RSA takes up to a second.
std::vector<std::string> request(const std::string& subject, const Certificate& files) {
  return {"openssl",
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-days",
          "2",
          "-subj",
          "/CN=" + subject,
          "-keyout",
          files.key_file,
          "-out",
          files.certificate_file};
}

bool is_ipv4(const std::string& host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

CertificateAuthority::CertificateAuthority()
    : authority_{directory_.file("ca.pem"), directory_.file("ca.key")} {
  std::vector<std::string> command = request("mcp_mqtt test authority", authority_);
  command.insert(command.end(), {"-nodes", "-addext", "keyUsage=critical,keyCertSign,cRLSign"});
  run(std::move(command));
}

Certificate CertificateAuthority::server(const std::vector<std::string>& hosts) {
  std::string names = "subjectAltName=";
  for (const std::string& host : hosts) {
    if (&host != &hosts.front()) names += ",";
    names += (is_ipv4(host) ? "IP:" : "DNS:") + host;
  }
  return issue(hosts.front(), {names, "extendedKeyUsage=serverAuth"}, {});
}

Certificate CertificateAuthority::client(const std::string& name, const std::string& key_password) {
  return issue(name, {"extendedKeyUsage=clientAuth"}, key_password);
}

Certificate CertificateAuthority::issue(const std::string& subject,
                                        const std::vector<std::string>& extensions,
                                        const std::string& key_password) {
  const std::string stem = "issued-" + std::to_string(++issued_);
  const Certificate files{directory_.file(stem + ".pem"), directory_.file(stem + ".key")};
  std::vector<std::string> command = request(subject, files);
  command.insert(command.end(), {"-CA", authority_.certificate_file, "-CAkey", authority_.key_file,
                                 "-addext", "basicConstraints=critical,CA:FALSE"});
  for (const std::string& extension : extensions) {
    command.insert(command.end(), {"-addext", extension});
  }
  if (key_password.empty()) {
    command.emplace_back("-nodes");
  } else {
    command.insert(command.end(), {"-passout", "pass:" + key_password});
  }
  run(std::move(command));
  return files;
}

}  // namespace mcp_mqtt::test
