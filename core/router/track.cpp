#include "core/router/track.hpp"

#include "core/router/router.hpp"
#include "core/router/subscription.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace viadux::router {
namespace {

constexpr std::int64_t active_us = 2'000'000;
constexpr std::int64_t low_spacing_us = 500'000;
constexpr std::int64_t spacing_us = 1'000'000;
// What the house itself encodes begins at once, and a client that is switched to it must not wait: some
// reconnect when no picture comes for a second.
constexpr std::int64_t on_demand_spacing_us = 200'000;
constexpr std::size_t key_frame_spread = 4; // seconds
// A jump further than this is a sender that began anew with the same SSRC (RFC 3550 appendix A.1:
// MAX_DROPOUT).
constexpr std::int64_t max_dropout = 3000;

std::size_t ring_size(const TrackConfig& config) {
  if (config.max_packets == 0) return rtp::is_video(config.codec) ? 512 : 128;
  std::size_t size = 1;
  while (size < config.max_packets)
    size *= 2;
  return size;
}

} // namespace

Track::Track(const TrackConfig& config, TrackSource& source, Router& router)
    : config_(config), source_(source), router_(router) {
  config_.encodings = std::clamp(config_.encodings, 1U, max_encodings);
  states_.reserve(config_.encodings);
  for (unsigned i = 0; i < config_.encodings; ++i)
    states_.emplace_back(ring_size(config_));
  router_.tracks_.push_back(this);
}

Track::~Track() {
  while (!subscriptions_.empty())
    subscriptions_.back()->leave_track();
  std::erase(router_.tracks_, this);
  if (!queued_) return;
  Track** link = &router_.first_queued_;
  Track* before = nullptr;
  while (*link != this) {
    before = *link;
    link = &(*link)->next_queued_;
  }
  *link = next_queued_;
  if (router_.last_queued_ == this) router_.last_queued_ = before;
}

Received Track::receive(unsigned encoding, const rtp::PacketView& packet,
                        const rtp::ExtensionValues& extensions, std::int64_t now_us) {
  if (encoding >= config_.encodings) return ++counters_.malformed, Received::wrong_encoding;
  if (packet.payload.size() > rtp::max_packet_size) return ++counters_.malformed, Received::too_large;
  const rtp::PayloadInfo info = rtp::describe(config_.codec, packet.payload);
  if (!info.valid || packet.payload.empty()) return ++counters_.malformed, Received::malformed;
  // The run points into the ring, which gives memory free by age: a run must be young (a replica's may not
  // be).
  if (run_size_ == max_run ||
      (run_size_ != 0 && std::abs(now_us - run_[0]->arrival_us) > PacketRing::kept_us / 2))
    flush(now_us);

  Encoding& state = states_[encoding];
  std::int64_t sequence = state.unwrap.peek(packet.sequence);
  if (state.unwrap.started() && std::abs(sequence - state.ring.highest()) > max_dropout) {
    flush(now_us); // the run points into the ring
    state.ring.clear();
    // Far ahead of what was, so that the subscriptions see a jump and begin anew.
    sequence = state.unwrap.jump(packet.sequence);
  }
  StoredPacket* slot = nullptr;
  switch (state.ring.claim(sequence, now_us, slot)) {
  case PacketRing::Claim::duplicate:
    return ++counters_.duplicates, Received::duplicate;
  case PacketRing::Claim::late:
    return ++counters_.late, Received::late;
  case PacketRing::Claim::fresh:
    break;
  }
  if (slot->order > flushed_order_) flush(now_us); // would overwrite a packet of this turn's run
  state.unwrap(packet.sequence);

  slot->sequence = sequence;
  slot->order = ++order_;
  slot->arrival_us = now_us;
  slot->timestamp = packet.timestamp;
  slot->payload_size = static_cast<std::uint16_t>(packet.payload.size());
  slot->encoding = static_cast<std::uint8_t>(encoding);
  slot->marker = packet.marker;
  slot->has_audio_level = extensions.audio_level.has_value();
  slot->audio_level = extensions.audio_level.value_or(0);
  slot->has_video_orientation = extensions.video_orientation.has_value();
  slot->video_orientation = extensions.video_orientation.value_or(0);
  slot->has_playout_delay = extensions.playout_delay.has_value();
  slot->playout_delay = extensions.playout_delay.value_or(0);
  slot->info = info;
  state.ring.place(*slot, packet.payload.size(), now_us);
  std::memcpy(slot->payload, packet.payload.data(), packet.payload.size());

  note(state, *slot, now_us);
  run_[run_size_++] = slot;
  if (!queued_) {
    queued_ = true;
    (router_.last_queued_ != nullptr ? router_.last_queued_->next_queued_ : router_.first_queued_) = this;
    router_.last_queued_ = this;
  }
  return Received::stored;
}

void Track::note(Encoding& state, const StoredPacket& packet, std::int64_t now_us) {
  ++counters_.packets;
  counters_.bytes += packet.payload_size;
  state.last_packet_us = now_us;
  const unsigned layer = std::min<unsigned>(packet.info.temporal_id, max_temporal_layers - 1);
  state.temporal_layers = std::max(state.temporal_layers, layer + 1);
  if (packet.info.width != 0) {
    state.width = packet.info.width;
    state.height = packet.info.height;
  }
  if (starts_decoding(packet)) {
    ++counters_.key_frames;
    // H.264 may have several packets that one could begin with in one picture: the first is where it begins.
    if (state.key_sequence < 0 || packet.timestamp != state.key_timestamp) {
      state.key_sequence = packet.sequence;
      state.key_timestamp = packet.timestamp;
    }
    state.last_key_frame_us = now_us;
    state.key_frame_wanted = false;
  }
  // A key frame is a burst now and then. Counted in full it would make its layer look too dear for a second,
  // just when somebody begins with it, and their slot would be paused for it.
  const bool of_key_frame = state.key_sequence >= 0 && packet.timestamp == state.key_timestamp;
  state.rates[layer].add(packet.payload_size / (of_key_frame ? key_frame_spread : 1), now_us);
  if (packet.info.key_frame) state.had_parameters = true;
  if (!state.time.known) {
    // Until the sender tells its clock, arrival has to stand for it.
    state.time = {true, false, packet.timestamp, now_us};
  }
}

bool Track::starts_decoding(const StoredPacket& packet) const {
  // An IDR picture without parameter sets is a beginning only where the stream never has them (they came in
  // SDP).
  return packet.info.key_frame ||
         (packet.info.idr_without_parameters && !states_[packet.encoding].had_parameters);
}

void Track::on_sender_report(unsigned encoding, std::uint32_t timestamp, std::int64_t media_us) {
  if (encoding >= config_.encodings) return;
  states_[encoding].time = {true, true, timestamp, media_us};
  for (TrackTap* tap : taps_)
    tap->on_time(*this, encoding, timestamp, media_us);
}

std::int64_t Track::media_us(const StoredPacket& packet) const {
  const TimeReference& time = states_[packet.encoding].time;
  const auto ticks = static_cast<std::int32_t>(packet.timestamp - time.timestamp);
  return time.media_us + std::int64_t{ticks} * 1'000'000 / rtp::clock_hz(config_.codec);
}

void Track::request_key_frame(unsigned encoding, std::int64_t now_us) {
  if (encoding >= config_.encodings || !rtp::is_video(config_.codec)) return;
  states_[encoding].key_frame_wanted = true;
  send_request(encoding, now_us);
}

void Track::send_request(unsigned encoding, std::int64_t now_us) {
  Encoding& state = states_[encoding];
  const std::int64_t spacing = config_.on_demand_bps[encoding] != 0     ? on_demand_spacing_us
                               : encoding == 0 && config_.encodings > 1 ? low_spacing_us
                                                                        : spacing_us;
  if (now_us - state.requested_us < spacing) return;
  state.requested_us = now_us;
  ++counters_.key_frame_requests;
  source_.request_key_frame(*this, encoding);
}

bool Track::active(unsigned encoding, std::int64_t now_us) const {
  if (config_.on_demand_bps[encoding] != 0) return true;
  const std::int64_t last = states_[encoding].last_packet_us;
  return last >= 0 && now_us - last < active_us;
}

EncodingState Track::encoding(unsigned encoding, std::int64_t now_us) const {
  EncodingState result;
  if (encoding >= config_.encodings) return result;
  const Encoding& state = states_[encoding];
  result.active = active(encoding, now_us);
  result.width = state.width;
  result.height = state.height;
  result.temporal_layers = state.temporal_layers;
  result.last_key_frame_us = state.last_key_frame_us;
  std::uint32_t sum = 0;
  for (unsigned i = 0; i < max_temporal_layers; ++i) {
    sum += state.rates[i].bps(now_us);
    result.bitrate_bps[i] = std::max(sum, config_.on_demand_bps[encoding]);
  }
  return result;
}

std::uint8_t Track::encodings_in_use() const {
  unsigned bits = 0;
  for (const Subscription* subscription : subscriptions_) {
    if (const auto current = subscription->current()) bits |= 1U << current->encoding;
    if (const auto awaited = subscription->awaited()) bits |= 1U << *awaited;
  }
  return static_cast<std::uint8_t>(bits);
}

std::uint32_t Track::lowest_share_bps(std::uint32_t floor_bps) const {
  std::uint32_t lowest = 0;
  const auto consider = [&](std::uint32_t share) {
    if (share != 0 && share >= floor_bps && (lowest == 0 || share < lowest)) lowest = share;
  };
  for (const Subscription* subscription : subscriptions_)
    consider(subscription->share_bps());
  for (const TrackTap* tap : taps_)
    consider(tap->share_bps());
  return lowest;
}

void Track::add_tap(TrackTap& tap) {
  taps_.push_back(&tap);
}
void Track::remove_tap(TrackTap& tap) {
  std::erase(taps_, &tap);
}

void Track::flush(std::int64_t /*now_us*/) {
  if (run_size_ == 0) return;
  const std::span<const StoredPacket* const> run(run_.data(), run_size_);
  for (Subscription* subscription : subscriptions_)
    subscription->forward(run);
  for (TrackTap* tap : taps_)
    tap->on_run(*this, run);
  run_size_ = 0;
  flushed_order_ = order_;
}

void Track::tick(std::int64_t now_us) {
  for (Subscription* subscription : subscriptions_)
    subscription->tick(now_us);
  for (unsigned i = 0; i < config_.encodings; ++i) {
    if (states_[i].key_frame_wanted && active(i, now_us)) send_request(i, now_us);
  }
}

} // namespace viadux::router
