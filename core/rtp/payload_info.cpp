#include "core/rtp/payload_info.hpp"

#include "core/rtp/h264.hpp"

namespace viadux::rtp {
namespace {

PayloadInfo describe_vp8(std::span<const std::uint8_t> payload) {
  PayloadInfo info;
  const auto vp8 = parse_vp8(payload);
  if (!vp8) {
    info.valid = false;
    return info;
  }
  info.vp8 = *vp8;
  info.key_frame = vp8->key_frame;
  info.starts_frame = vp8->starts_frame;
  info.layer_sync = vp8->layer_sync || vp8->key_frame;
  info.temporal_id = vp8->temporal_id;
  info.width = vp8->width;
  info.height = vp8->height;
  return info;
}

PayloadInfo describe_h264(std::span<const std::uint8_t> payload) {
  PayloadInfo info;
  const auto h264 = parse_h264(payload);
  if (!h264) {
    info.valid = false;
    return info;
  }
  info.key_frame = h264->has_parameters;
  info.idr_without_parameters = h264->starts_idr && !h264->has_parameters;
  info.packetization_mode = h264->mode;
  info.width = h264->width;
  info.height = h264->height;
  return info;
}

} // namespace

PayloadInfo describe(Codec codec, std::span<const std::uint8_t> payload) {
  if (codec == Codec::vp8) return describe_vp8(payload);
  if (codec == Codec::h264) return describe_h264(payload);
  PayloadInfo info;
  info.valid = !payload.empty();
  return info;
}

} // namespace viadux::rtp
