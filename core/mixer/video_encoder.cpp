#include "core/mixer/video_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>
#include <wels/codec_api.h>

namespace viadux::mixer {
namespace {

std::uint8_t* writable(const std::uint8_t* plane) { // both libraries take what they only read as theirs
  return const_cast<std::uint8_t*>(plane);          // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

class Vp8Encoder final : public VideoEncoder {
 public:
  bool open(const VideoEncoding& encoding) {
    vpx_codec_enc_cfg_t config{};
    if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &config, 0) != VPX_CODEC_OK) return false;
    config.g_w = encoding.width;
    config.g_h = encoding.height;
    config.g_timebase = {1, 1'000'000};
    config.g_threads = 1;
    config.g_lag_in_frames = 0;
    config.g_error_resilient = 0;
    config.kf_mode = VPX_KF_DISABLED; // when asked for
    config.rc_end_usage = VPX_CBR;
    config.rc_target_bitrate = encoding.bitrate_bps / 1000;
    config.rc_min_quantizer = 4;
    config.rc_max_quantizer = 56;
    config.rc_undershoot_pct = 100;
    config.rc_overshoot_pct = 15;
    config.rc_buf_sz = 1000;
    config.rc_buf_initial_sz = 500;
    config.rc_buf_optimal_sz = 600;
    config.rc_dropframe_thresh = 30; // else a picture full of noise takes ten times its rate
    if (vpx_codec_enc_init(&context_, vpx_codec_vp8_cx(), &config, 0) != VPX_CODEC_OK) return false;
    open_ = true;
    frame_us_ = 1'000'000 / encoding.fps;
    picture_id_ = encoding.picture_id;
    vpx_codec_control(&context_, VP8E_SET_CPUUSED, -12);
    vpx_codec_control(&context_, VP8E_SET_STATIC_THRESHOLD, 1);
    vpx_codec_control(&context_, VP8E_SET_NOISE_SENSITIVITY, 0);
    // A key frame may be as large as half a second: it is asked for when a picture changes anyway.
    vpx_codec_control(&context_, VP8E_SET_MAX_INTRA_BITRATE_PCT, 450);
    return true;
  }
  ~Vp8Encoder() override {
    if (open_) vpx_codec_destroy(&context_);
  }
  const Payloads& encode(const PictureView& picture, std::int64_t time_us, bool key) override {
    payloads_.clear();
    vpx_image_t image{};
    vpx_img_wrap(&image, VPX_IMG_FMT_I420, static_cast<unsigned>(picture.width),
                 static_cast<unsigned>(picture.height), 1, writable(picture.y));
    image.planes[VPX_PLANE_U] = writable(picture.u);
    image.planes[VPX_PLANE_V] = writable(picture.v);
    image.stride[VPX_PLANE_Y] = picture.y_stride;
    image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = picture.uv_stride;
    last_us_ = std::max(time_us, last_us_ + 1);
    failed_ = vpx_codec_encode(&context_, &image, last_us_, static_cast<unsigned long>(frame_us_),
                               key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME) != VPX_CODEC_OK;
    if (failed_) return payloads_;
    vpx_codec_iter_t at = nullptr;
    while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&context_, &at))
      if (packet->kind == VPX_CODEC_CX_FRAME_PKT && packet->data.frame.sz != 0)
        payloads_ = cut_vp8({static_cast<const std::uint8_t*>(packet->data.frame.buf), packet->data.frame.sz},
                            picture_id_++ & 0x7fffU);
    return payloads_;
  }

 private:
  vpx_codec_ctx_t context_{};
  bool open_ = false;
  std::int64_t frame_us_ = 33'333, last_us_ = 0;
};

class H264Encoder final : public VideoEncoder {
 public:
  bool open(const VideoEncoding& encoding) {
    if (WelsCreateSVCEncoder(&encoder_) != 0) return false;
    int level = WELS_LOG_QUIET; // it would write to standard error
    encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
    SEncParamExt config{};
    encoder_->GetDefaultParams(&config);
    config.iUsageType = CAMERA_VIDEO_REAL_TIME;
    config.iPicWidth = encoding.width;
    config.iPicHeight = encoding.height;
    config.fMaxFrameRate = static_cast<float>(encoding.fps);
    config.iRCMode = RC_BITRATE_MODE;
    config.iTargetBitrate = static_cast<int>(encoding.bitrate_bps);
    config.iTemporalLayerNum = 1;
    config.iSpatialLayerNum = 1;
    config.iComplexityMode = LOW_COMPLEXITY;
    config.uiIntraPeriod = 0; // when asked for
    config.bEnableFrameSkip = true;
    config.bEnableSceneChangeDetect = false;
    config.bEnableAdaptiveQuant = false;
    config.bEnableBackgroundDetection = true;
    config.iMultipleThreadIdc = 1;
    config.iEntropyCodingModeFlag = 0; // baseline
    config.eSpsPpsIdStrategy = CONSTANT_ID;
    config.uiMaxNalSize = payload_max;
    SSpatialLayerConfig& layer = config.sSpatialLayers[0];
    layer.iVideoWidth = encoding.width;
    layer.iVideoHeight = encoding.height;
    layer.fFrameRate = static_cast<float>(encoding.fps);
    layer.iSpatialBitrate = static_cast<int>(encoding.bitrate_bps);
    layer.uiProfileIdc = PRO_BASELINE;
    layer.sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE;
    layer.sSliceArgument.uiSliceSizeConstraint = payload_max;
    return encoder_->InitializeExt(&config) == 0;
  }
  ~H264Encoder() override {
    if (encoder_ == nullptr) return;
    encoder_->Uninitialize();
    WelsDestroySVCEncoder(encoder_);
  }
  const Payloads& encode(const PictureView& picture, std::int64_t time_us, bool key) override {
    payloads_.clear();
    if (key) encoder_->ForceIntraFrame(true);
    SSourcePicture source{};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = picture.width;
    source.iPicHeight = picture.height;
    source.iStride[0] = picture.y_stride;
    source.iStride[1] = source.iStride[2] = picture.uv_stride;
    source.pData[0] = writable(picture.y);
    source.pData[1] = writable(picture.u);
    source.pData[2] = writable(picture.v);
    source.uiTimeStamp = time_us / 1000;
    SFrameBSInfo info{};
    failed_ = encoder_->EncodeFrame(&source, &info) != 0;
    if (failed_ || info.eFrameType == videoFrameTypeSkip) return payloads_;
    for (int l = 0; l < info.iLayerNum; ++l) {
      const SLayerBSInfo& bits = info.sLayerInfo[l];
      const std::uint8_t* at = bits.pBsBuf;
      for (int n = 0; n < bits.iNalCount; ++n) {
        const auto size = static_cast<std::size_t>(bits.pNalLengthInByte[n]);
        constexpr std::size_t start_code = 4;
        if (size > start_code) payloads_.emplace_back(at + start_code, at + size);
        at += size;
      }
    }
    return payloads_;
  }

 private:
  ISVCEncoder* encoder_ = nullptr;
};

template <class Encoder>
std::unique_ptr<VideoEncoder> made(const VideoEncoding& encoding) {
  auto encoder = std::make_unique<Encoder>();
  if (!encoder->open(encoding)) return nullptr;
  return encoder;
}

} // namespace

Payloads cut_vp8(std::span<const std::uint8_t> frame, std::uint16_t picture_id) {
  Payloads payloads;
  for (std::size_t at = 0; at < frame.size(); at += payload_max) {
    // X, and S in the first; then I; then a picture id of 15 bits, which set_picture_id() finds there.
    std::vector<std::uint8_t> payload{static_cast<std::uint8_t>(at == 0 ? 0x90 : 0x80), 0x80,
                                      static_cast<std::uint8_t>(0x80U | picture_id >> 8U),
                                      static_cast<std::uint8_t>(picture_id)};
    const auto piece = frame.subspan(at, std::min(payload_max, frame.size() - at));
    payload.insert(payload.end(), piece.begin(), piece.end());
    payloads.push_back(std::move(payload));
  }
  return payloads;
}

std::unique_ptr<VideoEncoder> VideoEncoder::create(rtp::Codec codec, const VideoEncoding& encoding) {
  if (codec == rtp::Codec::vp8) return made<Vp8Encoder>(encoding);
  if (codec == rtp::Codec::h264) return made<H264Encoder>(encoding);
  return nullptr;
}

} // namespace viadux::mixer
