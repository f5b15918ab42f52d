#include "stage.hpp"

#include "core/rtp/rtcp_writer.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace viadux::wire {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The numbers of words[first...]; fewer than there are words if one is none.
std::vector<std::uint64_t> numbers(const Words& words, std::size_t first) {
  std::vector<std::uint64_t> list;
  for (std::size_t i = first; i < words.size(); ++i) {
    const auto value = number(words[i]);
    if (!value) break;
    list.push_back(*value);
  }
  return list;
}

std::optional<std::vector<std::uint8_t>> bytes(const Words& words, std::size_t first) {
  std::string digits;
  for (std::size_t i = first; i < words.size(); ++i)
    digits += words[i];
  std::vector<std::uint8_t> list;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    if (error != std::errc() || end != digits.data() + i + 2) return std::nullopt;
    list.push_back(static_cast<std::uint8_t>(value));
  }
  if (digits.size() % 2 != 0) return std::nullopt;
  return list;
}

// Headers in words of four bytes, the payload in one.
std::string hex(std::span<const std::uint8_t> packet, std::size_t header) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < packet.size(); ++i) {
    if (i != 0 && i % 4 == 0 && i <= header) text += ' ';
    text += digits[packet[i] >> 4];
    text += digits[packet[i] & 15];
  }
  return text;
}

std::optional<rtp::Codec> codec_named(std::string_view name) {
  if (name == "vp8") return rtp::Codec::vp8;
  if (name == "h264") return rtp::Codec::h264;
  if (name == "opus") return rtp::Codec::opus;
  return std::nullopt;
}

} // namespace

Stage::~Stage() {
  slot_.reset();
}

std::string Stage::make_track(const Words& words) {
  const auto id = words.size() == 4 ? number(words[1]) : std::nullopt;
  const auto codec = id ? codec_named(words[2]) : std::nullopt;
  const auto encodings = codec ? number(words[3]) : std::nullopt;
  if (!encodings) return "track ID CODEC ENCODINGS";
  tracks_[*id] = std::make_unique<router::Track>(
      router::TrackConfig{.id = *id, .codec = *codec, .encodings = static_cast<unsigned>(*encodings)}, *this,
      router_);
  return {};
}

std::string Stage::make_slot(const Words& words) {
  const auto n = numbers(words, 1);
  const auto codec = n.size() == 4 && words.size() == 6 ? codec_named(words[5]) : std::nullopt;
  if (!codec) return "slot PT SSRC SEQUENCE TIMESTAMP CODEC";
  slot_ = std::make_unique<router::Subscription>(
      router::SlotConfig{.ssrc = static_cast<std::uint32_t>(n[1]),
                         .formats = {{*codec, static_cast<std::uint8_t>(n[0]), 1}},
                         .first_sequence = static_cast<std::uint16_t>(n[2]),
                         .first_timestamp = static_cast<std::uint32_t>(n[3])},
      *this);
  return {};
}

std::string Stage::receive(const Words& words) {
  const auto id = words.size() >= 4 ? number(words[1]) : std::nullopt;
  const auto encoding = id ? number(words[2]) : std::nullopt;
  const auto packet = encoding ? bytes(words, 3) : std::nullopt;
  if (!packet || !tracks_.contains(*id)) return "in ID ENCODING HEX";
  const auto view = rtp::parse(*packet);
  if (!view) return "this is not an RTP packet";
  rtp::ExtensionMap ids; // the publisher's: audio level is 1, as browsers have it
  ids.set(rtp::Extension::audio_level, 1);
  tracks_[*id]->receive(static_cast<unsigned>(*encoding), *view, rtp::read_extensions(*view, ids), now_us_);
  return {};
}

std::string Stage::compose(const Words& words) {
  std::array<std::uint8_t, 1200> buffer;
  rtp::RtcpWriter rtcp(buffer);
  for (std::size_t i = 1; i < words.size();) {
    const std::string& part = words[i];
    if (part == "cname" && i + 2 < words.size()) {
      rtcp.cname(static_cast<std::uint32_t>(number(words[i + 1]).value_or(0)), words[i + 2]);
      i += 3;
      continue;
    }
    const auto n = numbers(words, i + 1);
    const auto u32 = [&](std::size_t at) { return static_cast<std::uint32_t>(at < n.size() ? n[at] : 0); };
    if (part == "rr") {
      rtcp.receiver_report(u32(0));
    } else if (part == "sr") {
      rtcp.sender_report({u32(0), n.size() > 1 ? n[1] : 0, u32(2), u32(3), u32(4)});
    } else if (part == "pli") {
      rtcp.pli(u32(0), u32(1));
    } else if (part == "fir") {
      rtcp.fir(u32(0), u32(1), static_cast<std::uint8_t>(u32(2)));
    } else if (part == "remb") {
      const std::uint32_t ssrc = u32(2);
      rtcp.remb(u32(0), n.size() > 1 ? n[1] : 0, {&ssrc, 1});
    } else if (part == "nack" && n.size() > 2) {
      std::vector<std::uint16_t> list;
      for (std::size_t s = 2; s < n.size(); ++s)
        list.push_back(static_cast<std::uint16_t>(n[s]));
      rtcp.nack(u32(0), u32(1), list);
    } else {
      return "compose knows no part '" + part + "'";
    }
    i += 1 + n.size();
  }
  output_.push_back("rtcp " + hex(rtcp.packet(), rtcp.size()));
  return {};
}

std::string Stage::act(const Words& words) {
  const std::string& verb = words.front();
  const auto n = numbers(words, 1);
  if (verb == "track") return make_track(words);
  if (verb == "slot") return make_slot(words);
  if (verb == "in") return receive(words);
  if (verb == "compose") return compose(words);
  if (verb == "extension" && words.size() == 3 && n.size() == 1) {
    return ids_.set(words[2], static_cast<unsigned>(n[0])) ? "" : "an extension that we do not know";
  }
  if (verb == "rtx" && n.size() == 3) {
    rtx_ = {static_cast<std::uint32_t>(n[1]), static_cast<std::uint8_t>(n[0]),
            static_cast<std::uint16_t>(n[2])};
    return {};
  }
  if (verb == "at" && n.size() == 1) {
    flush();
    now_us_ = static_cast<std::int64_t>(n[0]);
    return {};
  }
  if (verb == "report" && n.size() == 4 && tracks_.contains(n[0])) {
    tracks_[n[0]]->on_sender_report(static_cast<unsigned>(n[1]), static_cast<std::uint32_t>(n[2]),
                                    static_cast<std::int64_t>(n[3]));
    return {};
  }
  if (!slot_) return "'" + verb + "' before there is a slot, or a line of the wrong shape";
  if (verb == "fill" && n.size() == 1 && tracks_.contains(n[0])) {
    return slot_->set_track(tracks_[n[0]].get(), now_us_) ? "" : "the slot cannot take this track";
  }
  if (verb == "target" && n.size() == 2) {
    slot_->set_target({static_cast<unsigned>(n[0]), static_cast<unsigned>(n[1])}, now_us_);
    return {};
  }
  if (verb == "nack" && !n.empty()) {
    flush();
    std::vector<std::uint16_t> list;
    list.reserve(n.size());
    for (const std::uint64_t s : n)
      list.push_back(static_cast<std::uint16_t>(s));
    slot_->handle_nack(list, now_us_, 20'000);
    return {};
  }
  return "'" + verb + "' is no verb of a wire script, or its line has the wrong shape (see README.md)";
}

void Stage::flush() {
  router_.flush(now_us_);
}

std::vector<std::string> Stage::take_output() {
  return std::exchange(output_, {});
}

router::EgressExtensions Stage::next_extensions() {
  return {.ids = &ids_, .mid = "v0", .transport_sequence = transport_sequence_++};
}

void Stage::send(std::span<const router::OutPacket> run) {
  for (const router::OutPacket& packet : run) {
    std::array<std::uint8_t, rtp::max_packet_size + 64> out;
    const router::Written written = router::write_packet(packet, next_extensions(), out);
    output_.push_back("out " + hex(std::span(out).first(written.size), written.payload_at));
  }
}

void Stage::retransmit(std::span<const router::OutPacket> run) {
  for (const router::OutPacket& packet : run) {
    std::array<std::uint8_t, rtp::max_packet_size + 64> out;
    const router::Written written = rtx_ ? router::write_rtx_packet(packet, *rtx_, next_extensions(), out)
                                         : router::write_packet(packet, next_extensions(), out);
    output_.push_back("again " + hex(std::span(out).first(written.size), written.payload_at));
  }
}

void Stage::request_key_frame(router::Track& track, unsigned encoding) {
  output_.push_back("keyframe " + std::to_string(track.id()) + " " + std::to_string(encoding));
}

} // namespace viadux::wire
