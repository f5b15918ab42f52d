#include "core/transport/sdes.hpp"

#include <gtest/gtest.h>

namespace viadux {
namespace {

TEST(Sdes, ReadsTheExampleOfRfc4568) { // section 9.1's key, with the suite that we have
  const auto crypto = parse_sdes(
      "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20 KDR=0 WSH=64");
  ASSERT_TRUE(crypto) << crypto.error().message;
  EXPECT_EQ(crypto->tag, 1U);
  EXPECT_EQ(crypto->profile, SrtpProfile::aes_cm_128_hmac_sha1_80);
  EXPECT_EQ(std::string(crypto->key.key.begin(), crypto->key.key.end()), "YS___semctl () {");
}

TEST(Sdes, WhatWeWriteWeRead) {
  for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80}) {
    const SdesCrypto made = make_sdes(7, profile);
    const auto read = parse_sdes(format_sdes(made));
    ASSERT_TRUE(read) << format_sdes(made) << read.error().message;
    EXPECT_EQ(read->tag, 7U);
    EXPECT_EQ(read->profile, profile);
    EXPECT_EQ(read->key, made.key);
    EXPECT_NE(make_sdes(7, profile).key, made.key);
  }
}

TEST(Sdes, TellsWhatCannotBeFromWhatIsWrong) {
  const std::string key = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
  const std::string good = "1 AES_CM_128_HMAC_SHA1_80 " + key;
  ASSERT_TRUE(parse_sdes(good));
  for (const std::string& line : {"1 F8_128_HMAC_SHA1_80 " + key, good + "|2^20|1:4", good + "|1:4",
                                  good + ";" + key, good + " UNENCRYPTED_SRTP", good + " KDR=1"}) {
    const auto crypto = parse_sdes(line);
    ASSERT_FALSE(crypto) << line;
    EXPECT_EQ(crypto.error().code, ErrorCode::unsupported) << line;
  }
  for (const std::string& line :
       {std::string(), std::string("1"), "x AES_CM_128_HMAC_SHA1_80 " + key,
        "-1 AES_CM_128_HMAC_SHA1_80 " + key, std::string("1 AES_CM_128_HMAC_SHA1_80"),
        "1 AES_CM_128_HMAC_SHA1_80 " + key.substr(7), good + "|", good + "|x",
        good.substr(0, good.size() - 1), good + "A", "1 AEAD_AES_128_GCM " + key,
        good + std::string(2000, ' '),
        std::string("1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVu====")}) {
    const auto crypto = parse_sdes(line);
    ASSERT_FALSE(crypto) << line;
    EXPECT_EQ(crypto.error().code, ErrorCode::bad_argument) << line;
  }
}

} // namespace
} // namespace viadux
