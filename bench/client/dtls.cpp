#include "bench/client/dtls.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdexcept>

namespace viadux::bench {
namespace {

constexpr long mtu = 1200;

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    constexpr const char* hex_digits = "0123456789ABCDEF";
    if (i > 0) text += ':';
    text += hex_digits[digest[i] >> 4];
    text += hex_digits[digest[i] & 15];
  }
  return text;
}

// A BIO that keeps datagrams apart: each write is one datagram, and so is each read.
struct DatagramPort {
  DtlsConnection::Send send;
  Bytes incoming;
};

int port_write(BIO* bio, const char* data, int size) {
  auto* port = static_cast<DatagramPort*>(BIO_get_data(bio));
  port->send({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return size;
}

int port_read(BIO* bio, char* data, int size) {
  auto* port = static_cast<DatagramPort*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (port->incoming.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto n = std::min(static_cast<std::size_t>(size), port->incoming.size());
  std::memcpy(data, port->incoming.data(), n);
  port->incoming = {};
  return static_cast<int>(n);
}

long port_control(BIO*, int command, long, void*) {
  switch (command) {
  case BIO_CTRL_FLUSH:
    return 1;
  case BIO_CTRL_DGRAM_QUERY_MTU:
  case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
    return mtu;
  default:
    return 0;
  }
}

BIO_METHOD* port_method() {
  static BIO_METHOD* method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram port");
    BIO_meth_set_write(made, port_write);
    BIO_meth_set_read(made, port_read);
    BIO_meth_set_ctrl(made, port_control);
    return made;
  }();
  return method;
}

// The first retransmission after 50 ms, as browsers do: a server may not be ready when the ICE check is
// answered.
unsigned retransmit_after_us(SSL*, unsigned previous_us) {
  return previous_us == 0 ? 50'000 : std::min(previous_us * 2, 3'000'000U);
}

} // namespace

struct DtlsContext::Impl {
  SSL_CTX* context = nullptr;
  ~Impl() { SSL_CTX_free(context); }
};

DtlsContext::DtlsContext(const std::string& profiles) : impl_(std::make_unique<Impl>()) {
  auto* key = EVP_EC_gen("P-256");
  auto* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * 30);
  X509_set_pubkey(certificate, key);
  auto* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("bench"), -1,
                             -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  fingerprint_ = fingerprint_of(certificate);

  impl_->context = SSL_CTX_new(DTLS_method());
  auto* context = impl_->context;
  const bool made = context != nullptr && SSL_CTX_use_certificate(context, certificate) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key) == 1 &&
                    SSL_CTX_set_tlsext_use_srtp(context, profiles.c_str()) == 0;
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!made) throw std::runtime_error("cannot make a DTLS context with the SRTP profiles " + profiles);
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_read_ahead(context, 1);
  // WebRTC's certificates are self-signed; the fingerprint in the SDP is what authenticates (RFC 8122).
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     [](int, X509_STORE_CTX*) { return 1; });
}

DtlsContext::~DtlsContext() = default;

struct DtlsConnection::Impl {
  DatagramPort port;
  SSL* ssl = nullptr;
  ~Impl() { SSL_free(ssl); }
};

DtlsConnection::DtlsConnection(DtlsContext& context, bool client, std::string remote_fingerprint, Send send)
    : impl_(std::make_unique<Impl>()), client_(client), remote_fingerprint_(std::move(remote_fingerprint)) {
  std::ranges::transform(remote_fingerprint_, remote_fingerprint_.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  impl_->port.send = std::move(send);
  impl_->ssl = SSL_new(context.impl_->context);
  auto* bio = BIO_new(port_method());
  BIO_set_data(bio, &impl_->port);
  BIO_set_init(bio, 1);
  SSL_set_bio(impl_->ssl, bio, bio);
  SSL_set_mtu(impl_->ssl, mtu);
  DTLS_set_timer_cb(impl_->ssl, retransmit_after_us);
  if (client_)
    SSL_set_connect_state(impl_->ssl);
  else
    SSL_set_accept_state(impl_->ssl);
}

DtlsConnection::~DtlsConnection() = default;

void DtlsConnection::start() {
  advance();
}

void DtlsConnection::receive(Bytes datagram) {
  impl_->port.incoming = datagram;
  if (state_ == State::running) {
    advance();
  } else if (state_ == State::connected) {
    std::array<char, 2048> ignored{};
    ERR_clear_error();
    const auto n = SSL_read(impl_->ssl, ignored.data(), ignored.size());
    if (n <= 0 && SSL_get_error(impl_->ssl, n) == SSL_ERROR_ZERO_RETURN) state_ = State::closed;
  }
  impl_->port.incoming = {};
}

void DtlsConnection::tick() {
  if (state_ == State::running) DTLSv1_handle_timeout(impl_->ssl);
}

void DtlsConnection::close() {
  if (state_ != State::connected) return;
  SSL_shutdown(impl_->ssl);
  state_ = State::closed;
}

void DtlsConnection::advance() {
  ERR_clear_error();
  const auto result = SSL_do_handshake(impl_->ssl);
  if (result == 1) return finish();
  const auto error = SSL_get_error(impl_->ssl, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  fail(std::string("DTLS handshake: ") + text.data());
}

void DtlsConnection::fail(std::string why) {
  state_ = State::failed;
  failure_ = std::move(why);
}

void DtlsConnection::finish() {
  auto* certificate = SSL_get1_peer_certificate(impl_->ssl);
  const auto fingerprint = certificate != nullptr ? fingerprint_of(certificate) : std::string("none");
  X509_free(certificate);
  if (fingerprint != remote_fingerprint_)
    return fail("the certificate " + fingerprint + " is not the one promised in the SDP");
  const auto* profile = SSL_get_selected_srtp_profile(impl_->ssl);
  if (profile == nullptr) return fail("no SRTP profile was agreed");
  const bool gcm = profile->id == SRTP_AEAD_AES_128_GCM;
  keys_.profile = gcm ? SrtpProfile::aead_aes_128_gcm : SrtpProfile::aes128_cm_sha1_80;

  // RFC 5764 4.2: client key, server key, client salt, server salt.
  const std::size_t key_size = 16;
  const std::size_t salt_size = gcm ? 12 : 14;
  std::array<std::uint8_t, 60> material{};
  const std::string label = "EXTRACTOR-dtls_srtp";
  if (SSL_export_keying_material(impl_->ssl, material.data(), 2 * (key_size + salt_size), label.data(),
                                 label.size(), nullptr, 0, 0) != 1)
    return fail("the SRTP keys could not be exported");
  const auto part = [&](bool client) {
    const auto* key = material.data() + (client ? 0 : key_size);
    const auto* salt = material.data() + 2 * key_size + (client ? 0 : salt_size);
    std::vector<std::uint8_t> both(key, key + key_size);
    both.insert(both.end(), salt, salt + salt_size);
    return both;
  };
  keys_.local = part(client_);
  keys_.remote = part(!client_);
  state_ = State::connected;
}

} // namespace viadux::bench
