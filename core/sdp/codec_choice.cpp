// Which codecs both sides use (RFC 3264 section 6.1, RFC 6184 section 8.2.2, RFC 7587 section 7.1).
#include "core/sdp/negotiate_steps.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

void set_parameters(Codec& codec, std::vector<Parameter> parameters) {
  codec.fmtp.clear();
  for (const auto& [name, value] : parameters) {
    if (!codec.fmtp.empty()) codec.fmtp += ';';
    codec.fmtp += name;
    if (!value.empty()) codec.fmtp += '=' + value;
  }
  codec.parameters = std::move(parameters);
}

std::vector<Parameter> opus_parameters(const LocalCapabilities& local) {
  std::vector<Parameter> parameters{{"minptime", "10"}};
  if (local.opus_fec) parameters.push_back({"useinbandfec", "1"});
  if (local.opus_dtx) parameters.push_back({"usedtx", "1"});
  return parameters;
}

// `format` is ours; `profile_digits` the first four of the profile-level-id.
std::vector<Parameter> h264_parameters(const H264Format& format, const std::string& profile_level_id) {
  std::vector<Parameter> parameters{{"level-asymmetry-allowed", format.level_asymmetry_allowed ? "1" : "0"},
                                    {"packetization-mode", std::to_string(format.packetization_mode)},
                                    {"profile-level-id", profile_level_id}};
  if (format.max_fs != 0) parameters.push_back({"max-fs", std::to_string(format.max_fs)});
  if (format.max_mbps != 0) parameters.push_back({"max-mbps", std::to_string(format.max_mbps)});
  if (format.max_br != 0) parameters.push_back({"max-br", std::to_string(format.max_br)});
  return parameters;
}

struct H264Choice {
  const Codec* codec = nullptr;
  H264Format offered;
  H264Format ours;
};

// Our preference decides; of what fits one of ours, the same profile is better than a compatible one.
H264Choice choose_h264(const MediaLine& offer, const LocalCapabilities& local) {
  for (const auto& ours : local.h264) {
    for (const bool exact : {true, false}) {
      for (const auto& codec : offer.codecs) {
        if (identify(codec) != CodecId::h264) continue;
        const auto offered = h264_format(codec);
        if (!offered || !h264_compatible(ours, *offered) || (exact && offered->profile != ours.profile))
          continue;
        return {&codec, *offered, ours};
      }
    }
  }
  return {};
}

// The profile as the offer wrote it (some peers compare the digits), the level ours, or the lower of both
// where the peer does not know of asymmetry.
Codec answer_h264(const H264Choice& choice) {
  Codec codec = *choice.codec;
  auto format = choice.ours;
  format.level_asymmetry_allowed =
      choice.offered.level_asymmetry_allowed && choice.ours.level_asymmetry_allowed;
  const auto level =
      format.level_asymmetry_allowed ? choice.ours.level : std::min(choice.ours.level, choice.offered.level);
  set_parameters(codec, h264_parameters(format, h264_profile_level_id(choice.offered.profile, level)));
  return codec;
}

const Codec* first_of(const MediaLine& offer, CodecId id) {
  const auto found = std::find_if(offer.codecs.begin(), offer.codecs.end(),
                                  [id](const Codec& codec) { return identify(codec) == id; });
  return found == offer.codecs.end() ? nullptr : &*found;
}

void limit_feedback(Codec& codec, const LocalCapabilities& local) {
  codec.feedback &= local.feedback;
  codec.other_feedback.clear();
}

std::vector<Codec> choose_audio(const MediaLine& offer, const LocalCapabilities& local) {
  std::vector<Codec> chosen;
  for (const auto id : local.audio) {
    const auto* codec = id == CodecId::telephone_event ? nullptr : first_of(offer, id);
    if (codec == nullptr) continue;
    chosen.push_back(*codec);
    set_parameters(chosen.back(), id == CodecId::opus ? opus_parameters(local) : std::vector<Parameter>{});
    break;
  }
  if (chosen.empty()) return chosen;
  if (std::find(local.audio.begin(), local.audio.end(), CodecId::telephone_event) != local.audio.end()) {
    // RFC 4733 section 2.1: at the clock rate of the sound it stands beside.
    const Codec* events = first_of(offer, CodecId::telephone_event);
    for (const auto& codec : offer.codecs)
      if (identify(codec) == CodecId::telephone_event && codec.clock_hz == chosen.front().clock_hz)
        events = &codec;
    if (events != nullptr) {
      chosen.push_back(*events);
      set_parameters(chosen.back(), {{"0-15", ""}});
    }
  }
  for (auto& codec : chosen)
    limit_feedback(codec, local);
  return chosen;
}

std::vector<Codec> choose_video(const MediaLine& offer, const LocalCapabilities& local) {
  std::vector<Codec> chosen;
  for (const auto id : local.video) {
    if (id == CodecId::h264) {
      const auto choice = choose_h264(offer, local);
      if (choice.codec != nullptr) chosen.push_back(answer_h264(choice));
    } else if (const auto* codec = first_of(offer, id); codec != nullptr && id != CodecId::rtx) {
      chosen.push_back(*codec);
      set_parameters(chosen.back(), {});
    }
    if (!chosen.empty()) break;
  }
  if (chosen.empty()) return chosen;
  limit_feedback(chosen.front(), local);
  const auto* rtx = local.rtx ? find_rtx(offer, chosen.front().payload_type) : nullptr;
  if (rtx != nullptr) {
    chosen.push_back(*rtx);
    set_parameters(chosen.back(), {{"apt", std::to_string(chosen.front().payload_type)}});
    chosen.back().feedback = 0;
    chosen.back().other_feedback.clear();
  }
  return chosen;
}

// Payload types of our own offers: the same format has the same number on all lines, as a bundle wants it.
Codec own_codec(std::uint8_t payload_type, CodecId id, std::uint32_t clock_hz, std::uint32_t feedback) {
  Codec codec;
  codec.payload_type = payload_type;
  codec.name = to_string(id);
  codec.clock_hz = clock_hz;
  codec.feedback = feedback;
  return codec;
}

std::vector<Codec> offered_audio(const LocalCapabilities& local) {
  std::vector<Codec> codecs;
  const auto feedback = local.feedback & feedback_transport_cc;
  for (const auto id : local.audio) {
    switch (id) {
    case CodecId::opus:
      codecs.push_back(own_codec(111, id, 48000, feedback));
      codecs.back().channels = 2;
      set_parameters(codecs.back(), opus_parameters(local));
      break;
    case CodecId::pcmu:
      codecs.push_back(own_codec(0, id, 8000, feedback));
      break;
    case CodecId::pcma:
      codecs.push_back(own_codec(8, id, 8000, feedback));
      break;
    case CodecId::g722:
      codecs.push_back(own_codec(9, id, 8000, feedback));
      break;
    case CodecId::telephone_event:
      codecs.push_back(own_codec(126, id, 8000, 0));
      set_parameters(codecs.back(), {{"0-15", ""}});
      break;
    default:
      break;
    }
  }
  const bool sound =
      std::any_of(codecs.begin(), codecs.end(), [](const Codec& codec) { return codec.payload_type != 126; });
  return sound ? codecs : std::vector<Codec>{};
}

std::vector<Codec> offered_video(const LocalCapabilities& local) {
  constexpr std::uint8_t last_payload_type = 109; // 110 and on are audio's
  std::vector<Codec> codecs;
  std::uint8_t next = 96;
  const auto add = [&](CodecId id, std::vector<Parameter> parameters) {
    if (next >= last_payload_type) return;
    codecs.push_back(own_codec(next, id, 90000, local.feedback));
    set_parameters(codecs.back(), std::move(parameters));
    if (local.rtx) {
      codecs.push_back(own_codec(static_cast<std::uint8_t>(next + 1), CodecId::rtx, 90000, 0));
      set_parameters(codecs.back(), {{"apt", std::to_string(next)}});
    }
    next = static_cast<std::uint8_t>(next + 2);
  };
  for (const auto id : local.video) {
    if (id == CodecId::vp8) add(id, {});
    if (id != CodecId::h264) continue;
    for (const auto& format : local.h264)
      add(id, h264_parameters(format, h264_profile_level_id(format.profile, format.level)));
  }
  return codecs;
}

} // namespace

std::vector<Codec> choose_codecs(const MediaLine& offer, const LocalCapabilities& local) {
  if (offer.kind == Kind::audio) return choose_audio(offer, local);
  if (offer.kind == Kind::video) return choose_video(offer, local);
  return {};
}

std::vector<Codec> offered_codecs(Kind kind, const LocalCapabilities& local) {
  if (kind == Kind::audio) return offered_audio(local);
  if (kind == Kind::video) return offered_video(local);
  return {};
}

bool same_format(const Codec& a, const Codec& b) {
  const auto id = identify(a);
  if (id == CodecId::unknown || id != identify(b) || a.clock_hz != b.clock_hz) return false;
  if (id != CodecId::h264) return true;
  const auto left = h264_format(a);
  const auto right = h264_format(b);
  return left && right && h264_compatible(*left, *right);
}

} // namespace viadux::sdp
