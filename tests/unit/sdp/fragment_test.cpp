#include "core/sdp/fragment.hpp"

#include <gmock/gmock.h>

namespace viadux::sdp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// As WHIP clients send it (RFC 9725 section 4.3.2).
constexpr const char* trickled =
    "a=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "a=mid:0\r\n"
    "a=ice-ufrag:EsAw\r\n"
    "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 "
    "ufrag EsAw network-id 1\r\n"
    "a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active "
    "generation 0 ufrag EsAw network-id 1\r\n"
    "a=end-of-candidates\r\n";

TEST(SdpFragment, ReadsCandidatesByMid) {
  const auto fragment = parse_fragment(trickled);
  ASSERT_TRUE(fragment) << fragment.error().message;
  EXPECT_EQ(fragment->ice_ufrag, "EsAw");
  EXPECT_EQ(fragment->ice_pwd, "P2uYro0UCOQ4zxjKXaWCBui1");
  EXPECT_THAT(fragment->bundle, ElementsAre("0", "1"));
  ASSERT_EQ(fragment->lines.size(), 1U);
  EXPECT_EQ(fragment->lines[0].mid, "0");
  EXPECT_TRUE(fragment->lines[0].end_of_candidates);
  ASSERT_EQ(fragment->lines[0].candidates.size(), 2U);
  EXPECT_EQ(fragment->lines[0].candidates[1].tcp_type, TcpType::active);
}

TEST(SdpFragment, ReadsARestart) {
  const auto fragment =
      parse_fragment("a=ice-ufrag:ysXw\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\na=ice-options:trickle ice2\n");
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->ice_ufrag, "ysXw");
  EXPECT_THAT(fragment->ice_options, ElementsAre("trickle", "ice2"));
  EXPECT_TRUE(fragment->lines.empty());
}

TEST(SdpFragment, ReadsACandidateBeforeAnyLine) {
  const auto fragment = parse_fragment("a=ice-ufrag:ysXw\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n");
  ASSERT_TRUE(fragment);
  ASSERT_EQ(fragment->lines.size(), 1U);
  EXPECT_EQ(fragment->lines[0].candidates.size(), 1U);
  EXPECT_EQ(fragment->lines[0].ice_ufrag, "ysXw");
}

TEST(SdpFragment, WritesWhatItReads) {
  const auto fragment = parse_fragment(trickled);
  const auto again = parse_fragment(write_fragment(*fragment));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *fragment);
}

TEST(SdpFragment, WritesARestartsAnswer) {
  Fragment answer;
  answer.ice_lite = true;
  answer.bundle = {"0", "1"};
  answer.ice_ufrag = "289b";
  answer.ice_pwd = "0kWHvHrMWnFM8PdZ6hGP4Zcu";
  FragmentLine line;
  line.mid = "0";
  line.candidates.push_back({"1",
                             1,
                             CandidateTransport::udp,
                             2130706431,
                             "198.51.100.1",
                             39132,
                             CandidateType::host,
                             {},
                             0,
                             TcpType::none,
                             {}});
  line.end_of_candidates = true;
  answer.lines.push_back(line);
  EXPECT_EQ(write_fragment(answer),
            "a=ice-lite\r\na=group:BUNDLE 0 1\r\na=ice-ufrag:289b\r\n"
            "a=ice-pwd:0kWHvHrMWnFM8PdZ6hGP4Zcu\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
            "a=candidate:1 1 udp 2130706431 198.51.100.1 39132 typ host\r\n"
            "a=end-of-candidates\r\n");
}

TEST(SdpFragment, RefusesMalformedOnesByLine) {
  const auto message = [](std::string_view text) {
    const auto result = parse_fragment(text);
    EXPECT_FALSE(result) << text;
    if (result) return std::string();
    EXPECT_EQ(result.error().reason, "sdp_fragment_invalid");
    return result.error().message;
  };
  EXPECT_THAT(message(""), HasSubstr("empty"));
  EXPECT_THAT(message("a=mid:0\r\nhello\r\n"), HasSubstr("line 2: a line is one letter"));
  EXPECT_THAT(message("a=ice-ufrag:a:b:c:d\r\n"), HasSubstr("line 1: a=ice-ufrag"));
  EXPECT_THAT(message("a=candidate:1 1 udp\r\n"), HasSubstr("line 1:"));
  EXPECT_THAT(message(std::string(70000, 'a')), HasSubstr("70000 bytes"));
  std::string many = "m=audio 9 RTP/AVP 0\r\n";
  for (int i = 0; i < 129; ++i)
    many += "a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n";
  EXPECT_THAT(message(many), HasSubstr("more than 128 candidates"));
}

} // namespace
} // namespace viadux::sdp
