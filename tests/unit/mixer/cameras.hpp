// Cameras that film a colour, and screens that say what colour they see where.
#pragma once

#include "core/mixer/picture_mix.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace viadux::mixer {

inline constexpr Colour red{200, 30, 30}, green{30, 180, 30}, blue{30, 30, 200}, yellow{200, 200, 30},
    purple{170, 30, 170}, cyan{30, 180, 180}, white{230, 230, 230}, grey{110, 110, 110}, orange{230, 120, 20};

// Packets as a track port brings them.
struct CameraPacket {
  router::ChannelRecord record;
  std::vector<std::uint8_t> payload;
};

class Camera {
 public:
  explicit Camera(rtp::Codec codec, const Colour& colour, std::uint16_t width = 640,
                  std::uint16_t height = 360, std::uint8_t encoding = 0)
      : colour_(colour), width_(width), height_(height), encoding_(encoding),
        encoder_(VideoEncoder::create(codec, {width, height, 400'000, 30})) {}

  // A frame in which something moves.
  std::vector<CameraPacket> film(std::int64_t now_us, bool key = false) {
    Picture picture = plain_picture(width_, height_, to_yuv(colour_));
    const int at = static_cast<int>(frame_++ * 4 % static_cast<unsigned>(width_ - 16)) & ~1;
    paint(picture, {at, 0, 8, 8}, {235, 128, 128});
    std::vector<CameraPacket> packets;
    const Payloads& payloads = encoder_->encode(picture.view(), now_us, key || frame_ == 1);
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      CameraPacket packet;
      packet.record.sequence = ++sequence_;
      packet.record.timestamp = static_cast<std::uint32_t>(now_us * 9 / 100);
      packet.record.encoding = encoding_;
      packet.record.flags = i + 1 == payloads.size() ? router::ChannelRecord::marker : 0;
      packet.payload = payloads[i];
      packets.push_back(std::move(packet));
    }
    return packets;
  }
  void set_colour(const Colour& colour) { colour_ = colour; }

 private:
  Colour colour_;
  std::uint16_t width_, height_;
  std::uint8_t encoding_;
  std::unique_ptr<VideoEncoder> encoder_;
  unsigned frame_ = 0;
  std::uint16_t sequence_ = 65'400; // wraps soon
};

// Of each a picture is decoded.
inline Sources people_in(const Colour& colour, std::initializer_list<TrackId> tracks,
                         std::uint16_t width = 640, std::uint16_t height = 360) {
  Sources sources;
  for (const TrackId track : tracks) {
    auto source = std::make_unique<PictureSource>(rtp::Codec::vp8, 1);
    source->set_height(180);
    EXPECT_FALSE(source->decode(0));
    Camera camera(rtp::Codec::vp8, colour, width, height);
    for (const CameraPacket& packet : camera.film(1000, true))
      source->put(packet.record, packet.payload, 1000);
    EXPECT_TRUE(source->decode(1000));
    sources[track] = std::move(source);
  }
  return sources;
}

// What a receiver sees of a track.
class Screen {
 public:
  explicit Screen(rtp::Codec codec) : frames_(codec), decoder_(VideoDecoder::create(codec)) {}
  void put(const PortPacket& packet) {
    frames_.put(packet.sequence, packet.timestamp, packet.marker, packet.payload, packet.media_us);
    while (auto frame = frames_.next(packet.media_us)) {
      keys += frame->key;
      if (!decoder_->decode(*frame)) {
        ++broken;
        continue;
      }
      ++seen;
    }
  }
  PictureView picture() const { return decoder_->picture(); }
  // The mean colour of a small square, given in parts of the picture.
  Yuv at(double x, double y) const {
    const PictureView view = decoder_->picture();
    if (!view) return {0, 0, 0};
    return mean(view, static_cast<int>(x * view.width), static_cast<int>(y * view.height));
  }
  bool shows(const Colour& colour, double x, double y) const {
    const Yuv is = at(x, y), wanted = to_yuv(colour);
    return std::abs(is.y - wanted.y) < 12 && std::abs(is.u - wanted.u) < 12 && std::abs(is.v - wanted.v) < 12;
  }
  int seen = 0, keys = 0, broken = 0;

 private:
  static Yuv mean(const PictureView& view, int x, int y) {
    int sum[3] = {};
    for (int row = 0; row < 4; ++row)
      for (int column = 0; column < 4; ++column) {
        sum[0] += view.y[(y + row) * view.y_stride + x + column];
        sum[1] += view.u[(y + row) / 2 * view.uv_stride + (x + column) / 2];
        sum[2] += view.v[(y + row) / 2 * view.uv_stride + (x + column) / 2];
      }
    return {static_cast<std::uint8_t>(sum[0] / 16), static_cast<std::uint8_t>(sum[1] / 16),
            static_cast<std::uint8_t>(sum[2] / 16)};
  }
  FrameAssembler frames_;
  std::unique_ptr<VideoDecoder> decoder_;
};

} // namespace viadux::mixer
