// The way of a packet from its track to the receiver: this is what runs for every packet and every
// subscriber.
#include "core/router/router.hpp"
#include "core/router/subscription.hpp"

#include <algorithm>

namespace viadux::router {
namespace {

// A hole in the publisher's numbers so wide that nobody will repair it: begin anew instead of passing it on.
constexpr std::int64_t max_hole = 1000;
constexpr std::int64_t max_kept_us = 600'000;
constexpr std::size_t max_kept_bytes = 64'000;
constexpr std::int64_t max_clock_disagreement_us = 1'000'000;

} // namespace

void Subscription::forward(std::span<const StoredPacket* const> run) {
  if (paused_) return;
  for (const StoredPacket* packet : run) {
    if (starts_here(*packet)) {
      start(*packet);
      route(*packet);
      catch_up(*packet);
    } else if (packet->encoding == current_) {
      route(*packet);
    }
  }
  send_run();
}

bool Subscription::starts_here(const StoredPacket& packet) const {
  if (packet.encoding == current_) return false;
  if (!is_video()) return true;
  // With nothing to show yet, anything up to the target is welcome: the better one follows.
  const bool welcome =
      packet.encoding == awaited_ || (current_ == none && packet.encoding <= target_.encoding);
  return welcome && track_->starts_decoding(packet);
}

void Subscription::start(const StoredPacket& packet) {
  timestamp_offset_ = aligned_timestamp(packet) - packet.timestamp;
  sequences_.start(packet.sequence);
  if (format_->codec == rtp::Codec::vp8) pictures_.start(packet.info.vp8);
  current_ = packet.encoding;
  if (awaited_ == current_) awaited_ = none;
  temporal_ = target_.temporal;
  frame_known_ = false;
  if (sent_any_) ++counters_.switches;
}

// The last key frame and what came since, if it is all here and not much: a picture at once, and the
// publisher need not make a key frame for each who joins. What is older than this would be seen as delay for
// a while.
bool Subscription::start_with_kept(std::int64_t now_us) {
  const Track::Encoding& state = track_->states_[static_cast<std::size_t>(awaited_)];
  if (state.key_sequence < 0 || now_us - state.last_key_frame_us > max_kept_us) return false;
  // What came in this turn is offered to everybody at its end.
  const auto of_this_turn = [&](const StoredPacket& packet) { return packet.order > track_->flushed_order_; };
  std::size_t bytes = 0;
  for (std::int64_t s = state.key_sequence; s <= state.ring.highest(); ++s) {
    const StoredPacket* packet = state.ring.find(s);
    if (packet == nullptr) return false; // a hole, that is being repaired
    if (s == state.key_sequence && of_this_turn(*packet)) return true;
    bytes += packet->payload_size;
    if (bytes > max_kept_bytes) return false;
  }
  for (std::int64_t s = state.key_sequence; s <= state.ring.highest(); ++s) {
    const StoredPacket& packet = *state.ring.find(s);
    if (s == state.key_sequence) start(packet);
    if (!of_this_turn(packet)) route(packet);
  }
  send_run();
  return true;
}

// Packets behind the one we start with may have come before it, when we did not want them yet.
void Subscription::catch_up(const StoredPacket& started_with) {
  const PacketRing& ring = track_->states_[started_with.encoding].ring;
  for (std::int64_t s = started_with.sequence + 1; s <= ring.highest(); ++s) {
    const StoredPacket* packet = ring.find(s);
    if (packet != nullptr && packet->order < started_with.order) route(*packet);
  }
}

std::uint32_t Subscription::aligned_timestamp(const StoredPacket& packet) const {
  if (!sent_any_) return last_timestamp_; // as configured
  const std::int64_t by_arrival = packet.arrival_us - last_arrival_us_;
  std::int64_t passed = by_arrival;
  if (last_source_encoding_ != none) {
    // Two encodings of one sender have clocks of their own; its reports tell how they stand to each other.
    const auto& from = track_->states_[static_cast<std::size_t>(last_source_encoding_)].time;
    const auto& to = track_->states_[packet.encoding].time;
    if (from.from_report && to.from_report) {
      const auto last_ticks = static_cast<std::int32_t>(last_source_timestamp_ - from.timestamp);
      const std::int64_t last_us = from.media_us + std::int64_t{last_ticks} * 1'000'000 / clock_hz_;
      const std::int64_t by_clock = track_->media_us(packet) - last_us;
      if (std::abs(by_clock - by_arrival) < max_clock_disagreement_us) passed = by_clock;
    }
  }
  // Never back, and sound never overlaps: a packet is 20 ms long, or so we assume.
  const std::int64_t least = is_video() ? clock_hz_ / 1000 : clock_hz_ / 50;
  return last_timestamp_ + static_cast<std::uint32_t>(std::max(passed * clock_hz_ / 1'000'000, least));
}

bool Subscription::fits_layer(const StoredPacket& packet) {
  if (packet.info.key_frame) temporal_ = target_.temporal;
  const unsigned layer = packet.info.temporal_id;
  if (layer <= temporal_) return true;
  // Up one layer at a time, with a frame that refers to the base layer alone (Y of RFC 7741 section 4.2): a
  // sync of the layer above next would bring in frames of the next that refer to what was left out.
  if (layer > target_.temporal || layer != temporal_ + 1 || !packet.info.layer_sync) return false;
  temporal_ = layer;
  return true;
}

Subscription::Verdict Subscription::judge_ahead(const StoredPacket& packet) {
  if (packet.info.packetization_mode > format_->packetization_mode) {
    ++counters_.incompatible;
    return Verdict::leave_out;
  }
  const rtp::Vp8Descriptor& vp8 = packet.info.vp8;
  if (format_->codec == rtp::Codec::vp8 && vp8.picture_id_bits != 0) {
    switch (pictures_.fate(vp8)) {
    case Vp8Map::Fate::sent:
      return Verdict::send;
    case Vp8Map::Fate::dropped:
      ++counters_.thinned;
      return Verdict::leave_out;
    case Vp8Map::Fate::missed:
      pictures_.forward(vp8);
      return Verdict::send;
    case Vp8Map::Fate::unknown: // the encoder counts anew
      if (!packet.info.key_frame) return Verdict::leave_out;
      pictures_.start(vp8);
      pictures_.forward(vp8);
      return Verdict::send;
    case Vp8Map::Fate::fresh:
      break;
    }
    if (fits_layer(packet)) {
      pictures_.forward(vp8);
      return Verdict::send;
    }
    pictures_.drop(vp8);
    ++counters_.thinned;
    return Verdict::leave_out;
  }
  if (!frame_known_ || packet.timestamp != frame_timestamp_) {
    frame_known_ = true;
    frame_timestamp_ = packet.timestamp;
    frame_dropped_ = !fits_layer(packet);
  }
  if (frame_dropped_) ++counters_.thinned;
  return frame_dropped_ ? Verdict::leave_out : Verdict::send;
}

// A late packet has a number kept free for it, which the receiver may have asked for, and so has its frame's
// picture id. It is sent even if its layer is being thinned, as long as it needs nothing that was left out: a
// kept layer, a layer sync, or a frame of the layer above that no other refers to, as in Chrome's top layer.
// Else padding fills the number.
Subscription::Verdict Subscription::judge_late(const StoredPacket& packet) {
  if (packet.info.packetization_mode > format_->packetization_mode) return Verdict::fill;
  const rtp::Vp8Descriptor& vp8 = packet.info.vp8;
  if (format_->codec == rtp::Codec::vp8 && vp8.picture_id_bits != 0) {
    const unsigned layer = packet.info.temporal_id;
    const bool decodable =
        layer <= temporal_ || packet.info.layer_sync || (vp8.non_reference && layer == temporal_ + 1);
    switch (pictures_.fate(vp8)) {
    case Vp8Map::Fate::sent:
      return Verdict::send;
    case Vp8Map::Fate::missed:
    case Vp8Map::Fate::fresh:
      if (!decodable) return Verdict::fill;
      pictures_.forward(vp8);
      return Verdict::send;
    case Vp8Map::Fate::dropped:
    case Vp8Map::Fate::unknown:
      return Verdict::fill;
    }
  }
  const bool left_out = frame_known_ && frame_dropped_ && packet.timestamp == frame_timestamp_;
  return left_out ? Verdict::fill : Verdict::send;
}

void Subscription::route(const StoredPacket& packet) {
  if (!sequences_.is_ahead(packet.sequence)) {
    const auto out = sequences_.forward(packet.sequence);
    if (!out) return;
    if (judge_late(packet) == Verdict::send) {
      emit(packet, *out);
    } else {
      emit_padding(packet, *out);
    }
    return;
  }
  if (packet.sequence - sequences_.highest_in() > max_hole) {
    current_ = none;
    if (starts_here(packet)) {
      start(packet);
    } else {
      awaited_ = packet.encoding;
      track_->request_key_frame(packet.encoding, packet.arrival_us);
      return;
    }
  }
  if (judge_ahead(packet) == Verdict::send) {
    if (const auto out = sequences_.forward(packet.sequence)) emit(packet, *out);
  } else {
    sequences_.drop(packet.sequence);
  }
}

void Subscription::emit(const StoredPacket& packet, std::int64_t out_sequence) {
  OutPacket out{.source = &packet,
                .ssrc = config_.ssrc,
                .timestamp = packet.timestamp + timestamp_offset_,
                .sequence = static_cast<std::uint16_t>(out_sequence),
                .payload_type = format_->payload_type,
                .marker = packet.marker || mark_next_};
  mark_next_ = false;
  if (format_->codec == rtp::Codec::vp8) {
    out.rewrite_vp8 = true;
    out.vp8 = pictures_.rewrite(packet.info.vp8);
  }
  if (!sent_any_ || rtp::is_newer(out.timestamp, last_timestamp_)) {
    last_timestamp_ = out.timestamp;
    last_source_timestamp_ = packet.timestamp;
    last_source_encoding_ = packet.encoding;
    last_arrival_us_ = packet.arrival_us;
  }
  if (!sent_any_ || rtp::is_newer(out.sequence, newest_sequence_)) newest_sequence_ = out.sequence;
  sent_any_ = true;
  ++counters_.packets;
  counters_.octets += packet.payload_size;
  log(packet, out);
  push(out);
}

void Subscription::emit_padding(const StoredPacket& instead_of, std::int64_t out_sequence) {
  OutPacket out{.ssrc = config_.ssrc,
                .timestamp = instead_of.timestamp + timestamp_offset_,
                .sequence = static_cast<std::uint16_t>(out_sequence),
                .payload_type = format_->payload_type};
  ++counters_.packets;
  log(instead_of, out);
  push(out);
}

void Subscription::log(const StoredPacket& packet, const OutPacket& out) {
  sent_.reserve(track_->states_[packet.encoding].ring.slots());
  SentPacket sent;
  sent.source_sequence = static_cast<std::uint32_t>(packet.sequence);
  sent.timestamp = out.timestamp;
  sent.sequence = out.sequence;
  sent.vp8 = out.vp8;
  sent.encoding = packet.encoding;
  sent.marker = out.marker;
  sent.padding = out.source == nullptr;
  sent.rewrite_vp8 = out.rewrite_vp8;
  sent_.add(sent);
}

void Subscription::push(const OutPacket& packet) {
  if (run_size_ == max_run) send_run();
  track_->router_.scratch_[run_size_++] = packet;
}

void Subscription::send_run() {
  if (run_size_ == 0) return;
  const std::size_t size = run_size_;
  run_size_ = 0;
  egress_.send(std::span<const OutPacket>(track_->router_.scratch_).first(size));
}

} // namespace viadux::router
