#include "core/mixer/still.hpp"

#include "core/mixer/video_encoder.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>
#include <wels/codec_api.h>

namespace viadux::mixer {
namespace {

constexpr int frame_count = 75; // 30 s at 2.5 a second: so seldom the key frame comes by itself

Error failed(const char* what) {
  return make_error(ErrorCode::internal, "still_failed",
                    std::string("the picture could not be encoded: ") + what);
}

Result<Still> encode_vp8(const Picture& picture) {
  vpx_codec_enc_cfg_t config{};
  if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &config, 0) != VPX_CODEC_OK) return failed("libvpx");
  config.g_w = picture.width;
  config.g_h = picture.height;
  config.g_timebase = {1, 90'000};
  config.g_threads = 1;
  config.g_lag_in_frames = 0;
  config.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
  config.kf_mode = VPX_KF_DISABLED;
  config.rc_end_usage = VPX_Q;
  config.rc_target_bitrate = 1000;
  config.rc_min_quantizer = 4;
  config.rc_max_quantizer = 24;
  vpx_codec_ctx_t context{};
  if (vpx_codec_enc_init(&context, vpx_codec_vp8_cx(), &config, 0) != VPX_CODEC_OK) return failed("libvpx");
  const std::unique_ptr<vpx_codec_ctx_t, void (*)(vpx_codec_ctx_t*)> closer(
      &context, [](vpx_codec_ctx_t* open) { vpx_codec_destroy(open); });
  vpx_codec_control(&context, VP8E_SET_CPUUSED, 4);
  vpx_codec_control(&context, VP8E_SET_CQ_LEVEL, 12);
  vpx_codec_control(&context, VP8E_SET_STATIC_THRESHOLD, 100);

  vpx_image_t image{};
  vpx_img_wrap(&image, VPX_IMG_FMT_I420, picture.width, picture.height, 1,
               const_cast<std::uint8_t*>(picture.y.data()));
  image.planes[VPX_PLANE_Y] = const_cast<std::uint8_t*>(picture.y.data());
  image.planes[VPX_PLANE_U] = const_cast<std::uint8_t*>(picture.u.data());
  image.planes[VPX_PLANE_V] = const_cast<std::uint8_t*>(picture.v.data());
  image.stride[VPX_PLANE_Y] = picture.width;
  image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = picture.width / 2;
  Still still;
  for (int i = 0; i < frame_count; ++i) {
    const vpx_enc_frame_flags_t flags = i == 0 ? VPX_EFLAG_FORCE_KF : 0;
    if (vpx_codec_encode(&context, &image, i * 36'000, 36'000, flags, VPX_DL_REALTIME) != VPX_CODEC_OK)
      return failed("libvpx");
    vpx_codec_iter_t at = nullptr;
    while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&context, &at))
      if (packet->kind == VPX_CODEC_CX_FRAME_PKT)
        still.frames.push_back(
            cut_vp8({static_cast<const std::uint8_t*>(packet->data.frame.buf), packet->data.frame.sz},
                    static_cast<std::uint16_t>(still.frames.size())));
  }
  if (still.frames.size() != frame_count) return failed("frames were left out");
  return still;
}

// ---- H.264 (RFC 6184), each NAL unit a packet: so it goes to peers of either packetization mode

Result<Still> encode_h264(const Picture& picture) {
  ISVCEncoder* made = nullptr;
  if (WelsCreateSVCEncoder(&made) != 0) return failed("openh264");
  const std::unique_ptr<ISVCEncoder, void (*)(ISVCEncoder*)> encoder(made, [](ISVCEncoder* open) {
    open->Uninitialize();
    WelsDestroySVCEncoder(open);
  });
  int level = WELS_LOG_QUIET; // it would write to standard error
  encoder->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
  SEncParamExt config{};
  encoder->GetDefaultParams(&config);
  config.iUsageType = SCREEN_CONTENT_REAL_TIME;
  config.iPicWidth = picture.width;
  config.iPicHeight = picture.height;
  config.fMaxFrameRate = 2.5F;
  config.iRCMode = RC_OFF_MODE;
  config.iTargetBitrate = 500'000;
  config.iTemporalLayerNum = 1;
  config.iSpatialLayerNum = 1;
  config.uiIntraPeriod = 0;
  config.bEnableFrameSkip = false;
  config.bEnableSceneChangeDetect = false;
  config.iMultipleThreadIdc = 1;
  config.iEntropyCodingModeFlag = 0; // baseline
  config.uiMaxNalSize = payload_max;
  SSpatialLayerConfig& layer = config.sSpatialLayers[0];
  layer.iVideoWidth = picture.width;
  layer.iVideoHeight = picture.height;
  layer.fFrameRate = 2.5F;
  layer.iSpatialBitrate = 500'000;
  layer.iDLayerQp = 24;
  layer.uiProfileIdc = PRO_BASELINE;
  layer.sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE;
  layer.sSliceArgument.uiSliceSizeConstraint = payload_max;
  if (encoder->InitializeExt(&config) != 0) return failed("openh264");

  SSourcePicture source{};
  source.iColorFormat = videoFormatI420;
  source.iPicWidth = picture.width;
  source.iPicHeight = picture.height;
  source.iStride[0] = picture.width;
  source.iStride[1] = source.iStride[2] = picture.width / 2;
  source.pData[0] = const_cast<std::uint8_t*>(picture.y.data());
  source.pData[1] = const_cast<std::uint8_t*>(picture.u.data());
  source.pData[2] = const_cast<std::uint8_t*>(picture.v.data());
  Still still;
  still.codec = rtp::Codec::h264;
  for (int i = 0; i < frame_count; ++i) {
    source.uiTimeStamp = i * 400;
    SFrameBSInfo info{};
    if (encoder->EncodeFrame(&source, &info) != 0) return failed("openh264");
    std::vector<std::vector<std::uint8_t>> payloads;
    for (int l = 0; l < info.iLayerNum; ++l) {
      const SLayerBSInfo& bits = info.sLayerInfo[l];
      const std::uint8_t* at = bits.pBsBuf;
      for (int n = 0; n < bits.iNalCount; ++n) {
        const auto size = static_cast<std::size_t>(bits.pNalLengthInByte[n]);
        constexpr std::size_t start_code = 4;
        if (size > start_code) payloads.emplace_back(at + start_code, at + size);
        at += size;
      }
    }
    if (payloads.empty()) return failed("a frame was left out");
    still.frames.push_back(std::move(payloads));
  }
  return still;
}

} // namespace

void set_picture_id(std::span<std::uint8_t> payload, std::uint16_t picture_id) {
  payload[2] = static_cast<std::uint8_t>(0x80U | picture_id >> 8U);
  payload[3] = static_cast<std::uint8_t>(picture_id);
}

Result<Still> encode_still(const Picture& picture, rtp::Codec codec) {
  if (codec == rtp::Codec::vp8) return encode_vp8(picture);
  if (codec == rtp::Codec::h264) return encode_h264(picture);
  return make_error(ErrorCode::unsupported, "still_codec", "stills are made in VP8 and H.264 only");
}

Result<Still> make_still(const StillStyle& style, const std::vector<std::string>& lines, rtp::Codec codec) {
  return encode_still(draw(style, lines), codec);
}

} // namespace viadux::mixer
