#include "core/mixer/video_decoder.hpp"

#include "core/rtp/h264.hpp"

#include <span>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <wels/codec_api.h>

namespace viadux::mixer {
namespace {

class Vp8Decoder final : public VideoDecoder {
 public:
  bool open() {
    vpx_codec_dec_cfg_t config{};
    config.threads = 1;
    open_ = vpx_codec_dec_init(&context_, vpx_codec_vp8_dx(), &config, 0) == VPX_CODEC_OK;
    return open_;
  }
  ~Vp8Decoder() override {
    if (open_) vpx_codec_destroy(&context_);
  }
  bool decode(const CodedFrame& frame) override {
    picture_ = {};
    if (!sane(frame.bytes)) return false;
    if (vpx_codec_decode(&context_, frame.bytes.data(), static_cast<unsigned>(frame.bytes.size()), nullptr,
                         0) != VPX_CODEC_OK)
      return false;
    int corrupted = 0;
    if (vpx_codec_control(&context_, VP8D_GET_FRAME_CORRUPTED, &corrupted) != VPX_CODEC_OK || corrupted != 0)
      return false;
    vpx_codec_iter_t at = nullptr;
    const vpx_image_t* image = vpx_codec_get_frame(&context_, &at);
    if (image == nullptr) return true; // one that is not to be shown
    picture_ = {image->planes[VPX_PLANE_Y],  image->planes[VPX_PLANE_U], image->planes[VPX_PLANE_V],
                image->stride[VPX_PLANE_Y],  image->stride[VPX_PLANE_U], static_cast<int>(image->d_w),
                static_cast<int>(image->d_h)};
    return true;
  }
  PictureView picture() const override { return picture_; }

 private:
  // The size stands in the first ten bytes of a key frame (RFC 6386 section 9.1).
  static bool sane(const std::vector<std::uint8_t>& bytes) {
    if (bytes.empty()) return false;
    if ((bytes[0] & 1U) != 0) return true;
    if (bytes.size() < 10) return false;
    const int width = (bytes[6] | bytes[7] << 8) & 0x3fff, height = (bytes[8] | bytes[9] << 8) & 0x3fff;
    return width > 0 && height > 0 && width * height <= most_pixels;
  }
  vpx_codec_ctx_t context_{};
  bool open_ = false;
  PictureView picture_;
};

class H264Decoder final : public VideoDecoder {
 public:
  bool open() {
    if (WelsCreateDecoder(&decoder_) != 0) return false;
    int level = WELS_LOG_QUIET; // it would write to standard error
    decoder_->SetOption(DECODER_OPTION_TRACE_LEVEL, &level);
    SDecodingParam config{};
    config.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    config.eEcActiveIdc = ERROR_CON_DISABLE;
    return decoder_->Initialize(&config) == 0;
  }
  ~H264Decoder() override {
    if (decoder_ == nullptr) return;
    decoder_->Uninitialize();
    WelsDestroyDecoder(decoder_);
  }
  bool decode(const CodedFrame& frame) override {
    picture_ = {};
    if (!sane(frame.bytes)) return false;
    std::uint8_t* planes[3] = {};
    SBufferInfo info{};
    if (decoder_->DecodeFrameNoDelay(frame.bytes.data(), static_cast<int>(frame.bytes.size()), planes,
                                     &info) != dsErrorFree)
      return false;
    if (info.iBufferStatus != 1) return true;
    const SSysMEMBuffer& memory = info.UsrData.sSystemBuffer;
    picture_ = {planes[0],         planes[1],     planes[2],     memory.iStride[0],
                memory.iStride[1], memory.iWidth, memory.iHeight};
    return true;
  }
  PictureView picture() const override { return picture_; }

 private:
  // Every sequence parameter set says a size that we take: also one that hides in what looked like another
  // NAL unit.
  static bool sane(std::span<const std::uint8_t> bytes) {
    constexpr std::uint8_t nal_sps = 7;
    for (std::size_t at = 0; at + 4 <= bytes.size(); ++at) {
      if (bytes[at] != 0 || bytes[at + 1] != 0 || bytes[at + 2] != 1 || (bytes[at + 3] & 0x1fU) != nal_sps)
        continue;
      const auto sps = rtp::parse_h264(bytes.subspan(at + 3));
      if (!sps || sps->width == 0 || int{sps->width} * sps->height > most_pixels) return false;
    }
    return true;
  }
  ISVCDecoder* decoder_ = nullptr;
  PictureView picture_;
};

template <class Decoder>
std::unique_ptr<VideoDecoder> made() {
  auto decoder = std::make_unique<Decoder>();
  if (!decoder->open()) return nullptr;
  return decoder;
}

} // namespace

std::unique_ptr<VideoDecoder> VideoDecoder::create(rtp::Codec codec) {
  if (codec == rtp::Codec::vp8) return made<Vp8Decoder>();
  if (codec == rtp::Codec::h264) return made<H264Decoder>();
  return nullptr;
}

} // namespace viadux::mixer
