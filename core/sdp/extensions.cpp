// Header extensions (RFC 8285) that the media path understands.
#include "core/sdp/negotiate_steps.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace viadux::sdp {
namespace {

// transport-wide-cc-02 is left out: one packet with it switches a browser's periodic feedback off for good.
constexpr std::array<KnownExtension, 8> extensions{{
    {"urn:ietf:params:rtp-hdrext:sdes:mid", &ExtensionIds::mid, true, true},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", &ExtensionIds::rid, false, true},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", &ExtensionIds::repaired_rid, false, true},
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", &ExtensionIds::audio_level, true, false},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", &ExtensionIds::transport_cc,
     true, true},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", &ExtensionIds::abs_send_time, true, true},
    {"urn:3gpp:video-orientation", &ExtensionIds::video_orientation, false, true},
    {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", &ExtensionIds::playout_delay, false, true},
}};

constexpr std::uint16_t largest_id = 14; // of the one-byte form; 15 is reserved

const KnownExtension* known(Kind kind, const HeaderExtension& extension) {
  if (extension.id == 0 || extension.id > largest_id || extension.direction == Direction::inactive)
    return nullptr;
  for (const auto& entry : extensions)
    if (entry.uri == extension.uri && (kind == Kind::audio ? entry.audio : entry.video)) return &entry;
  return nullptr;
}

} // namespace

std::span<const KnownExtension> known_extensions() {
  return extensions;
}

std::vector<HeaderExtension> answer_extensions(const MediaLine& offer) {
  std::vector<HeaderExtension> answered;
  for (const auto& extension : offer.extensions) {
    if (known(offer.kind, extension) == nullptr) continue;
    const bool taken = std::any_of(answered.begin(), answered.end(), [&](const HeaderExtension& other) {
      return other.id == extension.id || other.uri == extension.uri;
    });
    if (!taken) answered.push_back({extension.id, reversed(extension.direction), extension.uri, {}});
  }
  return answered;
}

std::vector<HeaderExtension> offered_extensions(Kind kind) {
  std::vector<HeaderExtension> offered;
  std::uint16_t id = 0;
  for (const auto& entry : extensions) {
    ++id; // the place in the table: one id for one meaning on every line
    if (kind == Kind::audio ? entry.audio : entry.video)
      offered.push_back({id, Direction::sendrecv, std::string(entry.uri), {}});
  }
  return offered;
}

ExtensionIds agreed_extensions(const MediaLine& offer, const MediaLine& answer) {
  ExtensionIds ids;
  for (const auto& extension : answer.extensions) {
    const auto* entry = known(answer.kind, extension);
    if (entry == nullptr) continue;
    const bool offered =
        std::any_of(offer.extensions.begin(), offer.extensions.end(), [&](const HeaderExtension& other) {
          return other.id == extension.id && other.uri == extension.uri;
        });
    if (offered) ids.*(entry->id) = static_cast<std::uint8_t>(extension.id);
  }
  return ids;
}

Result<void> check_bundle_ids(const SessionDescription& answer, const std::vector<int>& bundles) {
  std::map<std::pair<int, std::uint16_t>, std::string_view> extension_of;
  std::map<std::pair<int, std::uint8_t>, const Codec*> codec_of;
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    const auto& line = answer.media[i];
    if (bundles[i] < 0 || line.rejected()) continue;
    for (const auto& extension : line.extensions) {
      const auto known_as =
          extension_of.emplace(std::pair(bundles[i], extension.id), extension.uri).first->second;
      if (known_as != extension.uri)
        return invalid_description(line_name(i, line) + " gives the extension id " +
                                   std::to_string(extension.id) +
                                   " another meaning than a line of the same bundle");
    }
    for (const auto& codec : line.codecs) {
      const auto* known_as =
          codec_of.emplace(std::pair(bundles[i], codec.payload_type), &codec).first->second;
      if (!same(known_as->name, codec.name) || known_as->clock_hz != codec.clock_hz)
        return invalid_description(line_name(i, line) + " gives the payload type " +
                                   std::to_string(codec.payload_type) +
                                   " another meaning than a line of the same bundle");
    }
  }
  return {};
}

} // namespace viadux::sdp
