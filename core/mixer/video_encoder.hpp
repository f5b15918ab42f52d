// Moving pictures encoded for the line, in real time: VP8 by libvpx, H.264 by openh264 (constrained baseline,
// each NAL unit a packet, so that it goes to peers of either packetization mode). [one thread]
#pragma once

#include "core/mixer/picture.hpp"
#include "core/rtp/codec.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace viadux::mixer {

struct VideoEncoding {
  std::uint16_t width = 1280, height = 720; // even
  std::uint32_t bitrate_bps = 1'500'000;
  std::uint32_t fps = 30; // at most
  // VP8: of the first frame. The ids of a stream never run back, whoever encodes it.
  std::uint16_t picture_id = 1;
};

using Payloads = std::vector<std::vector<std::uint8_t>>;
constexpr std::size_t payload_max = 1150; // leaves room for headers and extensions in any path's packets

class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;
  // Null: there is none for this codec, or it cannot be opened.
  static std::unique_ptr<VideoEncoder> create(rtp::Codec codec, const VideoEncoding& encoding);

  // The payloads of the frame's packets; none where the encoder left it out to keep its rate, or failed
  // (`failed` says so). The picture must have the encoder's size.
  virtual const Payloads& encode(const PictureView& picture, std::int64_t time_us, bool key) = 0;
  bool failed() const { return failed_; }
  std::uint16_t next_picture_id() const { return picture_id_; }

 protected:
  std::uint16_t picture_id_ = 1;
  bool failed_ = false;
  Payloads payloads_;
};

// RFC 7741 section 4, with picture ids of 15 bits.
Payloads cut_vp8(std::span<const std::uint8_t> frame, std::uint16_t picture_id);

} // namespace viadux::mixer
