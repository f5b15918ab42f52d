#include "core/http/tls_context.hpp"

#include <openssl/ssl.h>

namespace viadux {
namespace {

// We speak HTTP/1.1 only; saying so spares a client that would like HTTP/2 the guess (RFC 7301).
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* in, unsigned in_length, void* /*arg*/) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, ours, sizeof ours - 1, in, in_length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Error unusable(const std::string& what, const boost::system::error_code& error) {
  return make_error(
      ErrorCode::bad_argument, "certificate_unusable", what + ": " + error.message(), "certificate_file",
      "give a PEM chain, leaf first, and the private key that belongs to it, without a password");
}

} // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::make(const CertificatePem& pem) {
  auto result = std::make_shared<TlsContext>();
  auto& context = result->context_;
  boost::system::error_code error;
  context.set_options(boost::asio::ssl::context::default_workarounds | boost::asio::ssl::context::no_sslv2 |
                          boost::asio::ssl::context::no_sslv3 | boost::asio::ssl::context::no_tlsv1 |
                          boost::asio::ssl::context::no_tlsv1_1,
                      error);
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  // A key with a password would make OpenSSL ask on the terminal.
  context.set_password_callback(
      [](std::size_t, boost::asio::ssl::context::password_purpose) { return std::string(); }, error);
  context.use_certificate_chain(boost::asio::buffer(pem.certificate), error);
  if (error) return unusable("the certificate cannot be used", error);
  context.use_private_key(boost::asio::buffer(pem.key), boost::asio::ssl::context::pem, error);
  if (error) return unusable("the private key cannot be used", error);
  if (SSL_CTX_check_private_key(native) != 1)
    return make_error(ErrorCode::bad_argument, "certificate_unusable",
                      "the private key does not belong to the certificate", "key_file");
  result->fingerprint_ = certificate_sha256(pem.certificate);
  return result;
}

} // namespace viadux
