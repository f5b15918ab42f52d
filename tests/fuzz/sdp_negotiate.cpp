// Any offer: what we answer parses again, the other end accepts it, and a second round works on the first.
#include "core/sdp/negotiate.hpp"
#include "core/sdp/parser.hpp"
#include "core/sdp/writer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace viadux::sdp;

LocalCapabilities capabilities(Profile profile, std::size_t lines) {
  LocalCapabilities local;
  local.profile = profile;
  local.ice_ufrag = "ours";
  local.ice_pwd = "0123456789abcdefghijklmn";
  local.fingerprints = {
      {"sha-256", "AB:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:CD:"
                  "CD:CD"}};
  local.audio = {CodecId::opus, CodecId::g722, CodecId::pcma, CodecId::pcmu, CodecId::telephone_event};
  local.video = {CodecId::vp8, CodecId::h264};
  local.lines.resize(lines);
  for (std::uint32_t i = 0; i < lines; ++i)
    local.lines[i].source = LocalSource{100 + i, 200 + i, "c", "s", "t"};
  if (profile == Profile::webrtc) return local;
  local.allow_unprotected = true;
  local.crypto = {{1, "AES_CM_128_HMAC_SHA1_80", "HRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA", "", ""}};
  for (std::uint32_t i = 0; i < lines; ++i)
    local.lines[i].port = static_cast<std::uint16_t>(30000 + 2 * i);
  return local;
}

void check(const SessionDescription& offer, Profile profile) {
  const auto local = capabilities(profile, offer.media.size());
  const auto first = negotiate(offer, local, std::nullopt);
  if (!first) return;
  if (first->lines.size() != offer.media.size() || first->answer.media.size() != offer.media.size())
    std::abort();
  for (const auto& line : first->lines)
    if (!line.rejected && line.transport >= first->transports.size()) std::abort();
  const auto parsed = parse(write(first->answer), profile);
  if (!parsed || *parsed != first->answer) std::abort();
  const auto mirrored = accept_answer(offer, *parsed);
  if (!mirrored || mirrored->transports.size() != first->transports.size()) std::abort();
  const auto second = negotiate(offer, local, *first);
  if (!second || second->answer.origin.version != first->answer.origin.version + 1) std::abort();
  for (const auto& transport : second->transports)
    if (transport.ice_restart || transport.new_dtls_association) std::abort();
  if (restarts_ice(offer, *first)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto profile : {Profile::webrtc, Profile::sip})
    if (const auto offer = parse(text, profile)) check(*offer, profile);
  return 0;
}
