#include "core/congestion/acked_rate.hpp"

#include <algorithm>

namespace viadux::congestion {
namespace {
constexpr std::int64_t window_us = 500'000, max_window_us = 5'000'000;
constexpr int enough = 10;
constexpr std::int64_t peak_us = 150'000;
} // namespace

void AckedRate::on_packet(const PacketResult& packet) {
  ring_[next_] = packet;
  next_ = (next_ + 1) % slots;
  count_ = std::min(count_ + 1, slots);
  while (count_ > least_slots && packet.arrival_us - at(0).arrival_us > window_us)
    --count_;
  while (count_ > 1 && packet.arrival_us - at(0).arrival_us > max_window_us)
    --count_;
}

std::optional<std::int64_t> AckedRate::bps() const {
  if (count_ < enough) return std::nullopt;
  std::int64_t first_send = INT64_MAX, last_send = INT64_MIN, bytes = 0;
  std::int64_t largest_gap = 0, second_gap = 0;
  std::uint16_t first_received_size = at(0).size, last_sent_size = 0;
  for (int i = 0; i < count_; ++i) {
    const PacketResult& packet = at(i);
    bytes += packet.size;
    first_send = std::min(first_send, packet.send_us);
    if (packet.send_us >= last_send) last_send = packet.send_us, last_sent_size = packet.size;
    if (i == 0) continue;
    const std::int64_t gap = packet.arrival_us - at(i - 1).arrival_us;
    if (gap > largest_gap) {
      second_gap = largest_gap;
      largest_gap = gap;
    } else {
      second_gap = std::max(second_gap, gap);
    }
  }
  const std::int64_t span = at(count_ - 1).arrival_us - at(0).arrival_us;
  const std::int64_t receive_span = std::max<std::int64_t>(span - largest_gap + second_gap, 1'000);
  const std::int64_t send_span = std::max<std::int64_t>(last_send - first_send, 1'000);
  const std::int64_t receive_bps = (bytes - first_received_size) * 8'000'000 / receive_span;
  const std::int64_t send_bps = (bytes - last_sent_size) * 8'000'000 / send_span;
  return std::min(receive_bps, send_bps);
}

std::int64_t AckedRate::peak_bps() const {
  std::int64_t most = 0, bytes = 0;
  for (int first = 0, last = 0; last < count_; ++last) {
    bytes += at(last).size;
    while (at(last).arrival_us - at(first).arrival_us > peak_us)
      bytes -= at(first++).size;
    most = std::max(most, bytes - at(first).size); // n packets have n - 1 intervals
  }
  return most * 8'000'000 / peak_us;
}

} // namespace viadux::congestion
