// Who fills the slot and with which layers; subscription_forward.cpp has the packets' way.
#include "core/router/subscription.hpp"

#include "core/router/router.hpp"

#include <algorithm>

namespace viadux::router {

Subscription::Subscription(const SlotConfig& config, Egress& egress)
    : config_(config), egress_(egress),
      sequences_(std::int64_t{config.first_sequence} + rtp::SequenceUnwrapper::modulus),
      last_timestamp_(config.first_timestamp) {}

Subscription::~Subscription() {
  if (track_ != nullptr) std::erase(track_->subscriptions_, this);
}

const SlotFormat* format_for(std::span<const SlotFormat> formats, const TrackConfig& track) {
  const SlotFormat* best = nullptr;
  for (const SlotFormat& format : formats) {
    if (format.codec != track.codec || format.codec == rtp::Codec::unknown) continue;
    if (format.codec != rtp::Codec::h264) return &format;
    // A receiver of mode 1 takes mode 0 too (RFC 6184 section 6.3), never the other way round.
    if (format.packetization_mode < track.packetization_mode) continue;
    if (best == nullptr || format.packetization_mode < best->packetization_mode) best = &format;
  }
  return best;
}

bool Subscription::can_take(const Track& track) const {
  return format_for(config_.formats, track.config()) != nullptr;
}

// What waits in the egress will not leave: its numbers are free again, as the receiver never saw them.
void Subscription::take_back() {
  const auto first = egress_.withdraw();
  if (!first) return;
  for (std::uint16_t s = *first; s != static_cast<std::uint16_t>(newest_sequence_ + 1); ++s) {
    const SentPacket* sent = sent_.find(s);
    if (sent == nullptr) continue;
    --counters_.packets;
    const StoredPacket* source = sent->padding ? nullptr : source_of(*sent);
    if (source != nullptr) counters_.octets -= source->payload_size;
  }
  sequences_.take_back(*first);
  newest_sequence_ = static_cast<std::uint16_t>(*first - 1);
}

void Subscription::leave_track() {
  if (track_ != nullptr) take_back();
  if (track_ != nullptr) std::erase(track_->subscriptions_, this);
  track_ = nullptr;
  current_ = awaited_ = last_source_encoding_ = none;
  sent_.clear(); // its packets live in the track's rings
}

bool Subscription::set_track(Track* track, std::int64_t now_us) {
  if (track == track_ && track != nullptr) return true;
  leave_track();
  if (track == nullptr) return true;
  format_ = format_for(config_.formats, track->config());
  if (format_ == nullptr) return false;
  track_ = track;
  track_->subscriptions_.push_back(this);
  clock_hz_ = rtp::clock_hz(format_->codec);
  mark_next_ = !is_video();
  restart(now_us);
  return true;
}

void Subscription::restart(std::int64_t now_us) {
  if (track_ == nullptr || paused_ || !is_video()) return;
  take_back();
  sent_.clear(); // what nobody got is not to be repeated
  current_ = none;
  awaited_ = wanted(now_us);
  if (!start_with_kept(now_us)) track_->request_key_frame(static_cast<unsigned>(awaited_), now_us);
}

void Subscription::set_target(LayerTarget target, std::int64_t now_us) {
  if (target == target_) return;
  target_ = target;
  temporal_ = std::min(temporal_, target_.temporal);
  choose(now_us);
}

void Subscription::pause() {
  if (paused_) return;
  paused_ = true;
  current_ = awaited_ = none;
  take_back();
  sent_.clear();
}

void Subscription::resume(std::int64_t now_us) {
  if (!paused_) return;
  paused_ = false;
  mark_next_ = !is_video();
  choose(now_us);
}

// The encoding to go for.
int Subscription::wanted(std::int64_t now_us) const {
  const int top = static_cast<int>(std::min(target_.encoding, track_->encodings() - 1));
  for (int i = top; i >= 0; --i)
    if (track_->active(static_cast<unsigned>(i), now_us)) return i;
  // Nothing at or below the target: the smallest there is, or the target itself when nothing has come yet.
  for (int i = top + 1; i < static_cast<int>(track_->encodings()); ++i)
    if (track_->active(static_cast<unsigned>(i), now_us)) return i;
  return top;
}

void Subscription::choose(std::int64_t now_us) {
  if (track_ == nullptr || paused_ || !is_video()) return;
  const int encoding = wanted(now_us);
  awaited_ = encoding == current_ ? none : encoding;
  if (awaited_ != none) track_->request_key_frame(static_cast<unsigned>(awaited_), now_us);
}

void Subscription::tick(std::int64_t now_us) {
  choose(now_us);
}

void Subscription::request_key_frame(std::int64_t now_us) {
  if (track_ == nullptr || paused_) return;
  if (current_ != none) track_->request_key_frame(static_cast<unsigned>(current_), now_us);
  if (awaited_ != none) track_->request_key_frame(static_cast<unsigned>(awaited_), now_us);
}

std::optional<LayerTarget> Subscription::current() const {
  if (current_ == none) return std::nullopt;
  return LayerTarget{static_cast<unsigned>(current_), temporal_};
}

std::optional<unsigned> Subscription::awaited() const {
  if (awaited_ == none) return std::nullopt;
  return static_cast<unsigned>(awaited_);
}

std::optional<std::uint32_t> Subscription::timestamp_at(std::int64_t media_us) const {
  if (!sent_any_) return std::nullopt;
  const auto ticks = [&](std::int64_t us) { return static_cast<std::uint32_t>(us * clock_hz_ / 1'000'000); };
  if (current_ == none) return last_timestamp_ + ticks(media_us - last_arrival_us_);
  const Track::TimeReference& time = track_->states_[static_cast<std::size_t>(current_)].time;
  return time.timestamp + ticks(media_us - time.media_us) + timestamp_offset_;
}

const StoredPacket* Subscription::source_of(const SentPacket& sent) const {
  const PacketRing& ring = track_->states_[sent.encoding].ring;
  const auto behind = static_cast<std::uint32_t>(ring.highest()) - sent.source_sequence;
  return ring.find(ring.highest() - behind);
}

OutPacket Subscription::again(const SentPacket& sent, const StoredPacket* source) const {
  return {.source = source,
          .ssrc = config_.ssrc,
          .timestamp = sent.timestamp,
          .sequence = sent.sequence,
          .payload_type = format_->payload_type,
          .marker = sent.marker,
          .rewrite_vp8 = sent.rewrite_vp8,
          .vp8 = sent.vp8};
}

std::optional<OutPacket> Subscription::packet(std::uint16_t sequence) const {
  if (track_ == nullptr) return std::nullopt;
  const SentPacket* sent = sent_.find(sequence);
  if (sent == nullptr) return std::nullopt;
  const StoredPacket* source = sent->padding ? nullptr : source_of(*sent);
  if (source == nullptr && !sent->padding) return std::nullopt;
  return again(*sent, source);
}

void Subscription::handle_nack(std::span<const std::uint16_t> sequences, std::int64_t now_us,
                               std::int64_t rtt_us) {
  if (track_ == nullptr) return;
  std::array<OutPacket, max_run> run;
  std::size_t count = 0;
  for (const std::uint16_t sequence : sequences) {
    SentPacket* sent = sent_.find(sequence);
    const StoredPacket* source = sent == nullptr || sent->padding ? nullptr : source_of(*sent);
    if (sent == nullptr || (source == nullptr && !sent->padding)) {
      ++counters_.nack_unknown;
    } else if (SentLog::repeat(*sent, now_us, rtt_us) != SentLog::Answer::yes) {
      ++counters_.nack_limited;
    } else {
      run[count++] = again(*sent, source);
    }
    if (count == run.size()) {
      egress_.retransmit(std::span(run).first(count));
      counters_.retransmitted += count;
      count = 0;
    }
  }
  if (count != 0) egress_.retransmit(std::span(run).first(count));
  counters_.retransmitted += count;
}

std::size_t Subscription::repeat_newest(std::size_t count) {
  if (track_ == nullptr || !sent_any_) return 0;
  std::array<OutPacket, max_run> run;
  count = std::min(count, run.size());
  std::size_t found = 0;
  for (std::size_t back = 0; back < max_run && found < count; ++back) {
    const SentPacket* sent = sent_.find(static_cast<std::uint16_t>(newest_sequence_ - back));
    if (sent == nullptr || sent->padding) continue;
    if (const StoredPacket* source = source_of(*sent)) run[found++] = again(*sent, source);
  }
  if (found != 0) egress_.retransmit(std::span(run).first(found));
  return found;
}

} // namespace viadux::router
