// One sender's packets as a stranger would send them: frames are put together and decoded, and what comes out
// is a picture or none.
//
// The input: a byte whose lowest bit is the codec, then packets: sequence step, flags (bit 0 marker, bit 1
// after a gap, bits 2-3 time), a length, the payload.
#include "core/mixer/picture_source.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace viadux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  mixer::PictureSource source((data[0] & 1U) != 0 ? rtp::Codec::vp8 : rtp::Codec::h264, 1);
  source.set_height(180);
  std::int64_t now_us = 1'000'000;
  source.decode(now_us); // from now on it takes packets
  std::uint16_t sequence = 0;
  for (std::size_t at = 1; at + 3 <= size;) {
    router::ChannelRecord record;
    sequence = static_cast<std::uint16_t>(sequence + (data[at] & 0x80U ? data[at] : 1));
    record.sequence = sequence;
    const std::uint8_t flags = data[at + 1];
    record.flags = static_cast<std::uint8_t>(((flags & 1U) != 0 ? router::ChannelRecord::marker : 0) |
                                             ((flags & 2U) != 0 ? router::ChannelRecord::after_gap : 0));
    now_us += (flags >> 2U & 3U) * 100'000;
    record.timestamp = static_cast<std::uint32_t>(now_us * 9 / 100);
    const std::size_t length = std::min<std::size_t>(data[at + 2] * 5U, size - at - 3);
    source.put(record, {data + at + 3, length}, now_us);
    at += 3 + length;
    source.decode(now_us);
    const mixer::PictureView seen = source.picture();
    if (seen &&
        (seen.width <= 0 || seen.height <= 0 || seen.width * seen.height > mixer::VideoDecoder::most_pixels))
      std::abort();
    source.key_frame_wanted(now_us);
  }
  return 0;
}
