#include "core/mixer/jitter_buffer.hpp"

#include <algorithm>
#include <cstdlib>

namespace viadux::mixer {
namespace {
constexpr std::int64_t window_us = 5'000'000;
constexpr double fall = 0.998;              // a packet: to a third in some 10 s
constexpr std::uint32_t restart_after = 25; // packets in a row that are all too old
constexpr std::int64_t most_step_s = 60;    // of the timestamp: more is no pause
constexpr std::int64_t margin_us = 10'000;  // the tick that takes packets has its own rhythm
} // namespace

bool JitterBuffer::put(std::uint16_t sequence, std::uint32_t timestamp, std::span<const std::uint8_t> payload,
                       std::int64_t arrival_us) {
  Packet packet;
  packet.sequence = unwrap_(sequence);
  // A step of the timestamp is counted as signed: late packets step back.
  packet.timestamp = started_ ? last_timestamp_ + static_cast<std::int32_t>(
                                                      timestamp - static_cast<std::uint32_t>(last_timestamp_))
                              : std::int64_t{timestamp};
  if (packet.sequence <= taken_) {
    if (++stale_ < restart_after) return false;
    clear(); // a sender that began anew further back
    return put(sequence, timestamp, payload, arrival_us);
  }
  if (started_ && std::abs(packet.timestamp - last_timestamp_) > most_step_s * clock_hz_) {
    clear(); // another clock; adding such steps up would leave the numbers' range
    return put(sequence, timestamp, payload, arrival_us);
  }
  stale_ = 0;
  const auto place = std::ranges::lower_bound(packets_, packet.sequence, {}, &Packet::sequence);
  if (place != packets_.end() && place->sequence == packet.sequence) return false;
  started_ = true;
  if (place == packets_.end()) last_timestamp_ = packet.timestamp;
  learn(packet.timestamp, arrival_us);
  packet.arrival_us = arrival_us;
  if (!spare_.empty()) {
    packet.payload = std::move(spare_.back());
    spare_.pop_back();
  }
  packet.payload.assign(payload.begin(), payload.end());
  packets_.insert(place, std::move(packet));
  if (packets_.size() > capacity) {
    ++overflows_;
    pop();
  }
  return true;
}

void JitterBuffer::pop() {
  taken_ = packets_.front().sequence;
  if (spare_.size() < 8) spare_.push_back(std::move(packets_.front().payload));
  packets_.pop_front();
}

void JitterBuffer::clear() {
  packets_.clear();
  unwrap_ = {};
  started_ = false;
  taken_ = INT64_MIN;
  stale_ = 0;
  least_us_ = least_before_us_ = INT64_MAX;
}

// In two parts: smaller steps, too, add up over hours.
std::int64_t JitterBuffer::to_us(std::int64_t ticks) const {
  return ticks / clock_hz_ * 1'000'000 + ticks % clock_hz_ * 1'000'000 / clock_hz_;
}

void JitterBuffer::learn(std::int64_t timestamp, std::int64_t arrival_us) {
  const std::int64_t transit_us = arrival_us - to_us(timestamp);
  if (arrival_us - least_since_us_ > window_us) {
    least_before_us_ = least_us_;
    least_us_ = INT64_MAX;
    least_since_us_ = arrival_us;
  }
  least_us_ = std::min(least_us_, transit_us);
  const auto late = static_cast<double>(transit_us - std::min(least_us_, least_before_us_));
  late_us_ = std::min(std::max(late, late_us_ * fall), static_cast<double>(most_wait_us));
}

std::int64_t JitterBuffer::wait_us() const {
  return std::clamp(static_cast<std::int64_t>(late_us_) + margin_us, least_wait_us, most_wait_us);
}

} // namespace viadux::mixer
