// Frames out of the packets of one encoding, in order and whole: VP8 (RFC 7741) as libvpx wants it, H.264
// (RFC 6184, packetization modes 0 and 1) with start codes. What is lost is waited for a while, as a repeat
// may come; then all is left out up to the next key frame, so that no broken picture is shown. Pure. [one
// thread]
#pragma once

#include "core/rtp/codec.hpp"
#include "core/rtp/unwrap.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace viadux::mixer {

struct CodedFrame {
  bool key = false;
  std::uint32_t timestamp = 0;
  std::vector<std::uint8_t> bytes;
};

class FrameAssembler {
 public:
  static constexpr std::size_t most_packets = 1024; // waiting
  static constexpr std::int64_t patience_us = 250'000;

  explicit FrameAssembler(rtp::Codec codec) : codec_(codec) {}

  void put(std::uint16_t sequence, std::uint32_t timestamp, bool marker,
           std::span<const std::uint8_t> payload, std::int64_t now_us);
  // The next whole frame, if there is one.
  std::optional<CodedFrame> next(std::int64_t now_us);
  // Only a key frame helps now.
  bool wants_key_frame() const { return broken_; }
  // What was decoded so far is of no use any more.
  void begin_anew() { broken_ = true; }

  std::uint64_t lost() const { return lost_; }           // times that something did not come
  std::uint64_t malformed() const { return malformed_; } // packets

 private:
  struct Packet {
    std::uint32_t timestamp = 0;
    bool marker = false;
    bool key = false;   // a key frame may begin here
    bool begins = true; // a frame may begin here, as far as can be seen
    std::int64_t picture_id = -1;
    std::size_t skip = 0; // VP8: the descriptor
    std::int64_t arrival_us = 0;
    std::vector<std::uint8_t> payload;
  };
  using Packets = std::map<std::int64_t, Packet>;

  Packets::iterator end_of_frame(Packets::iterator from);
  bool follows(const Packet& first) const;
  void give_up();
  CodedFrame take(Packets::iterator from, Packets::iterator last);
  static void append_h264(std::span<const std::uint8_t> payload, std::vector<std::uint8_t>& out);

  const rtp::Codec codec_;
  rtp::SequenceUnwrapper unwrap_;
  Packets packets_;
  std::int64_t next_ = -1; // where the next frame begins
  std::int64_t picture_id_ = -1;
  bool broken_ = true;
  std::uint64_t lost_ = 0, malformed_ = 0;
};

} // namespace viadux::mixer
