#include "core/router/sent_log.hpp"

#include <algorithm>

namespace viadux::router {

void SentLog::grow(std::size_t slots) {
  std::vector<SentPacket> larger(slots);
  for (const SentPacket& entry : entries_)
    if (entry.used) larger[entry.sequence & (slots - 1)] = entry;
  entries_ = std::move(larger);
}

void SentLog::add(const SentPacket& packet) {
  SentPacket& entry = entries_[packet.sequence & (entries_.size() - 1)];
  entry = packet;
  entry.used = true;
}

SentPacket* SentLog::find(std::uint16_t sequence) {
  if (entries_.empty()) return nullptr;
  SentPacket& entry = entries_[sequence & (entries_.size() - 1)];
  return entry.used && entry.sequence == sequence ? &entry : nullptr;
}

void SentLog::clear() {
  std::fill(entries_.begin(), entries_.end(), SentPacket{});
}

SentLog::Answer SentLog::repeat(SentPacket& packet, std::int64_t now_us, std::int64_t rtt_us) {
  if (packet.repeats >= max_repeats) return Answer::too_often;
  const auto now_ms = static_cast<std::uint32_t>(now_us / 1000);
  const auto spacing_ms =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(rtt_us, min_spacing_us, 10'000'000) / 1000);
  if (packet.repeats != 0 && now_ms - packet.last_ms < spacing_ms) return Answer::too_soon;
  packet.last_ms = now_ms;
  ++packet.repeats;
  return Answer::yes;
}

} // namespace viadux::router
