#include "core/transport/dtls_session.hpp"

#include "core/transport/dtls_context.hpp"

#include <algorithm>
#include <array>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string_view>
#include <sys/time.h>

namespace viadux {

namespace {

constexpr unsigned first_retransmission_us = 100'000;
constexpr unsigned last_retransmission_us = 2'000'000;

// RFC 6347 4.2.4.1 starts at a second, which is long for people who wait; media peers are near.
unsigned next_timeout(SSL*, unsigned timeout_us) {
  return timeout_us == 0 ? first_retransmission_us : std::min(2 * timeout_us, last_retransmission_us);
}

// The exporter's order is client key, server key, client salt, server salt (RFC 5764 4.2).
std::optional<SrtpKeys> export_keys(SSL* ssl, SrtpProfile profile, bool server) {
  constexpr std::string_view label = "EXTRACTOR-dtls_srtp";
  constexpr std::size_t key_size = 16;
  const std::size_t salt_size = srtp_salt_size(profile);
  std::array<std::uint8_t, 2 * (16 + 14)> bytes{};
  if (SSL_export_keying_material(ssl, bytes.data(), 2 * (key_size + salt_size), label.data(), label.size(),
                                 nullptr, 0, 0) != 1)
    return std::nullopt;
  SrtpKeys keys;
  keys.profile = profile;
  SrtpKey& client = server ? keys.receive : keys.send;
  SrtpKey& us_or_peer = server ? keys.send : keys.receive;
  const auto* at = bytes.data();
  std::copy_n(at, key_size, client.key.begin());
  std::copy_n(at + key_size, key_size, us_or_peer.key.begin());
  std::copy_n(at + 2 * key_size, salt_size, client.salt.begin());
  std::copy_n(at + 2 * key_size + salt_size, salt_size, us_or_peer.salt.begin());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return keys;
}

} // namespace

// OpenSSL asks here what it thinks of the peer's certificate; it trusts no authority, only the fingerprint.
int verify_dtls_peer(X509_STORE_CTX* store, void*) {
  auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const session = static_cast<DtlsSession*>(SSL_get_app_data(ssl));
  session->wrong_fingerprint_ = !session->fingerprint_matches(store);
  if (session->wrong_fingerprint_) X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return session->wrong_fingerprint_ ? 0 : 1;
}

bool DtlsSession::fingerprint_matches(X509_STORE_CTX* store) const {
  const X509* const certificate = X509_STORE_CTX_get0_cert(store);
  if (!certificate) return false;
  for (const Fingerprint& wanted : config_.remote_fingerprints) {
    const auto digest = certificate_digest(*certificate, wanted.algorithm);
    if (digest && digest->size() == wanted.digest.size() &&
        CRYPTO_memcmp(digest->data(), wanted.digest.data(), digest->size()) == 0)
      return true;
  }
  return false;
}

// One read is one datagram, one write is one datagram: OpenSSL's memory BIO would run them together.
int DtlsSession::read_bio(BIO* bio, char* buffer, int size) {
  auto& session = *static_cast<DtlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (session.current_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(session.current_.size(), static_cast<std::size_t>(size));
  std::copy_n(session.current_.begin(), count, buffer);
  session.current_ = {};
  return static_cast<int>(count);
}

int DtlsSession::write_bio(BIO* bio, const char* buffer, int size) {
  BIO_clear_retry_flags(bio);
  static_cast<DtlsSession*>(BIO_get_data(bio))
      ->output_.send_dtls({reinterpret_cast<const std::uint8_t*>(buffer), static_cast<std::size_t>(size)});
  return size;
}

long DtlsSession::control_bio(BIO* bio, int command, long, void*) {
  const auto& session = *static_cast<const DtlsSession*>(BIO_get_data(bio));
  switch (command) {
  case BIO_CTRL_FLUSH:
    return 1;
  case BIO_CTRL_DGRAM_QUERY_MTU:
  case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
    return session.mtu_;
  default:
    return 0;
  }
}

BIO_METHOD* dtls_bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "viadux datagrams");
    BIO_meth_set_read(made, DtlsSession::read_bio);
    BIO_meth_set_write(made, DtlsSession::write_bio);
    BIO_meth_set_ctrl(made, DtlsSession::control_bio);
    return made;
  }();
  return method;
}

SSL_CTX* make_dtls_context(X509& certificate, EVP_PKEY& key) {
  SSL_CTX* const context = SSL_CTX_new(DTLS_method());
  if (!context) return nullptr;
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, verify_dtls_peer, nullptr);
  // The server's order decides (OpenSSL goes through its own list): AES-GCM costs a tenth of AES-CM with
  // HMAC-SHA1.
  const bool ready =
      SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
      SSL_CTX_use_certificate(context, &certificate) == 1 && SSL_CTX_use_PrivateKey(context, &key) == 1 &&
      SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
      SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
      SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0;
  if (ready) return context;
  SSL_CTX_free(context);
  return nullptr;
}

DtlsSession::DtlsSession(DtlsConfig config, std::uint16_t mtu, DtlsOutput& output)
    : config_(std::move(config)), mtu_(mtu), output_(output) {
  BIO* const bio = BIO_new(dtls_bio_method());
  ssl_ = config_.certificate ? SSL_new(config_.certificate->context()) : nullptr;
  if (!ssl_ || !bio) {
    BIO_free(bio);
    fail(DtlsFailure::internal);
    return;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  SSL_set_mtu(ssl_, mtu_);
  DTLS_set_timer_cb(ssl_, next_timeout);
  if (config_.role == DtlsRole::passive)
    SSL_set_accept_state(ssl_);
  else
    SSL_set_connect_state(ssl_);
}

DtlsSession::~DtlsSession() {
  SSL_free(ssl_);
}

void DtlsSession::receive(std::span<const std::uint8_t> datagram) {
  if (pending_.size() < max_pending && state_ != State::failed)
    pending_.emplace_back(datagram.begin(), datagram.end());
}

void DtlsSession::step() {
  const bool was_connected = state_ == State::connected;
  if (was_connected && SSL_alloc_buffers(ssl_) != 1) return;
  if (pending_.empty() && state_ == State::handshaking) advance();
  while (!pending_.empty() && (state_ == State::handshaking || state_ == State::connected)) {
    current_ = pending_.front();
    advance();
    current_ = {};
    pending_.pop_front();
  }
  // What a handshake needs is given back: most sessions live for an hour after it.
  if (state_ == State::connected) SSL_free_buffers(ssl_);
  if (state_ != State::handshaking) std::deque<std::vector<std::uint8_t>>().swap(pending_);
}

void DtlsSession::advance() {
  ERR_clear_error();
  if (state_ == State::handshaking) {
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) return finish();
    const int error = SSL_get_error(ssl_, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
      fail(wrong_fingerprint_ ? DtlsFailure::fingerprint : DtlsFailure::handshake);
    return;
  }
  // Connected: a repeated last flight is answered within; close_notify ends it; application data is not for
  // us.
  std::array<std::uint8_t, 2048> ignored;
  for (int reads = 0; reads < 8 && SSL_read(ssl_, ignored.data(), ignored.size()) > 0; ++reads) {
  }
  if (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) state_ = State::closed_by_peer;
}

void DtlsSession::finish() {
  const SRTP_PROTECTION_PROFILE* const chosen = SSL_get_selected_srtp_profile(ssl_);
  if (!chosen) return fail(DtlsFailure::no_srtp_profile);
  const auto profile = chosen->id == SRTP_AEAD_AES_128_GCM ? SrtpProfile::aead_aes_128_gcm
                                                           : SrtpProfile::aes_cm_128_hmac_sha1_80;
  keys_ = export_keys(ssl_, profile, SSL_is_server(ssl_) == 1);
  if (!keys_) return fail(DtlsFailure::internal);
  state_ = State::connected;
}

void DtlsSession::fail(DtlsFailure failure) {
  ERR_clear_error();
  state_ = State::failed;
  failure_ = failure;
}

void DtlsSession::on_timer() {
  if (state_ != State::handshaking) return;
  ERR_clear_error();
  if (DTLSv1_handle_timeout(ssl_) < 0) fail(DtlsFailure::timeout);
}

std::optional<std::int64_t> DtlsSession::timer_us() const {
  timeval left{};
  if (state_ != State::handshaking || DTLSv1_get_timeout(ssl_, &left) != 1) return std::nullopt;
  return static_cast<std::int64_t>(left.tv_sec) * 1'000'000 + left.tv_usec;
}

void DtlsSession::close() {
  if (state_ != State::connected || SSL_alloc_buffers(ssl_) != 1) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

} // namespace viadux
