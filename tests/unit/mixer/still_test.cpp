// What is sent is decoded by another decoder than the encoder's author would choose, and looked at.
#include "core/mixer/still.hpp"

#include "core/rtp/payload_info.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <wels/codec_api.h>

namespace viadux::mixer {
namespace {

constexpr const char* font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

struct Vp8Reader {
  Vp8Reader() { EXPECT_EQ(vpx_codec_dec_init(&context, vpx_codec_vp8_dx(), nullptr, 0), VPX_CODEC_OK); }
  ~Vp8Reader() { vpx_codec_destroy(&context); }
  bool read(const std::vector<std::vector<std::uint8_t>>& payloads, Picture& out) {
    std::vector<std::uint8_t> frame;
    for (const auto& payload : payloads)
      frame.insert(frame.end(), payload.begin() + 4, payload.end());
    if (vpx_codec_decode(&context, frame.data(), static_cast<unsigned>(frame.size()), nullptr, 0) !=
        VPX_CODEC_OK)
      return false;
    vpx_codec_iter_t at = nullptr;
    const vpx_image_t* image = vpx_codec_get_frame(&context, &at);
    if (image == nullptr) return false;
    out.width = static_cast<std::uint16_t>(image->d_w);
    out.height = static_cast<std::uint16_t>(image->d_h);
    out.y.clear();
    for (unsigned row = 0; row < image->d_h; ++row)
      out.y.insert(out.y.end(), image->planes[0] + row * static_cast<unsigned>(image->stride[0]),
                   image->planes[0] + row * static_cast<unsigned>(image->stride[0]) + image->d_w);
    out.u = {image->planes[1][0]};
    out.v = {image->planes[2][0]};
    return true;
  }
  vpx_codec_ctx_t context{};
};

struct H264Reader {
  H264Reader() {
    EXPECT_EQ(WelsCreateDecoder(&decoder), 0);
    SDecodingParam config{};
    config.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    config.eEcActiveIdc = ERROR_CON_DISABLE;
    EXPECT_EQ(decoder->Initialize(&config), 0);
  }
  ~H264Reader() {
    decoder->Uninitialize();
    WelsDestroyDecoder(decoder);
  }
  bool read(const std::vector<std::vector<std::uint8_t>>& payloads, Picture& out) {
    std::vector<std::uint8_t> frame;
    for (const auto& payload : payloads) {
      frame.insert(frame.end(), {0, 0, 0, 1});
      frame.insert(frame.end(), payload.begin(), payload.end());
    }
    std::uint8_t* planes[3] = {};
    SBufferInfo info{};
    if (decoder->DecodeFrameNoDelay(frame.data(), static_cast<int>(frame.size()), planes, &info) != 0)
      return false;
    if (info.iBufferStatus != 1) return false;
    const SSysMEMBuffer& memory = info.UsrData.sSystemBuffer;
    out.width = static_cast<std::uint16_t>(memory.iWidth);
    out.height = static_cast<std::uint16_t>(memory.iHeight);
    out.y.clear();
    for (int row = 0; row < memory.iHeight; ++row)
      out.y.insert(out.y.end(), planes[0] + row * memory.iStride[0],
                   planes[0] + row * memory.iStride[0] + memory.iWidth);
    out.u = {planes[1][0]};
    out.v = {planes[2][0]};
    return true;
  }
  ISVCDecoder* decoder = nullptr;
};

// Mean difference of brightness.
double difference(const Picture& a, const Picture& b) {
  EXPECT_EQ(a.y.size(), b.y.size());
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.y.size(), b.y.size()); ++i)
    sum += std::abs(int{a.y[i]} - int{b.y[i]});
  return sum / static_cast<double>(a.y.size());
}

template <class Reader>
void decodes_to_itself(rtp::Codec codec, std::size_t small_at_most) {
  const StillStyle style{.font = font};
  const auto lines = still_lines(nullptr, StillText::waiting_for_host);
  const Picture picture = draw(style, lines);
  const auto still = make_still(style, lines, codec);
  ASSERT_TRUE(still) << still.error().message;
  Reader reader;
  std::size_t bytes = 0;
  for (int round = 0; round < 2; ++round) // what comes after the last is the first
    for (std::size_t i = 0; i < still->frames.size(); ++i) {
      Picture seen;
      ASSERT_TRUE(reader.read(still->frames[i], seen)) << "frame " << i;
      EXPECT_EQ(seen.width, 640);
      EXPECT_EQ(seen.height, 360);
      EXPECT_LT(difference(seen, picture), 2.0) << "frame " << i;
      EXPECT_NEAR(seen.u[0], picture.u[0], 3);
      EXPECT_NEAR(seen.v[0], picture.v[0], 3);
      std::size_t size = 0;
      bool key = false;
      for (const auto& payload : still->frames[i]) {
        EXPECT_LE(payload.size(), 1200U);
        const auto info = rtp::describe(codec, payload);
        EXPECT_TRUE(info.valid);
        EXPECT_EQ(info.packetization_mode, 0);
        key |= info.key_frame;
        size += payload.size();
      }
      EXPECT_EQ(key, i == 0) << "frame " << i;
      if (i > 5) EXPECT_LT(size, small_at_most) << "frame " << i;
      bytes += size;
    }
  std::printf("%zu bytes a loop of %zu frames\n", bytes / 2, still->frames.size());
}

TEST(Still, Vp8DecodesToThePicture) {
  decodes_to_itself<Vp8Reader>(rtp::Codec::vp8, 800);
}
TEST(Still, H264DecodesToThePicture) {
  decodes_to_itself<H264Reader>(rtp::Codec::h264, 800);
}

TEST(Still, TextsHaveTheLettersOfEurope) {
  const StillStyle style{.font = font};
  const Picture empty = draw(style, {});
  for (const char* text : {"ÆØÅ æøå", "Ελληνικά", "Кириллица", "Łódź čšž"}) {
    const Picture written = draw(style, {text});
    EXPECT_GT(difference(written, empty), 1) << text;
    EXPECT_NE(draw(style, {"a"}).y, written.y);
  }
  // To look at: VIADUX_WRITE_STILL=/tmp/still.pgm
  if (const char* path = std::getenv("VIADUX_WRITE_STILL")) {
    const Picture picture = draw(style, still_lines(nullptr, StillText::waiting_for_host));
    std::ofstream file(path, std::ios::binary);
    file << "P5 " << picture.width << " " << picture.height << " 255\n";
    file.write(reinterpret_cast<const char*>(picture.y.data()),
               static_cast<std::streamsize>(picture.y.size()));
  }
}

TEST(Still, WithoutAFontOrACodecItStaysKind) {
  const StillStyle style{.font = "/nowhere.ttf"};
  EXPECT_EQ(draw(style, {"text"}).y, draw(style, {}).y);
  const auto none = make_still(style, {"text"}, rtp::Codec::opus);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unsupported);
  EXPECT_FALSE(draw({.font = font}, {"\xff\xc3 malformed \xe2\x82", std::string(5000, 'W')}).y.empty());
}

} // namespace
} // namespace viadux::mixer
