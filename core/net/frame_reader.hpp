// Packets out of a TCP stream: two bytes of length, then the packet (RFC 4571 section 2). [worker]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace viadux {

// A fixed buffer: a peer cannot make it grow. Frames larger than max_frame are refused, not skipped: no
// honest ICE-TCP peer sends them, and skipping would be reading on behalf of an attacker.
class FrameReader {
 public:
  static constexpr std::size_t max_frame = 2048;

  // Where to read the stream's next bytes to; never empty unless broken() or before next() was called to its
  // end.
  std::span<std::uint8_t> room();
  void filled(std::size_t size) { end_ += size; }
  // The next complete packet, in place, valid until room() is called. nullopt when there is none (yet). Empty
  // frames are left out.
  std::optional<std::span<std::uint8_t>> next();
  // A frame was too large: close the connection.
  bool broken() const { return broken_; }

 private:
  std::array<std::uint8_t, 4 * (max_frame + 2)> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool broken_ = false;
};

} // namespace viadux
