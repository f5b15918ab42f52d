#include "core/sdp/codecs.hpp"

#include "core/sdp/h264.hpp"
#include "core/sdp/negotiated.hpp"
#include "core/sdp/text.hpp"

#include <gtest/gtest.h>

namespace viadux::sdp {
namespace {

Codec h264(std::vector<Parameter> parameters) {
  Codec codec;
  codec.name = "H264";
  codec.clock_hz = 90000;
  codec.parameters = std::move(parameters);
  return codec;
}

TEST(SdpCodecs, IdentifiesByNameClockAndChannels) {
  Codec codec;
  codec.name = "OPUS";
  codec.clock_hz = 48000;
  EXPECT_EQ(identify(codec), CodecId::unknown); // RFC 7587 section 7: always two channels
  codec.channels = 2;
  EXPECT_EQ(identify(codec), CodecId::opus);
  codec.name = "pcmu";
  EXPECT_EQ(identify(codec), CodecId::unknown);
}

struct ProfileCase {
  const char* id;
  H264Profile profile;
  std::uint8_t level;
};

class H264Profiles : public testing::TestWithParam<ProfileCase> {};

TEST_P(H264Profiles, AreReadFromTheirId) {
  const auto format = h264_format(h264({{"profile-level-id", GetParam().id}}));
  ASSERT_TRUE(format);
  EXPECT_EQ(format->profile, GetParam().profile);
  EXPECT_EQ(format->level, GetParam().level);
  EXPECT_EQ(format->packetization_mode, 0);
}

INSTANTIATE_TEST_SUITE_P(Table, H264Profiles,
                         testing::Values(ProfileCase{"42e01f", H264Profile::constrained_baseline, 31},
                                         ProfileCase{"42C01E", H264Profile::constrained_baseline, 30},
                                         ProfileCase{"4de01f", H264Profile::constrained_baseline, 31},
                                         ProfileCase{"42001f", H264Profile::baseline, 31},
                                         ProfileCase{"428014", H264Profile::baseline, 20},
                                         ProfileCase{"4d001f", H264Profile::main, 31},
                                         ProfileCase{"640032", H264Profile::high, 50},
                                         ProfileCase{"640c1f", H264Profile::constrained_high, 31},
                                         ProfileCase{"42f00b", H264Profile::constrained_baseline,
                                                     9}, // level 1b
                                         ProfileCase{"4280D", H264Profile::constrained_baseline,
                                                     13}, // what a room system really sends
                                         ProfileCase{"", H264Profile::constrained_baseline, 13}));

TEST(SdpH264, DoesWithoutParameters) {
  const auto format = h264_format(h264({}));
  ASSERT_TRUE(format);
  EXPECT_EQ(format->packetization_mode, 0);
  EXPECT_EQ(format->profile, H264Profile::constrained_baseline);
}

TEST(SdpH264, RefusesInterleavedModeAndUnknownProfiles) {
  EXPECT_FALSE(h264_format(h264({{"packetization-mode", "2"}})));
  EXPECT_FALSE(h264_format(h264({{"profile-level-id", "f4001f"}})));
}

TEST(SdpH264, WritesTheIdItReads) {
  for (const auto profile : {H264Profile::constrained_baseline, H264Profile::baseline, H264Profile::main,
                             H264Profile::constrained_high, H264Profile::high}) {
    for (const std::uint8_t level : {9, 10, 11, 31, 52}) {
      if (level == 9 && profile == H264Profile::constrained_high) continue; // its constraint bits are taken
      const auto format = h264_format(h264({{"profile-level-id", h264_profile_level_id(profile, level)}}));
      ASSERT_TRUE(format) << h264_profile_level_id(profile, level);
      EXPECT_EQ(format->profile, profile);
      EXPECT_EQ(format->level, level);
    }
  }
}

TEST(SdpH264, MatchesModeAndProfile) {
  const H264Format cbp1{H264Profile::constrained_baseline, 31, 1, true, 0, 0, 0};
  auto other = cbp1;
  other.level = 10;
  EXPECT_TRUE(h264_compatible(cbp1, other));
  other.profile = H264Profile::baseline;
  EXPECT_TRUE(h264_compatible(cbp1, other));
  other.profile = H264Profile::high;
  EXPECT_FALSE(h264_compatible(cbp1, other));
  other = cbp1;
  other.packetization_mode = 0;
  EXPECT_FALSE(h264_compatible(cbp1, other));
}

TEST(SdpCrypto, ChecksKeysForTheirSuite) {
  const auto key =
      crypto_key({1, "AES_CM_128_HMAC_SHA1_80", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd", "", ""});
  ASSERT_TRUE(key);
  ASSERT_EQ(key->size(), 30U);
  EXPECT_EQ((*key)[29], 29);
  EXPECT_TRUE(crypto_key({1, "AEAD_AES_128_GCM", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", "", ""}));
  EXPECT_EQ(crypto_key({1, "AES_CM_128_HMAC_SHA1_80", "AAEC", "", ""}).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(crypto_key({1, "AES_CM_128_HMAC_SHA1_80", "????", "", ""}).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(crypto_key({1, "NULL_HMAC_SHA1_80", "AAEC", "", ""}).error().code, ErrorCode::unsupported);
}

TEST(SdpText, SplitsLinesAndNumbersThem) {
  const auto lines = split_lines("a\r\n\r\nb\nc", false);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].text, "b");
  EXPECT_EQ(lines[1].number, 3U);
  EXPECT_EQ(split_lines("a\rb", true).size(), 2U);
  EXPECT_EQ(split_lines("a\rb", false).size(), 1U);
}

} // namespace
} // namespace viadux::sdp
