#include "core/session/outgoing.hpp"

#include "core/session/random.hpp"
#include "core/session/session.hpp"

#include <algorithm>

namespace viadux {

std::vector<router::SlotFormat> slot_formats(const sdp::NegotiatedLine& line) {
  std::vector<router::SlotFormat> formats;
  for (const sdp::NegotiatedCodec& codec : line.codecs) {
    if (to_codec(codec.id) == rtp::Codec::unknown) continue;
    router::SlotFormat format;
    format.codec = to_codec(codec.id);
    format.payload_type = codec.payload_type;
    if (codec.h264) format.packetization_mode = codec.h264->packetization_mode;
    formats.push_back(format);
  }
  return formats;
}

std::string_view to_string(EmptySlot reason) {
  switch (reason) {
  case EmptySlot::no:
    break;
  case EmptySlot::not_allowed:
    return "not_allowed";
  case EmptySlot::track_gone:
    return "track_gone";
  case EmptySlot::codecs_differ:
    return "codecs_differ";
  }
  return "";
}

namespace {
constexpr std::int64_t longest_wait_us = 900'000; // the source keeps its packets for a second
constexpr std::uint16_t most_waiting = 448;       // of the 512 that the source keeps at most

router::SlotConfig slot_config(const sdp::NegotiatedLine& line) {
  router::SlotConfig config;
  config.ssrc = line.local->ssrc;
  config.formats = slot_formats(line);
  config.first_sequence = static_cast<std::uint16_t>(random_ssrc());
  config.first_timestamp = random_ssrc();
  return config;
}

// 24 bits of 6.18 fixed-point seconds.
std::uint32_t abs_send_time(std::int64_t now_us) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(now_us) << 18U) / 1'000'000) & 0xffffffU;
}

} // namespace

OutgoingSlot::OutgoingSlot(Session& session, Bandwidth& bandwidth, std::uint32_t line)
    : session_(session), bandwidth_(bandwidth), line_(line),
      subscription_(slot_config(session.plan().negotiated.lines[line]), *this) {
  const sdp::NegotiatedLine& agreed = session.plan().negotiated.lines[line];
  const sdp::NegotiatedCodec& codec = agreed.codecs.front();
  set_line(agreed);
  video_ = agreed.kind == sdp::Kind::video;
  slides_ = agreed.content == sdp::Content::slides;
  dscp_ = video_ ? session.plan().dscp_video : session.plan().dscp_audio;
  mid_ = agreed.mid;
  extension_map_ = to_extension_map(agreed.extensions);
  transport_cc_ = agreed.extensions.transport_cc != 0 && (codec.feedback & sdp::feedback_transport_cc) != 0;
  if (codec.rtx_payload_type && agreed.local->rtx_ssrc != 0) {
    rtx_.ssrc = agreed.local->rtx_ssrc;
    rtx_.payload_type = *codec.rtx_payload_type;
    rtx_.sequence = static_cast<std::uint16_t>(random_ssrc());
  }
}

void OutgoingSlot::set_line(const sdp::NegotiatedLine& line) {
  transport_ = line.transport;
  limit_bps_ = static_cast<std::int64_t>(std::min<std::uint64_t>(line.max_send_bps, 1'000'000'000));
}

router::EgressExtensions OutgoingSlot::extensions() const {
  router::EgressExtensions extensions;
  extensions.ids = &extension_map_;
  extensions.mid = mid_;
  // The number itself is put in when the size is known: see put().
  if (transport_cc_) extensions.transport_sequence = 0;
  extensions.abs_send_time = abs_send_time(session_.worker().now_us());
  return extensions;
}

bool OutgoingSlot::put(const router::Written& written, std::span<std::uint8_t> room) {
  if (written.size == 0) return false;
  if (transport_cc_ && written.transport_sequence_at != 0) {
    const std::uint16_t sequence = bandwidth_.on_send(written.size + srtp_max_overhead);
    room[written.transport_sequence_at] = static_cast<std::uint8_t>(sequence >> 8U);
    room[written.transport_sequence_at + 1] = static_cast<std::uint8_t>(sequence);
  }
  bandwidth_.on_sent(written.size + srtp_max_overhead);
  sent_bytes_ += written.size;
  MediaCounters& counters = session_.worker().counting();
  counters.rtp_packets_out.add();
  counters.rtp_bytes_out.add(written.size);
  return session_.transport(transport_).send_rtp(written.size, dscp_);
}

// Video waits where the session's link has no room for it right now, behind what waits already.
bool OutgoingSlot::must_wait(std::uint16_t sequence) {
  if (!video_) return false;
  if (waiting_ == 0) {
    // A late one fits in where others have left already: nothing can wait in its place.
    if ((left_any_ && !rtp::is_newer(sequence, newest_left_)) || bandwidth_.may_send()) return false;
    first_waiting_ = sequence;
    waiting_ = 1;
    bandwidth_.expect_waiting();
    return true;
  }
  const auto place = static_cast<std::uint16_t>(sequence - first_waiting_);
  if (place >= 0x8000) return false; // late, and its place has left already
  waiting_ = std::max(waiting_, static_cast<std::uint16_t>(place + 1));
  return true;
}

void OutgoingSlot::send_now(const router::OutPacket& packet, const router::EgressExtensions& added) {
  if (!left_any_ || rtp::is_newer(packet.sequence, newest_left_)) newest_left_ = packet.sequence;
  left_any_ = true;
  const std::span<std::uint8_t> room = session_.transport(transport_).reserve();
  put(router::write_packet(packet, added, room), room);
}

void OutgoingSlot::repeat_now(const router::OutPacket& packet, const router::EgressExtensions& added) {
  const std::span<std::uint8_t> room = session_.transport(transport_).reserve();
  // Without RTX the packet goes again as it was. With GCM that is refused by SRTP, and rightly (RFC
  // 7714 8.2).
  put(rtx_.ssrc != 0 ? router::write_rtx_packet(packet, rtx_, added, room)
                     : router::write_packet(packet, added, room),
      room);
  session_.worker().counting().retransmissions_out.add();
}

void OutgoingSlot::send(std::span<const router::OutPacket> run) {
  if (!session_.transport(transport_).is_writable()) return;
  const router::EgressExtensions added = extensions();
  if (video_ && run.front().source != nullptr) bandwidth_.on_run(run.front().source->arrival_us);
  for (const router::OutPacket& packet : run) {
    if (must_wait(packet.sequence)) {
      session_.worker().counting().packets_paced.add();
    } else {
      send_now(packet, added);
    }
  }
}

void OutgoingSlot::retransmit(std::span<const router::OutPacket> run) {
  if (!session_.transport(transport_).is_writable()) return;
  const router::EgressExtensions added = extensions();
  for (const router::OutPacket& packet : run) {
    if (probing_) {
      repeat_now(packet, added);
      continue;
    }
    const std::size_t payload = packet.source != nullptr ? packet.source->payload_size : 0;
    const std::int64_t since_us = packet.source != nullptr ? packet.source->arrival_us : 0;
    const bool now = !video_ || (repeats_.size() == 0 && bandwidth_.may_send());
    if (!bandwidth_.may_retransmit(payload, since_us) || (!now && !repeats_.push(packet.sequence))) {
      session_.worker().counting().retransmissions_refused.add();
    } else if (now) {
      repeat_now(packet, added);
    } else {
      bandwidth_.expect_waiting();
    }
  }
}

bool OutgoingSlot::send_waiting_repeat() {
  if (!session_.transport(transport_).is_writable()) return false;
  while (const auto sequence = repeats_.pop()) {
    const auto packet = subscription_.packet(*sequence);
    if (!packet) continue;
    repeat_now(*packet, extensions());
    return true;
  }
  return false;
}

bool OutgoingSlot::send_waiting() {
  if (!session_.transport(transport_).is_writable()) return false;
  while (waiting_ > 0) {
    const auto packet = subscription_.packet(first_waiting_);
    ++first_waiting_;
    --waiting_;
    if (!packet) continue;
    send_now(*packet, extensions());
    return true;
  }
  return false;
}

bool OutgoingSlot::begin_anew_if_late(std::int64_t now_us) {
  if (waiting_ == 0) return false;
  // So many, and the source's ring is about to overtake the oldest: what it held can't be sent any more.
  if (waiting_ < most_waiting) {
    const auto oldest = subscription_.packet(first_waiting_);
    if (!oldest || oldest->source == nullptr || now_us - oldest->source->arrival_us < longest_wait_us)
      return false;
  }
  subscription_.pause();
  subscription_.resume(now_us);
  return true;
}

std::optional<std::uint16_t> OutgoingSlot::withdraw() {
  repeats_.clear();
  if (waiting_ == 0) return std::nullopt;
  waiting_ = 0;
  return first_waiting_;
}

std::size_t OutgoingSlot::send_probe(std::size_t bytes) {
  Transport& transport = session_.transport(transport_);
  if (rtx_.ssrc == 0 || !transport.is_writable()) return 0;
  const std::size_t before = sent_bytes_;
  // What waits is the best probe there is.
  while (sent_bytes_ - before < bytes && send_waiting()) {
  }
  if (sent_bytes_ != before) return sent_bytes_ - before;
  // Old media is worth more than padding: it may even repair something.
  probing_ = true;
  const std::size_t repeated = subscription_.repeat_newest(std::max<std::size_t>(bytes / 1000, 1));
  probing_ = false;
  if (repeated == 0) {
    const router::EgressExtensions added = extensions();
    const std::uint32_t timestamp = subscription_.timestamp_at(session_.worker().now_us()).value_or(0);
    while (sent_bytes_ - before < bytes) {
      const std::span<std::uint8_t> room = transport.reserve();
      if (!put(router::write_padding_packet(probe_padding_, timestamp, rtx_, added, room), room)) break;
    }
  }
  session_.worker().counting().probe_packets.add();
  return sent_bytes_ - before;
}

} // namespace viadux
