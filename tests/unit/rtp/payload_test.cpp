#include "core/rtp/h264.hpp"
#include "core/rtp/payload_info.hpp"
#include "core/rtp/vp8.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace viadux::rtp {
namespace {

using Bytes = std::vector<std::uint8_t>;

// X, S; I, L, T and K; picture id 0x1234; TL0PICIDX 9; TID 2, Y, KEYIDX 5; key frame of 640x360.
const Bytes vp8_key{0x90, 0xf0, 0x92, 0x34, 9,    0xa5, 0x10, 0x02,
                    0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01};

TEST(Vp8, ReadsEveryField) {
  const auto d = parse_vp8(vp8_key);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->size, 6);
  EXPECT_EQ(d->picture_id_bits, 15);
  EXPECT_EQ(d->picture_id, 0x1234);
  EXPECT_EQ(d->tl0_pic_idx, 9);
  EXPECT_EQ(d->temporal_id, 2);
  EXPECT_TRUE(d->layer_sync);
  EXPECT_EQ(d->key_idx, 5);
  EXPECT_TRUE(d->key_frame);
  EXPECT_EQ(d->width, 640);
  EXPECT_EQ(d->height, 360);
}

TEST(Vp8, OnlyThePacketThatBeginsAFrameCanBeAKeyFrame) {
  Bytes later = vp8_key;
  later[0] = 0x80;
  EXPECT_FALSE(parse_vp8(later)->key_frame);
  later[0] = 0x93; // begins partition 3
  EXPECT_FALSE(parse_vp8(later)->key_frame);
  Bytes delta = vp8_key;
  delta[6] |= 1;
  EXPECT_TRUE(parse_vp8(delta)->starts_frame);
  EXPECT_FALSE(parse_vp8(delta)->key_frame);
}

TEST(Vp8, EveryTruncatedDescriptorIsRefused) {
  for (std::size_t size = 0; size <= 6; ++size)
    EXPECT_FALSE(parse_vp8(std::span(vp8_key).first(size))) << size;
  EXPECT_TRUE(parse_vp8(std::span(vp8_key).first(7)));
  EXPECT_EQ(parse_vp8(std::span(vp8_key).first(15))->width, 0);
}

TEST(Vp8, RewritingKeepsAllButTheNumbers) {
  const auto from = parse_vp8(vp8_key);
  Bytes out(16);
  const std::size_t size =
      write_vp8_descriptor(*from, {.picture_id = 0x7fff, .tl0_pic_idx = 200, .key_idx = 31}, out.data());
  ASSERT_EQ(size, from->size);
  std::copy(vp8_key.begin() + 6, vp8_key.end(), out.begin() + 6);
  const auto to = parse_vp8(out);
  EXPECT_EQ(to->picture_id, 0x7fff);
  EXPECT_EQ(to->tl0_pic_idx, 200);
  EXPECT_EQ(to->key_idx, 31);
  EXPECT_EQ(to->temporal_id, 2);
  EXPECT_TRUE(to->layer_sync);
  EXPECT_TRUE(to->key_frame);
}

TEST(Vp8, ShortIdsBecomeLongAndMinimalDescriptorsStayMinimal) {
  const Bytes seven{0x90, 0x80, 0x45, 0x01};
  Bytes out(8);
  EXPECT_EQ(write_vp8_descriptor(*parse_vp8(seven), {.picture_id = 0x45}, out.data()), 4U);
  EXPECT_EQ(out[2], 0x80);
  EXPECT_EQ(out[3], 0x45);
  const Bytes minimal{0x10, 0x01};
  EXPECT_EQ(write_vp8_descriptor(*parse_vp8(minimal), {.picture_id = 7}, out.data()), 1U);
  EXPECT_EQ(out[0], 0x10);
}

// Made by x264 for 640x360 (with cropping), baseline.
const Bytes sps{0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x61, 0x00, 0x00,
                0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x3c, 0x0f, 0x16, 0x2e, 0x48};

TEST(H264, FindsParametersAndIdrInAllForms) {
  EXPECT_TRUE(parse_h264(sps)->has_parameters);
  EXPECT_EQ(parse_h264(sps)->mode, 0);
  EXPECT_TRUE(parse_h264(Bytes{0x65, 1})->starts_idr);
  EXPECT_FALSE(parse_h264(Bytes{0x41, 1})->starts_idr);

  Bytes stap{24, 0, static_cast<std::uint8_t>(sps.size())};
  stap.insert(stap.end(), sps.begin(), sps.end());
  stap.insert(stap.end(), {0, 2, 0x68, 1, 0, 2, 0x65, 9});
  const auto both = parse_h264(stap);
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->has_parameters);
  EXPECT_TRUE(both->starts_idr);
  EXPECT_EQ(both->mode, 1);
  EXPECT_EQ(both->width, parse_h264(sps)->width);

  EXPECT_TRUE(parse_h264(Bytes{0x7c, 0x85, 1})->starts_idr);  // FU-A, start, IDR
  EXPECT_FALSE(parse_h264(Bytes{0x7c, 0x45, 1})->starts_idr); // its end
  EXPECT_EQ(parse_h264(Bytes{0x7c, 0x85, 1})->mode, 1);
  EXPECT_EQ(parse_h264(Bytes{25, 0, 0, 1})->mode, 2);
}

TEST(H264, ReadsTheSizeWithItsCropping) {
  EXPECT_EQ(parse_h264(sps)->width, 640);
  EXPECT_EQ(parse_h264(sps)->height, 360);
}

TEST(H264, DamageIsRefusedOrHarmless) {
  EXPECT_FALSE(parse_h264(Bytes{}));
  EXPECT_FALSE(parse_h264(Bytes{24}));
  EXPECT_FALSE(parse_h264(Bytes{24, 0, 9, 0x67}));
  EXPECT_FALSE(parse_h264(Bytes{24, 0, 0, 0x67}));
  EXPECT_FALSE(parse_h264(Bytes{0x7c, 0x85}));
  for (std::size_t size = 1; size < sps.size(); ++size)
    EXPECT_TRUE(parse_h264(std::span(sps).first(size)));
  const Bytes zeros{0x67, 0x64, 0, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0}; // exp-golomb codes without end
  EXPECT_EQ(parse_h264(zeros)->width, 0);
}

TEST(PayloadInfo, SaysTheSameOfBothCodecs) {
  const PayloadInfo vp8 = describe(Codec::vp8, vp8_key);
  EXPECT_TRUE(vp8.valid && vp8.key_frame && vp8.layer_sync);
  EXPECT_EQ(vp8.height, 360);
  const PayloadInfo h264 = describe(Codec::h264, sps);
  EXPECT_TRUE(h264.valid && h264.key_frame);
  EXPECT_TRUE(describe(Codec::h264, Bytes{0x65, 1}).idr_without_parameters);
  EXPECT_FALSE(describe(Codec::vp8, Bytes{0x80}).valid);
  EXPECT_FALSE(describe(Codec::opus, Bytes{}).valid);
  EXPECT_TRUE(describe(Codec::opus, Bytes{1}).valid);
}

} // namespace
} // namespace viadux::rtp
