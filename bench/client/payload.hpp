// What the synthetic media carries: VP8 and Opus to the eye of a router, and inside it who sent it, when, and
// a pattern, so that a receiver can tell every packet that was lost, doubled, swapped or changed.
#pragma once

#include "bench/client/bytes.hpp"

#include <cstdint>
#include <optional>

namespace viadux::bench {

struct Stamp {
  std::uint32_t stream = 0;  // the sending encoding
  std::uint32_t counter = 0; // packets of that encoding, from 0
  std::uint32_t frame = 0;
  std::int64_t sent_us = 0;
};

struct Vp8Layer {
  bool key = false;
  bool first = false; // the frame's first packet
  std::uint16_t picture_id = 0;
  std::uint16_t width = 640;
  std::uint16_t height = 360;
};

constexpr std::size_t stamp_size = 30;
constexpr std::size_t min_payload = 4 + 10 + stamp_size;

// Fills `out` wholly. The caller gives at least min_payload bytes.
void write_vp8(std::span<std::uint8_t> out, const Vp8Layer& layer, const Stamp& stamp);
void write_opus(std::span<std::uint8_t> out, const Stamp& stamp);

struct ReadPayload {
  Stamp stamp;
  bool key = false;
  bool intact = false; // lengths and checksum hold, and the pattern too if it was asked for
};
// Nothing when it is not one of ours. `deep` compares the pattern byte by byte.
std::optional<ReadPayload> read_vp8(Bytes payload, bool deep);
std::optional<ReadPayload> read_opus(Bytes payload, bool deep);

} // namespace viadux::bench
