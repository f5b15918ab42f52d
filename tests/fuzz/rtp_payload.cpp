// VP8 descriptors and H.264 payloads; a VP8 descriptor written again reads the same but for what was
// rewritten.
#include "core/rtp/h264.hpp"
#include "core/rtp/payload_info.hpp"
#include "core/rtp/vp8.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

using namespace viadux::rtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> payload(data, size);
  static_cast<void>(describe(Codec::h264, payload));
  if (const auto h264 = parse_h264(payload); h264 && (h264->width > 16384 || h264->height > 16384))
    std::abort();
  const auto d = parse_vp8(payload);
  if (!d) return 0;
  if (d->size >= size) std::abort();
  std::array<std::uint8_t, 8> out{};
  const Vp8Rewrite to{d->picture_id, d->tl0_pic_idx, d->key_idx};
  const std::size_t written = write_vp8_descriptor(*d, to, out.data());
  if (written > 6) std::abort();
  out[written] = data[d->size];
  const auto again = parse_vp8(std::span(out).first(written + 1));
  if (!again || again->temporal_id != d->temporal_id || again->picture_id != d->picture_id ||
      again->starts_partition != d->starts_partition || again->key_frame != d->key_frame) {
    std::abort();
  }
  return 0;
}
