// Paths, identifiers, SDP, limits: what is pure text.
#include "../limits.hpp"
#include "../sdp.hpp"
#include "../target.hpp"
#include "../uuid.hpp"

#include <gtest/gtest.h>

namespace client {
namespace {

std::string shown(const char* path) {
  const Target t = read_target(path);
  return t.breakout + "|" + t.participant + "|" + t.call + "|" + t.action + "|" + t.rest;
}

TEST(Target, IsReadFromThePath) {
  EXPECT_EQ(shown("lock"), "|||lock|");
  EXPECT_EQ(shown("participants"), "|||participants|");
  EXPECT_EQ(shown("participants/p1/mute"), "|p1||mute|");
  EXPECT_EQ(shown("participants/p1/calls"), "|p1||calls|");
  EXPECT_EQ(shown("participants/p1/calls/c1/ack"), "|p1|c1|ack|");
  EXPECT_EQ(shown("breakouts/b1/participants/p1/calls/c1/update"), "b1|p1|c1|update|");
  EXPECT_EQ(shown("breakouts"), "|||breakouts|");
  EXPECT_EQ(shown("breakouts/b1/lock"), "b1|||lock|");
  EXPECT_EQ(shown("breakouts/empty"), "|||breakouts|empty");
  EXPECT_EQ(shown("participants/breakout"), "|||participants|breakout");
  EXPECT_EQ(shown("theme/"), "|||theme|");
  EXPECT_EQ(shown("theme/a/b.png"), "|||theme|a/b.png");
  EXPECT_EQ(shown(""), "||||");
  EXPECT_EQ(shown("//"), "||||");
}

TEST(Uuid, HasItsFormAndIsKnownByIt) {
  EXPECT_TRUE(is_uuid(random_uuid()));
  EXPECT_NE(random_uuid(), random_uuid());
  EXPECT_TRUE(is_uuid(uuid_of(viadux::Handle{0x123456789abcdef0})));
  EXPECT_NE(uuid_of(viadux::Handle{1}), uuid_of(viadux::Handle{2}));
  EXPECT_NE(uuid_of(viadux::Handle{1}), uuid_of(viadux::Handle{1ULL << 32U}));
  EXPECT_FALSE(is_uuid(""));
  EXPECT_FALSE(is_uuid("0A1B2C3D-0000-4000-8000-000000000001"));
}

TEST(Uuid, ACallsNameSaysWhatItIsFor) {
  for (const CallKind kind : {CallKind::main, CallKind::send, CallKind::receive})
    for (int i = 0; i < 100; ++i) {
      const std::string name = random_call(kind);
      EXPECT_TRUE(is_uuid(name)) << name;
      EXPECT_EQ(kind_of_call(name), kind) << name;
    }
  EXPECT_EQ(kind_of_call("0a1b2c3d-0000-4000-8000-000000000001"), CallKind::main);
  EXPECT_EQ(kind_of_call("no uuid"), CallKind::main);
}

TEST(Sdp, ASecondCallsVideoBecomesSlidesAndItsSoundStays) {
  const std::string offer = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=content:main\r\n"
                            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=content:main\r\n";
  EXPECT_EQ(as_slides(offer), "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=content:main\r\n"
                              "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=content:slides\r\n");
  EXPECT_TRUE(has_video(offer));
  EXPECT_FALSE(has_video("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
}

TEST(Sdp, ACandidateBecomesAFragmentAndNeverMoreLines) {
  EXPECT_EQ(fragment_of("candidate:1 1 udp 1 192.0.2.1 9 typ host", "1", "uf", "pw"),
            "a=ice-ufrag:uf\r\na=ice-pwd:pw\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\n"
            "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n");
  EXPECT_NE(fragment_of("", "0", "uf", "").find("a=end-of-candidates"), std::string::npos);
  EXPECT_EQ(fragment_of("x\r\na=ice-ufrag:other", "0", "uf", "pw"), "");
  EXPECT_EQ(fragment_of("x", "0", "", "pw"), "");
}

TEST(Limits, ABucketGivesItsBurstAndFillsWithTime) {
  Bucket bucket;
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(bucket.take(0, 1, 5));
  EXPECT_FALSE(bucket.take(0, 1, 5));
  EXPECT_FALSE(bucket.take(999'999, 1, 5));
  EXPECT_TRUE(bucket.take(1'000'001, 1, 5));
  EXPECT_FALSE(bucket.take(1'000'002, 1, 5));
}

TEST(Limits, AnAddressIsForgottenOnceItsBucketIsFull) {
  AddressLimits limits;
  EXPECT_TRUE(limits.take("a", 0, 1, 2));
  EXPECT_TRUE(limits.take("a", 0, 1, 2));
  EXPECT_FALSE(limits.take("a", 0, 1, 2));
  EXPECT_TRUE(limits.take("b", 0, 1, 2)) << "one does not pay for another";
  limits.forget(1'000'000, 1, 2);
  EXPECT_EQ(limits.size(), 1U);
  limits.forget(2'000'000, 1, 2);
  EXPECT_EQ(limits.size(), 0U);
}

} // namespace
} // namespace client
