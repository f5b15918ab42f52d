#include "test_peer.hpp"

#include <array>
#include <cstring>
#include <openssl/err.h>
#include <openssl/x509.h>

namespace viadux {

namespace {

int accept_any(int, X509_STORE_CTX*) {
  return 1;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

srtp_t make_srtp(const std::uint8_t* key, const std::uint8_t* salt, bool gcm, srtp_ssrc_type_t direction) {
  static const auto ready = srtp_init();
  (void)ready;
  std::array<std::uint8_t, 30> material{};
  std::memcpy(material.data(), key, 16);
  std::memcpy(material.data() + 16, salt, gcm ? 12 : 14);
  srtp_policy_t policy{};
  if (gcm) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  } else {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  }
  policy.ssrc.type = direction;
  policy.key = material.data();
  policy.window_size = 128;
  srtp_t session = nullptr;
  srtp_create(&session, &policy);
  return session;
}

} // namespace

TestPeer::TestPeer(const Endpoint& server, bool tcp, const char* profiles) : server_(server) {
  if (tcp)
    tcp_ = std::make_unique<PeerStream>(server);
  else
    udp_ = std::make_unique<PeerSocket>();
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const x509 = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key);
  X509_sign(x509, key, EVP_sha256());
  fingerprint_ = {"sha-256", std::vector<std::uint8_t>(32)};
  X509_digest(x509, EVP_sha256(), fingerprint_.digest.data(), nullptr);

  context_ = SSL_CTX_new(DTLS_method());
  SSL_CTX_use_certificate(context_, x509);
  SSL_CTX_use_PrivateKey(context_, key);
  X509_free(x509);
  EVP_PKEY_free(key);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
  if (*profiles) SSL_CTX_set_tlsext_use_srtp(context_, profiles);
  ssl_ = SSL_new(context_);
  SSL_set_options(ssl_, SSL_OP_NO_QUERY_MTU);
  SSL_set_mtu(ssl_, 1200);
  BIO* const in = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl_, in, BIO_new(BIO_s_mem()));
}

TestPeer::~TestPeer() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (out_) srtp_dealloc(out_);
  if (in_) srtp_dealloc(in_);
}

void TestPeer::send(std::string_view bytes) const {
  if (tcp_)
    tcp_->send(bytes);
  else
    udp_->send(server_, bytes);
}

void TestPeer::read_socket() {
  for (;;) {
    std::string packet = tcp_ ? tcp_->receive() : udp_->receive();
    if (packet.empty()) return;
    const auto first = static_cast<std::uint8_t>(packet[0]);
    if (first <= 3)
      stun_.push_back(std::move(packet));
    else if (first < 64)
      dtls_.push_back(std::move(packet));
    else
      media_.push_back(std::move(packet));
  }
}

std::vector<std::string> TestPeer::receive() {
  read_socket();
  return std::exchange(media_, {});
}

void TestPeer::check(const Check& check) const {
  std::array<std::uint8_t, 512> buffer;
  StunWriter writer(buffer, StunClass::request, stun_binding, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  writer.add_username(check.username);
  writer.add_priority(1845501695);
  if (check.controlled)
    writer.add_ice_controlled(7);
  else
    writer.add_ice_controlling(7);
  if (check.nominate) writer.add_use_candidate();
  writer.add_integrity(check.password);
  writer.add_fingerprint();
  const auto message = writer.message();
  send({reinterpret_cast<const char*>(message.data()), message.size()});
}

std::optional<std::uint16_t> TestPeer::answer() {
  read_socket();
  if (stun_.empty()) return std::nullopt;
  const std::string packet = std::move(stun_.front());
  stun_.pop_front();
  const auto message = StunMessage::parse(as_bytes(packet));
  if (!message || !message->has_fingerprint) return std::nullopt;
  mapped_ = message->xor_mapped_address;
  return message->error_code.value_or(0);
}

// What OpenSSL wrote runs together in its buffer: each DTLS record (13 bytes of header, RFC 6347 4.1) is one
// datagram.
void TestPeer::flush_dtls() {
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(ssl_), &data));
  const std::string all(data, size);
  BIO_reset(SSL_get_wbio(ssl_));
  for (std::size_t at = 0; at + 13 <= all.size();) {
    const std::size_t record =
        13U + static_cast<std::uint8_t>(all[at + 11]) * 256U + static_cast<std::uint8_t>(all[at + 12]);
    if (!drop_outgoing_dtls || !drop_outgoing_dtls()) send(std::string_view(all).substr(at, record));
    at += record;
  }
}

bool TestPeer::handshake(bool active) {
  if (!done_ && SSL_get_state(ssl_) == TLS_ST_BEFORE) {
    if (active)
      SSL_set_connect_state(ssl_);
    else
      SSL_set_accept_state(ssl_);
  }
  read_socket();
  do {
    if (!dtls_.empty()) {
      BIO_write(SSL_get_rbio(ssl_), dtls_.front().data(), static_cast<int>(dtls_.front().size()));
      dtls_.pop_front();
    }
    ERR_clear_error();
    if (done_) {
      char ignored[64];
      SSL_read(ssl_, ignored, sizeof ignored);
    } else {
      const int result = SSL_do_handshake(ssl_);
      if (result == 1) {
        done_ = true;
        derive_keys(active);
      } else if (SSL_get_error(ssl_, result) == SSL_ERROR_SSL) {
        failed_ = true;
      } else {
        DTLSv1_handle_timeout(ssl_);
      }
    }
    flush_dtls();
  } while (!dtls_.empty());
  return done_;
}

void TestPeer::say_goodbye() {
  SSL_shutdown(ssl_);
  flush_dtls();
}

void TestPeer::derive_keys(bool client) {
  const SRTP_PROTECTION_PROFILE* const chosen = SSL_get_selected_srtp_profile(ssl_);
  if (!chosen) return;
  profile_ = chosen->name;
  const bool gcm = chosen->id == SRTP_AEAD_AES_128_GCM;
  const std::size_t salt = gcm ? 12 : 14;
  std::array<std::uint8_t, 60> keys{};
  SSL_export_keying_material(ssl_, keys.data(), 2 * (16 + salt), "EXTRACTOR-dtls_srtp", 19, nullptr, 0, 0);
  const std::uint8_t* const client_key = keys.data();
  const std::uint8_t* const server_key = client_key + 16;
  const std::uint8_t* const client_salt = server_key + 16;
  const std::uint8_t* const server_salt = client_salt + salt;
  out_ =
      make_srtp(client ? client_key : server_key, client ? client_salt : server_salt, gcm, ssrc_any_outbound);
  in_ =
      make_srtp(client ? server_key : client_key, client ? server_salt : client_salt, gcm, ssrc_any_inbound);
}

std::string TestPeer::protect_rtp(std::string packet) const {
  int size = static_cast<int>(packet.size());
  packet.resize(packet.size() + 64);
  if (srtp_protect(out_, packet.data(), &size) != srtp_err_status_ok) size = 0;
  packet.resize(static_cast<std::size_t>(size));
  return packet;
}

std::string TestPeer::protect_rtcp(std::string packet) const {
  int size = static_cast<int>(packet.size());
  packet.resize(packet.size() + 64);
  if (srtp_protect_rtcp(out_, packet.data(), &size) != srtp_err_status_ok) size = 0;
  packet.resize(static_cast<std::size_t>(size));
  return packet;
}

std::optional<std::string> TestPeer::unprotect_rtp(std::string packet) const {
  int size = static_cast<int>(packet.size());
  if (srtp_unprotect(in_, packet.data(), &size) != srtp_err_status_ok) return std::nullopt;
  packet.resize(static_cast<std::size_t>(size));
  return packet;
}

std::optional<std::string> TestPeer::unprotect_rtcp(std::string packet) const {
  int size = static_cast<int>(packet.size());
  if (srtp_unprotect_rtcp(in_, packet.data(), &size) != srtp_err_status_ok) return std::nullopt;
  packet.resize(static_cast<std::size_t>(size));
  return packet;
}

std::string rtp_packet(std::uint16_t sequence, std::uint32_t ssrc, std::size_t size) {
  std::string packet(size, 'x');
  const unsigned char header[12] = {0x80,
                                    96,
                                    static_cast<unsigned char>(sequence >> 8),
                                    static_cast<unsigned char>(sequence),
                                    0,
                                    0,
                                    3,
                                    232,
                                    static_cast<unsigned char>(ssrc >> 24),
                                    static_cast<unsigned char>(ssrc >> 16),
                                    static_cast<unsigned char>(ssrc >> 8),
                                    static_cast<unsigned char>(ssrc)};
  std::memcpy(packet.data(), header, sizeof header);
  return packet;
}

std::string rtcp_packet(std::uint32_t ssrc) {
  return {'\x80',
          '\xc9',
          0,
          1,
          static_cast<char>(ssrc >> 24),
          static_cast<char>(ssrc >> 16),
          static_cast<char>(ssrc >> 8),
          static_cast<char>(ssrc)};
}

} // namespace viadux
