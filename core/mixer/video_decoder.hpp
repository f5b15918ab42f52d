// One encoding decoded: VP8 by libvpx, H.264 by openh264. [one thread]
#pragma once

#include "core/mixer/frame_assembler.hpp"
#include "core/mixer/picture.hpp"
#include "core/rtp/codec.hpp"

#include <memory>

namespace viadux::mixer {

class VideoDecoder {
 public:
  // Larger pictures are refused: a stranger would make us keep hundreds of megabytes.
  static constexpr int most_pixels = 4096 * 2304;

  virtual ~VideoDecoder() = default;
  // Null: there is none for this codec.
  static std::unique_ptr<VideoDecoder> create(rtp::Codec codec);

  // False: the frame is damaged; go on with a key frame. The last picture() is no more.
  virtual bool decode(const CodedFrame& frame) = 0;
  // The last one, until the next decode(); none where that gave none.
  virtual PictureView picture() const = 0;
};

} // namespace viadux::mixer
