#include "bench/client/srtp.hpp"

#include <srtp2/srtp.h>

namespace viadux::bench {
namespace {

srtp_t handle(void* context) {
  return static_cast<srtp_t>(context);
}

void* make(const SrtpKeys& keys, const std::vector<std::uint8_t>& key, srtp_ssrc_type_t which) {
  // A second srtp_init() in one process fails (a test that also runs the server); srtp_create() tells.
  static const bool ready = (static_cast<void>(srtp_init()), true);
  srtp_policy_t policy{};
  if (keys.profile == SrtpProfile::aead_aes_128_gcm) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  } else {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
  }
  policy.ssrc.type = which;
  policy.key = const_cast<std::uint8_t*>(key.data()); // NOLINT: libsrtp only reads it
  policy.window_size = 4096;
  srtp_t made = nullptr;
  if (!ready || srtp_create(&made, &policy) != srtp_err_status_ok) return nullptr;
  return made;
}

} // namespace

SrtpPair::~SrtpPair() {
  if (sending_ != nullptr) srtp_dealloc(handle(sending_));
  if (receiving_ != nullptr) srtp_dealloc(handle(receiving_));
}

bool SrtpPair::open(const SrtpKeys& keys, Engine engine) {
  if (engine == Engine::fastest && keys.profile == SrtpProfile::aead_aes_128_gcm) {
    gcm_sending_ = GcmDirection::create(keys.local);
    gcm_receiving_ = GcmDirection::create(keys.remote);
    return gcm_sending_ != nullptr && gcm_receiving_ != nullptr;
  }
  sending_ = make(keys, keys.local, ssrc_any_outbound);
  receiving_ = make(keys, keys.remote, ssrc_any_inbound);
  return sending_ != nullptr && receiving_ != nullptr;
}

bool SrtpPair::protect_rtp(std::uint8_t* packet, int& size) {
  if (gcm_sending_) return gcm_sending_->protect_rtp(packet, size);
  return srtp_protect(handle(sending_), packet, &size) == srtp_err_status_ok;
}
bool SrtpPair::protect_rtcp(std::uint8_t* packet, int& size) {
  if (gcm_sending_) return gcm_sending_->protect_rtcp(packet, size);
  return srtp_protect_rtcp(handle(sending_), packet, &size) == srtp_err_status_ok;
}
bool SrtpPair::unprotect_rtp(std::uint8_t* packet, int& size) {
  if (gcm_receiving_) return gcm_receiving_->unprotect_rtp(packet, size);
  return srtp_unprotect(handle(receiving_), packet, &size) == srtp_err_status_ok;
}
bool SrtpPair::unprotect_rtcp(std::uint8_t* packet, int& size) {
  if (gcm_receiving_) return gcm_receiving_->unprotect_rtcp(packet, size);
  return srtp_unprotect_rtcp(handle(receiving_), packet, &size) == srtp_err_status_ok;
}

} // namespace viadux::bench
