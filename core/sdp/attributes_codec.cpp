// a= lines about codecs: rtpmap, fmtp (RFC 8866 section 6), rtcp-fb (RFC 4585 section 4.2), packet times.
#include "core/sdp/attributes.hpp"
#include "core/sdp/codecs.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace viadux::sdp {
namespace {

Codec* codec_of(MediaReader& reader, std::string_view payload_type) {
  const auto number = to_number<std::uint8_t>(payload_type);
  if (!number) return nullptr;
  for (auto& codec : reader.media.codecs)
    if (codec.payload_type == *number) return &codec;
  return nullptr;
}

Verdict read_rtpmap(MediaReader& reader, std::string_view value) {
  Codec* codec = codec_of(reader, take_word(value));
  if (codec == nullptr) return Verdict::unknown(); // not in the m= line: RFC 8866 lets it be ignored
  auto rest = value;
  const auto name = take_until(rest, '/');
  const auto clock = to_number<std::uint32_t>(take_until(rest, '/'));
  const auto channels = rest.empty() ? std::optional<std::uint8_t>(1) : to_number<std::uint8_t>(trim(rest));
  if (!is_token(name)) return Verdict::bad("a=rtpmap names a codec after the payload type");
  if (!clock || *clock == 0) return Verdict::bad("a=rtpmap has a clock rate after the codec's name");
  if (!channels || *channels == 0) return Verdict::bad("a=rtpmap's number of channels is 1 to 255");
  codec->name = name;
  codec->clock_hz = *clock;
  codec->channels = *channels;
  return Verdict::ok();
}

Verdict read_fmtp(MediaReader& reader, std::string_view value) {
  Codec* codec = codec_of(reader, take_word(value));
  if (codec == nullptr) return Verdict::unknown();
  codec->fmtp = value;
  codec->parameters.clear(); // said twice: the last counts, as in browsers
  auto rest = value;
  while (!rest.empty()) {
    auto part = trim(take_until(rest, ';'));
    if (part.empty()) continue;
    if (codec->parameters.size() >= reader.limits->per_line)
      return Verdict::too_many("format parameters", reader.limits->per_line);
    const auto name = trim(take_until(part, '='));
    codec->parameters.push_back({std::string(name), std::string(trim(part))});
  }
  return Verdict::ok();
}

Verdict read_rtcp_fb(MediaReader& reader, std::string_view value) {
  const auto payload_type = take_word(value);
  if (value.empty()) return Verdict::bad("a=rtcp-fb says what feedback after the payload type");
  if (payload_type == "*") {
    if (reader.feedback_for_all.size() >= reader.limits->per_line)
      return Verdict::too_many("a=rtcp-fb:* lines", reader.limits->per_line);
    reader.feedback_for_all.push_back(value);
    return Verdict::ok();
  }
  Codec* codec = codec_of(reader, payload_type);
  if (codec == nullptr) return Verdict::unknown();
  add_feedback(*codec, value, *reader.limits);
  return Verdict::ok();
}

// Some units write fractions ("a=ptime:20.0"); the whole part is enough.
Verdict read_ms(std::string_view value, std::uint16_t& ms) {
  value = trim(value);
  const auto number = to_number<std::uint16_t>(take_until(value, '.'));
  if (!number) return Verdict::bad("a packet time is a number of milliseconds");
  ms = *number;
  return Verdict::ok();
}

Verdict read_ptime(MediaReader& reader, std::string_view value) {
  return read_ms(value, reader.media.ptime_ms);
}
Verdict read_maxptime(MediaReader& reader, std::string_view value) {
  return read_ms(value, reader.media.maxptime_ms);
}

} // namespace

void add_feedback(Codec& codec, std::string_view value, const Limits& limits) {
  constexpr std::array<std::pair<std::string_view, Feedback>, 6> known{{
      {"nack", feedback_nack},
      {"nack pli", feedback_nack_pli},
      {"ccm fir", feedback_ccm_fir},
      {"transport-cc", feedback_transport_cc},
      {"goog-remb", feedback_goog_remb},
      {"ccm tmmbr", feedback_ccm_tmmbr},
  }};
  std::string text; // with single spaces
  while (!value.empty()) {
    const auto word = take_word(value);
    if (text == "ccm tmmbr") break; // smaxpr=..., a hint we have no use for
    text.append(text.empty() ? "" : " ").append(word);
  }
  for (const auto& [name, bit] : known) {
    if (!same(name, text)) continue;
    codec.feedback |= bit;
    return;
  }
  auto& others = codec.other_feedback;
  if (others.size() < limits.per_line && std::find(others.begin(), others.end(), text) == others.end())
    others.push_back(std::move(text));
}

const NamedReader* codec_attributes() {
  static constexpr NamedReader readers[] = {
      {"rtpmap", read_rtpmap}, {"fmtp", read_fmtp},         {"rtcp-fb", read_rtcp_fb},
      {"ptime", read_ptime},   {"maxptime", read_maxptime}, {{}, nullptr},
  };
  return readers;
}

} // namespace viadux::sdp
