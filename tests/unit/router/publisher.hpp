// A made-up sender for tests: VP8 with simulcast and three temporal layers as Chrome sends it, H.264, or
// Opus. What it sends says what it is, so that a receiver can tell whether all that a frame needs has
// arrived.
#pragma once

#include "core/rtp/packet.hpp"
#include "core/rtp/vp8.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace viadux::router::test {

// The first bytes of each payload, behind the codec's own header.
struct Label {
  std::uint8_t track = 0;
  std::uint8_t encoding = 0;
  std::uint8_t temporal = 0;
  bool key = false;
  std::uint16_t frame = 0;
  std::uint8_t part = 0;
  std::uint8_t parts = 0;
  std::array<std::uint16_t, 2> needs{}; // frames of the same encoding; 0xffff is none
};
inline constexpr std::size_t label_size = 12;
void write_label(const Label& label, std::uint8_t* out);
Label read_label(const std::uint8_t* in);

struct SentPart {
  unsigned encoding = 0;
  std::int64_t at_us = 0;
  bool begins_key_frame = false;
  std::vector<std::uint8_t> bytes; // a whole RTP packet
  rtp::PacketView view() const { return *rtp::parse(bytes); }
};

struct Vp8PublisherConfig {
  std::uint8_t track = 1;
  unsigned encodings = 1;
  std::uint16_t first_sequence = 65'500;
  std::uint16_t first_picture_id = 32'760;
  unsigned picture_id_bits = 15;
  std::uint32_t first_timestamp = 0xffff'0000;
  bool temporal_layers = true;
};

class Vp8Publisher {
 public:
  explicit Vp8Publisher(const Vp8PublisherConfig& config);
  void request_key_frame(unsigned encoding) { states_[encoding].key_wanted = true; }
  // The next frame of each encoding, all its packets. 30 frames a second: call every 33'333 us.
  std::vector<SentPart> frame(std::int64_t now_us);
  // What the encoding's RTP clock shows at `now_us`: for sender reports.
  std::uint32_t timestamp_at(unsigned encoding, std::int64_t now_us) const;

 private:
  struct State {
    bool key_wanted = true;
    std::uint16_t sequence = 0;
    std::uint16_t picture_id = 0;
    std::uint8_t tl0 = 0;
    std::uint8_t key_idx = 0;
    std::uint16_t frame = 0;
    unsigned phase = 0;
    std::uint16_t last_t0 = 0xffff;
    std::uint16_t last_t1 = 0xffff;
  };
  void encode(unsigned encoding, std::int64_t now_us, std::vector<SentPart>& out);
  Vp8PublisherConfig config_;
  std::vector<State> states_;
};

} // namespace viadux::router::test
