#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::mqtt::libmosquitto {

/// The TLS settings of one connection, as an OpenSSL context that the library is told to use. With
/// a context of our own OpenSSL checks the host name, a key without its password fails instead of
/// asking at the terminal, and a failed handshake can say why.
class TlsContext {
 public:
  /// Reads the files that `options` names: may block for a moment. The error is of kind `tls`,
  /// names the file, and never the password.
  static Result<TlsContext> make(const std::string& host, const TlsOptions& options);

  SSL_CTX* get() const noexcept { return context_.get(); }

  /// Why the handshake failed: a certificate that does not verify, or the broker's alert. Empty
  /// where TLS had nothing to complain about.
  const std::string& failure() const noexcept { return *failure_; }

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };

  TlsContext() = default;
  Result<void> trust(const TlsOptions& options);
  Result<void> expect_host(const std::string& host);
  Result<void> identify(const TlsOptions& options);
  static int on_verify(int accepted, X509_STORE_CTX* store);
  static void on_info(const SSL* ssl, int where, int value);

  // At a stable address: the context's callbacks write to it. Outlives the context.
  std::unique_ptr<std::string> failure_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
};

}  // namespace mcp_mqtt::mqtt::libmosquitto
