// A publisher's VP8 picture ids, TL0PICIDX and KEYIDX to a subscriber's (RFC 7741 section 4.2): consecutive
// over changes of encoding and over frames left out, so that the receiver waits for no frame that will never
// come. [worker]
#pragma once

#include "core/rtp/vp8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace viadux::router {

class Vp8Map {
 public:
  // Another encoding or track: the frame of `first` gets the next picture id, TL0PICIDX and KEYIDX.
  void start(const rtp::Vp8Descriptor& first);

  enum class Fate : std::uint8_t {
    fresh,   // a frame not seen before, ahead of all: decide with forward() or drop()
    sent,    // of a frame that is being forwarded
    dropped, // of a frame that was left out
    missed,  // late, of a frame of which nothing came yet: its id was kept free, so forward it
    unknown, // before start(), or too old
  };
  Fate fate(const rtp::Vp8Descriptor& packet) const;

  // The frame (fresh or missed) goes out.
  void forward(const rtp::Vp8Descriptor& packet);
  // The frame (fresh) does not: the following close up.
  void drop(const rtp::Vp8Descriptor& packet);
  // What to write into a packet of a frame that was forwarded.
  rtp::Vp8Rewrite rewrite(const rtp::Vp8Descriptor& packet);

 private:
  struct Frame {
    std::int64_t in = -1;
    std::int64_t offset = 0; // out = in - offset for this frame; for a dropped one, of those behind it
    bool dropped = false;
  };
  static constexpr std::int64_t kept = 64; // frames: about 2 s
  std::int64_t unwrap(const rtp::Vp8Descriptor& packet) const;
  Frame& frame(std::int64_t in) { return frames_[static_cast<std::size_t>(in % kept)]; }
  const Frame& frame(std::int64_t in) const { return frames_[static_cast<std::size_t>(in % kept)]; }
  std::int64_t offset_at(std::int64_t in) const;

  std::array<Frame, kept> frames_{};
  std::int64_t first_in_ = 0;
  std::int64_t highest_in_ = -1;
  std::int64_t offset_ = 0;
  std::int64_t next_out_ = 0;
  std::uint8_t tl0_offset_ = 0; // in minus out
  std::uint8_t key_offset_ = 0;
  std::uint8_t last_tl0_ = 0; // out
  std::uint8_t last_key_ = 0;
  bool started_ = false;
};

} // namespace viadux::router
