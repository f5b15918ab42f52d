#include "core/transport/srtp_session.hpp"

#include "core/transport/byte_order.hpp"

#include "core/transport/rtcp_gcm.hpp"
#include "core/transport/rtp_decryptor.hpp"
#include "core/transport/rtp_encryptor.hpp"

#include <algorithm>
#include <array>
#include <openssl/crypto.h>
#include <optional>
#include <srtp2/srtp.h>
#include <vector>

namespace viadux {

namespace {

constexpr std::size_t rtp_min_size = 12;
constexpr std::size_t rtcp_min_size = 8;

bool allows_repeats(SrtpProfile profile) {
  return profile == SrtpProfile::aes_cm_128_hmac_sha1_80;
}

// Once. It fails where a plugin or a test has called it before us: then srtp_create() works none the less.
void start_library() {
  static const auto status = srtp_init();
  static_cast<void>(status);
}

SrtpStatus translate(srtp_err_status_t status) {
  switch (status) {
  case srtp_err_status_ok:
    return SrtpStatus::ok;
  case srtp_err_status_replay_fail:
  case srtp_err_status_replay_old:
    return SrtpStatus::replayed;
  case srtp_err_status_auth_fail:
    return SrtpStatus::auth_failed;
  default:
    return SrtpStatus::malformed;
  }
}

// A libsrtp session of one direction. Null where the library refuses.
srtp_t make(const SrtpKey& key, SrtpProfile profile, srtp_ssrc_type_t direction) {
  std::array<unsigned char, 16 + 14> material{}; // key, then salt
  std::copy(key.key.begin(), key.key.end(), material.begin());
  std::copy_n(key.salt.begin(), srtp_salt_size(profile), material.begin() + 16);
  srtp_policy_t policy{};
  if (profile == SrtpProfile::aead_aes_128_gcm) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  } else {
    srtp_crypto_policy_set_rtp_default(&policy.rtp); // AES-CM-128, HMAC-SHA1-80
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
  }
  policy.ssrc.type = direction;
  policy.key = material.data();
  policy.window_size = SrtpSession::window;
  policy.allow_repeat_tx = allows_repeats(profile) ? 1 : 0;
  srtp_t session = nullptr;
  const auto status = srtp_create(&session, &policy);
  OPENSSL_cleanse(material.data(), material.size());
  return status == srtp_err_status_ok ? session : nullptr;
}

} // namespace

struct SrtpSession::State {
  SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  std::optional<RtpEncryptor> rtp_encryptor;
  std::optional<RtpDecryptor> rtp_decryptor;
  std::optional<RtcpGcmEncryptor> rtcp_encryptor;
  std::optional<RtcpGcmDecryptor> rtcp_decryptor;
  // For what those above are not there for.
  srtp_t receive = nullptr;
  srtp_t send = nullptr;
  std::size_t max_receive_ssrcs = 0;
  std::vector<std::uint32_t> receive_ssrcs; // that have passed, RTP's and RTCP's; a session has a handful

  ~State() {
    if (receive) srtp_dealloc(receive);
    if (send) srtp_dealloc(send);
  }
  void open_fast(const SrtpKeys& keys) {
    const CipherEngine best = PacketCipher::best_engine();
    if (auto cipher = PacketCipher::create(keys.profile, keys.send, best))
      rtp_encryptor.emplace(std::move(cipher), allows_repeats(keys.profile));
    if (auto cipher = PacketCipher::create(keys.profile, keys.receive, best))
      rtp_decryptor.emplace(std::move(cipher));
    if (keys.profile != SrtpProfile::aead_aes_128_gcm) return;
    if (auto cipher = PacketCipher::create(keys.profile, keys.send, best, SrtpLabel::rtcp))
      rtcp_encryptor.emplace(std::move(cipher));
    if (auto cipher = PacketCipher::create(keys.profile, keys.receive, best, SrtpLabel::rtcp))
      rtcp_decryptor.emplace(std::move(cipher));
  }
  // Nothing is left for libsrtp2: with GCM, which nearly all have, its contexts and NSS's keys (30 kB) are
  // not made.
  bool is_open_fast() const { return rtp_encryptor && rtp_decryptor && rtcp_encryptor && rtcp_decryptor; }
  bool open_library(const SrtpKeys& keys) {
    start_library();
    receive = make(keys.receive, keys.profile, ssrc_any_inbound);
    send = make(keys.send, keys.profile, ssrc_any_outbound);
    return receive && send;
  }
  bool knows(std::uint32_t ssrc) const {
    return std::find(receive_ssrcs.begin(), receive_ssrcs.end(), ssrc) != receive_ssrcs.end();
  }
  // A peer may not make us keep a stream for each of four thousand million SSRCs; only what passed counts.
  template <class Unprotect>
  SrtpStatus receive_from(std::uint32_t ssrc, Unprotect unprotect) {
    const bool known = knows(ssrc);
    if (!known && receive_ssrcs.size() >= max_receive_ssrcs) return SrtpStatus::too_many_ssrcs;
    const SrtpStatus status = unprotect();
    if (status == SrtpStatus::ok && !known) receive_ssrcs.push_back(ssrc);
    return status;
  }
};

Result<std::unique_ptr<SrtpSession>> SrtpSession::create(const SrtpKeys& keys, std::size_t max_receive_ssrcs,
                                                         SrtpEngine engine) {
  auto state = std::make_unique<State>();
  state->profile = keys.profile;
  state->max_receive_ssrcs = max_receive_ssrcs;
  if (engine == SrtpEngine::fast) state->open_fast(keys);
  if (!state->is_open_fast() && !state->open_library(keys))
    return make_error(ErrorCode::internal, "srtp_failed", "libsrtp2 refused to make an SRTP session");
  return std::unique_ptr<SrtpSession>(new SrtpSession(std::move(state)));
}

SrtpSession::SrtpSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
SrtpSession::~SrtpSession() = default;

SrtpProfile SrtpSession::profile() const {
  return state_->profile;
}

SrtpStatus SrtpSession::unprotect_rtp(std::uint8_t* data, std::size_t& size) {
  if (size < rtp_min_size) return SrtpStatus::malformed;
  return state_->receive_from(read32(data + 8), [&] {
    if (state_->rtp_decryptor) return state_->rtp_decryptor->unprotect(data, size);
    int length = static_cast<int>(size);
    const SrtpStatus status = translate(srtp_unprotect(state_->receive, data, &length));
    if (status == SrtpStatus::ok) size = static_cast<std::size_t>(length);
    return status;
  });
}

SrtpStatus SrtpSession::unprotect_rtcp(std::uint8_t* data, std::size_t& size) {
  if (size < rtcp_min_size) return SrtpStatus::malformed;
  return state_->receive_from(read32(data + 4), [&] {
    if (state_->rtcp_decryptor) return state_->rtcp_decryptor->unprotect(data, size);
    int length = static_cast<int>(size);
    const SrtpStatus status = translate(srtp_unprotect_rtcp(state_->receive, data, &length));
    if (status == SrtpStatus::ok) size = static_cast<std::size_t>(length);
    return status;
  });
}

SrtpStatus SrtpSession::protect_rtp(std::uint8_t* data, std::size_t& size) {
  if (size < rtp_min_size) return SrtpStatus::malformed;
  if (state_->rtp_encryptor) {
    const std::size_t protected_size = state_->rtp_encryptor->protect(data, size);
    if (protected_size == 0) return SrtpStatus::refused;
    size = protected_size;
    return SrtpStatus::ok;
  }
  int length = static_cast<int>(size);
  const SrtpStatus status = translate(srtp_protect(state_->send, data, &length));
  if (status == SrtpStatus::ok) size = static_cast<std::size_t>(length);
  return status == SrtpStatus::replayed ? SrtpStatus::refused : status;
}

SrtpStatus SrtpSession::protect_rtcp(std::uint8_t* data, std::size_t& size) {
  if (size < rtcp_min_size) return SrtpStatus::malformed;
  if (state_->rtcp_encryptor) return state_->rtcp_encryptor->protect(data, size);
  int length = static_cast<int>(size);
  const SrtpStatus status = translate(srtp_protect_rtcp(state_->send, data, &length));
  if (status == SrtpStatus::ok) size = static_cast<std::size_t>(length);
  return status;
}

} // namespace viadux
