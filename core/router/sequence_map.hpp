// Publisher's sequence numbers to a subscriber's: what is left out by choice leaves no gap, what was lost on
// the way to us keeps its number free and fits in when it comes late. [worker]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace viadux::router {

class SequenceMap {
 public:
  // `first` is the number that the first packet will get.
  explicit SequenceMap(std::int64_t first) : next_out_(first) {}

  // The input runs on from elsewhere (another encoding, another track): `in` will get the next number.
  void start(std::int64_t in);

  // The number for packet `in`. Nothing for one that came before start(), or so late that it is not known any
  // more.
  std::optional<std::int64_t> forward(std::int64_t in);

  // The numbers from `first_out` (its lower half) on were given, but nobody has seen them: they are free
  // again. Only before a start().
  void take_back(std::uint16_t first_out) {
    next_out_ -= static_cast<std::uint16_t>(static_cast<std::uint16_t>(next_out_) - first_out);
  }

  // Packet `in`, ahead of all so far, is left out: the following close up.
  void drop(std::int64_t in);

  bool is_ahead(std::int64_t in) const { return in > highest_in_; }
  std::int64_t highest_in() const { return highest_in_; }
  std::int64_t next_out() const { return next_out_; }

 private:
  // From `first_in` on, out = in - offset. One per group of left-out packets: 64 are some seconds of thinned
  // video.
  struct Segment {
    std::int64_t first_in = 0;
    std::int64_t offset = 0;
  };
  static constexpr std::size_t kept = 64;
  Segment& newest() { return segments_[(count_ - 1) % kept]; }

  std::array<Segment, kept> segments_{};
  std::size_t count_ = 0;
  std::int64_t highest_in_ = -1;
  std::int64_t next_out_;
};

} // namespace viadux::router
