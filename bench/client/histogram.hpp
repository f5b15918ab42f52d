// Durations in microseconds with three per cent resolution, for percentiles over millions of packets.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace viadux::bench {

class Histogram {
 public:
  void add(std::int64_t value_us) {
    ++counts_[index(value_us < 0 ? 0 : static_cast<std::uint64_t>(value_us))];
    ++total_;
  }
  std::uint64_t count() const { return total_; }
  // The value that `share` (0..1) of all do not exceed, to the bucket's upper edge; 0 when empty.
  std::uint64_t percentile(double share) const {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > rank || (seen == total_ && total_ > 0)) return upper_edge(i);
    }
    return 0;
  }

 private:
  static constexpr unsigned bucket_bits = 5; // 32 buckets for each power of two
  static std::size_t index(std::uint64_t value) {
    value = value > 0xFFFFFFFF ? 0xFFFFFFFF : value;
    if (value < 64) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - bucket_bits - 1;
    return (std::size_t{shift} << bucket_bits) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t upper_edge(std::size_t i) {
    if (i < 64) return i;
    const auto shift = (i >> bucket_bits) - 1;
    return (((i & 31U) + 33) << shift) - 1;
  }
  std::array<std::uint64_t, 960> counts_{};
  std::uint64_t total_ = 0;
};

} // namespace viadux::bench
