#include "mqtt/mosquitto/tls_context.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string_view>
#include <utility>

#include "ground/logging.hpp"

namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

/// The reason of OpenSSL's oldest pending error, which is the one nearest to the cause; clears all.
std::string take_openssl_error() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown reason";
}

Error tls_error(std::string message) { return Error{ErrorKind::tls, 0, std::move(message)}; }

int give_key_password(char* buffer, int size, int /*writing*/, void* user_data) {
  const auto& password = *static_cast<const std::string*>(user_data);
  if (size < 0 || password.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, password.data(), password.size());
  return static_cast<int>(password.size());
}

std::string subject_of(X509* certificate) {
  if (certificate == nullptr) return "?";
  std::array<char, 256> text{};
  X509_NAME_oneline(X509_get_subject_name(certificate), text.data(), static_cast<int>(text.size()));
  return log::printable(text.data());
}

/// In words; OpenSSL 3.0 has none for the alert that a broker sends most.
std::string alert_text(int alert) {
  const int description = alert & 0xff;
  const std::string text = description == SSL_AD_CERTIFICATE_REQUIRED
                               ? "certificate required"
                               : SSL_alert_desc_string_long(alert);
  return text + " (alert " + std::to_string(description) + ")";
}

std::string* failure_of(const SSL* ssl) {
  return static_cast<std::string*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

}  // namespace

int TlsContext::on_verify(int accepted, X509_STORE_CTX* store) {
  if (accepted == 1) return accepted;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  std::string* failure = ssl == nullptr ? nullptr : failure_of(ssl);
  if (failure != nullptr && failure->empty()) {
    *failure = std::string("the broker's certificate is not accepted: ") +
               X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)) + " (certificate " +
               subject_of(X509_STORE_CTX_get_current_cert(store)) + ")";
  }
  return accepted;
}

void TlsContext::on_info(const SSL* ssl, int where, int value) {
  if (where != SSL_CB_READ_ALERT) return;
  // A warning alert is how TLS says goodbye, not why it failed.
  if (std::string_view(SSL_alert_type_string(value)) != "F") return;
  std::string* failure = failure_of(ssl);
  if (failure != nullptr && failure->empty()) {
    *failure = "the broker refused the TLS handshake: " + alert_text(value);
  }
}

Result<void> TlsContext::trust(const TlsOptions& options) {
  if (!options.verify) {
    log::warning("TLS certificates are not verified: anybody can pose as the broker");
    SSL_CTX_set_verify(get(), SSL_VERIFY_NONE, nullptr);
    return {};
  }
  SSL_CTX_set_verify(get(), SSL_VERIFY_PEER, &TlsContext::on_verify);
  if (options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(get()) != 1) {
      return tls_error("cannot read the system's certificate authorities: " + take_openssl_error());
    }
    return {};
  }
  if (SSL_CTX_load_verify_file(get(), options.ca_file.c_str()) != 1) {
    return tls_error("cannot read certificate authorities from " + log::printable(options.ca_file) +
                     ": " + take_openssl_error());
  }
  return {};
}

Result<void> TlsContext::expect_host(const std::string& host) {
  X509_VERIFY_PARAM* const expected = SSL_CTX_get0_param(get());
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) return {};
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size()) != 1) {
    return tls_error("no certificate can name the host " + log::printable(host));
  }
  return {};
}

Result<void> TlsContext::identify(const TlsOptions& options) {
  if (options.certificate_file.empty() && options.key_file.empty()) return {};
  if (options.certificate_file.empty() || options.key_file.empty()) {
    return tls_error("a client certificate needs both a certificate file and a key file");
  }
  if (SSL_CTX_use_certificate_chain_file(get(), options.certificate_file.c_str()) != 1) {
    return tls_error("cannot read the client certificate " +
                     log::printable(options.certificate_file) + ": " + take_openssl_error());
  }
  std::string password = options.key_password;
  SSL_CTX_set_default_passwd_cb(get(), give_key_password);
  SSL_CTX_set_default_passwd_cb_userdata(get(), &password);
  const int loaded = SSL_CTX_use_PrivateKey_file(get(), options.key_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(get(), nullptr);
  SSL_CTX_set_default_passwd_cb(get(), nullptr);
  OPENSSL_cleanse(password.data(), password.size());
  if (loaded != 1) {
    return tls_error("cannot read the key " + log::printable(options.key_file) + ": " +
                     take_openssl_error());
  }
  if (SSL_CTX_check_private_key(get()) != 1) {
    return tls_error("the key " + log::printable(options.key_file) +
                     " does not belong to the certificate " +
                     log::printable(options.certificate_file));
  }
  return {};
}

Result<TlsContext> TlsContext::make(const std::string& host, const TlsOptions& options) {
  ERR_clear_error();
  TlsContext tls;
  tls.failure_ = std::make_unique<std::string>();
  tls.context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!tls.context_) return tls_error("cannot set up TLS: " + take_openssl_error());
  SSL_CTX_set_app_data(tls.get(), tls.failure_.get());
  SSL_CTX_set_info_callback(tls.get(), &TlsContext::on_info);
  SSL_CTX_set_min_proto_version(tls.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(tls.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
  if (auto done = tls.trust(options); !done) return done.error();
  if (options.verify) {
    if (auto done = tls.expect_host(host); !done) return done.error();
  }
  if (auto done = tls.identify(options); !done) return done.error();
  return tls;
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
