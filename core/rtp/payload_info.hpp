// What the router asks of a payload, whatever its codec. VP9 and AV1 get their place here. [any thread]
#pragma once

#include "core/rtp/codec.hpp"
#include "core/rtp/vp8.hpp"

#include <cstdint>
#include <span>

namespace viadux::rtp {

struct PayloadInfo {
  bool valid = true;         // false: the descriptor is malformed; the packet is dropped
  bool key_frame = false;    // a receiver may begin with this packet
  bool starts_frame = false; // where the payload tells (VP8); else false
  bool layer_sync = false;   // a receiver may begin to take this temporal layer with this frame
  std::uint8_t temporal_id = 0;
  std::uint8_t packetization_mode = 0; // H.264
  bool idr_without_parameters = false; // H.264: a place to begin only if the parameters are known otherwise
  std::uint16_t width = 0;             // where the payload tells (key frames)
  std::uint16_t height = 0;
  Vp8Descriptor vp8; // VP8 only
};

PayloadInfo describe(Codec codec, std::span<const std::uint8_t> payload);

} // namespace viadux::rtp
