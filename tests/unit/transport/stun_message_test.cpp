// STUN against the test vectors of RFC 5769, and against nonsense.
#include "core/transport/stun_message.hpp"

#include <array>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace viadux {
namespace {

std::vector<std::uint8_t> from_hex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  std::string digits;
  for (const char c : hex)
    if (c != ' ' && c != '\n') digits += c;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

constexpr std::string_view password = "VOkJxbRl1RmTxUk/WvJxBt";

const auto request = from_hex(R"(00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff 80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf)");                                                       // RFC 5769 2.1
const auto response_v4 = from_hex(R"(0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96)"); // 2.2
const auto response_v6 = from_hex(R"(01010048 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c)"); // 2.3

TEST(StunMessage, ReadsTheRequestOfRfc5769) {
  const auto message = StunMessage::parse(request);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, StunClass::request);
  EXPECT_EQ(message->method, stun_binding);
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->priority, 0x6e0001ffU);
  EXPECT_EQ(message->ice_controlled, 0x932ff9b151263b36ULL);
  EXPECT_TRUE(message->has_fingerprint);
  EXPECT_TRUE(message->integrity_matches(password));
  EXPECT_FALSE(message->integrity_matches("VOkJxbRl1RmTxUk/WvJxBu"));
}

TEST(StunMessage, ReadsTheResponsesOfRfc5769) {
  const auto four = StunMessage::parse(response_v4);
  ASSERT_TRUE(four);
  EXPECT_EQ(four->type, StunClass::success);
  EXPECT_EQ(four->xor_mapped_address->to_string(), "192.0.2.1:32853");
  EXPECT_TRUE(four->integrity_matches(password));
  const auto six = StunMessage::parse(response_v6);
  ASSERT_TRUE(six);
  EXPECT_EQ(six->xor_mapped_address->to_string(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  EXPECT_TRUE(six->integrity_matches(password));
}

TEST(StunMessage, WhatWeWriteWeRead) {
  std::array<std::uint8_t, 512> buffer;
  StunWriter writer(buffer, StunClass::error, stun_binding, {9, 8, 7});
  writer.add_software("viadux");
  writer.add_error(487, "Role Conflict");
  writer.add_ice_controlling(0x0102030405060708);
  writer.add_use_candidate();
  writer.add_integrity("password");
  writer.add_fingerprint();
  const auto message = StunMessage::parse(writer.message());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, StunClass::error);
  EXPECT_EQ(message->error_code, 487);
  EXPECT_EQ(message->ice_controlling, 0x0102030405060708ULL);
  EXPECT_TRUE(message->use_candidate);
  EXPECT_EQ(message->transaction[2], 7);
  EXPECT_TRUE(message->integrity_matches("password"));
}

TEST(StunMessage, AMessageThatDoesNotFitIsEmptyNotCut) {
  std::array<std::uint8_t, 40> buffer;
  StunWriter writer(buffer, StunClass::request, stun_binding, {});
  writer.add_username(std::string(100, 'u'));
  writer.add_integrity("p");
  writer.add_fingerprint();
  EXPECT_TRUE(writer.message().empty());
}

// Every byte is covered by the length, the fingerprint or the integrity (the SOFTWARE text by both).
TEST(StunMessage, AnyChangedByteIsNoticed) {
  for (std::size_t i = 0; i < request.size(); ++i) {
    auto changed = request;
    changed[i] ^= 0x01;
    const auto message = StunMessage::parse(changed);
    EXPECT_FALSE(message && message->has_fingerprint && message->integrity_matches(password)) << "byte " << i;
  }
}

TEST(StunMessage, AnyCutIsRefused) {
  for (std::size_t size = 0; size < request.size(); ++size)
    EXPECT_FALSE(StunMessage::parse(std::span(request).first(size))) << size;
  auto longer = request;
  longer.resize(longer.size() + 4);
  EXPECT_FALSE(StunMessage::parse(longer));
}

TEST(StunMessage, AttributesThatReachPastTheEndAreRefused) {
  auto bytes = from_hex("00010008 2112a442 000000000000000000000000 00060009 61626364");
  EXPECT_FALSE(StunMessage::parse(bytes));
  bytes[23] = 4;
  ASSERT_TRUE(StunMessage::parse(bytes));
  EXPECT_EQ(StunMessage::parse(bytes)->username, "abcd");
}

TEST(StunMessage, AttributesBehindTheIntegrityAreIgnored) {
  std::array<std::uint8_t, 256> buffer;
  StunWriter writer(buffer, StunClass::request, stun_binding, {});
  writer.add_username("a:b");
  writer.add_integrity("p");
  writer.add_use_candidate(); // an attacker's: not protected
  writer.add_fingerprint();
  const auto message = StunMessage::parse(writer.message());
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->integrity_matches("p"));
  EXPECT_FALSE(message->use_candidate);
}

TEST(StunMessage, UnknownAttributesThatMustBeUnderstoodAreListed) {
  const auto bytes = from_hex("00010008 2112a442 000000000000000000000000 00550000 80550000");
  const auto message = StunMessage::parse(bytes);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->unknown_required_count, 1U);
  EXPECT_EQ(message->unknown_required[0], 0x55);
}

TEST(StunMessage, RandomBytesNeverCrash) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = round % 2 ? request : response_v6;
    for (int change = 0; change < 4; ++change)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    if (const auto message = StunMessage::parse(bytes)) (void)message->integrity_matches(password);
  }
}

} // namespace
} // namespace viadux
