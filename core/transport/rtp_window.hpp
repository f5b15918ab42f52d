// Where the packets of each SSRC stand: rollover counters, and which packets have passed (RFC
// 3711 3.3.1, 3.3.2). The same for both directions, and for SRTCP, whose packets carry their index. [worker]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace viadux {

class RtpWindow {
 public:
  static constexpr std::size_t size = 1024; // packets may come, or leave, this much out of order
  enum class Place : std::uint8_t { fresh, passed, too_old };

  RtpWindow(std::uint32_t ssrc, std::uint64_t first_index) : ssrc_(ssrc), highest_(first_index) {}

  std::uint32_t ssrc() const { return ssrc_; }
  // The index (rollover counter times 2^16 plus sequence number) that is nearest to the highest one.
  std::uint64_t index_of(std::uint16_t sequence) const;
  Place place_of(std::uint64_t index) const;
  // Not for an index that is too old.
  void mark(std::uint64_t index);

 private:
  std::uint32_t ssrc_;
  std::uint64_t highest_;
  std::array<std::uint64_t, size / 64> passed_{}; // a bit per index, modulo the window
};

// A connection's windows. It has a handful of streams, and runs of packets belong to one.
class RtpWindows {
 public:
  // Null where there is none; valid until the next add().
  RtpWindow* find(std::uint32_t ssrc);
  // Once per stream: the only allocation.
  RtpWindow& add(const RtpWindow& window);
  std::size_t size() const { return windows_.size(); }

 private:
  std::vector<RtpWindow> windows_;
  std::size_t last_ = 0;
};

} // namespace viadux
