// The parts of the plugin sip that need no network.
#include "../rate_limit.hpp"
#include "../refusal.hpp"
#include "../target.hpp"

#include <array>
#include <gtest/gtest.h>

namespace sip {
namespace {

TEST(Target, APinMayStandBehindTheRoomsName) {
  struct Case {
    std::string_view user, host, whole, address, pin;
  };
  const std::array cases = {
      Case{"ward7", "example.org", "ward7@example.org", "", ""},
      Case{"1234.567890", "example.org", "1234.567890@example.org", "1234@example.org", "567890"},
      Case{"ward.7.2468", "example.org", "ward.7.2468@example.org", "ward.7@example.org", "2468"},
      Case{"ward.7", "example.org", "ward.7@example.org", "", ""},       // too short for a PIN
      Case{"ward.12a4", "example.org", "ward.12a4@example.org", "", ""}, // no digits
      Case{".1234", "example.org", ".1234@example.org", "", ""},
      Case{"ward.", "example.org", "ward.@example.org", "", ""},
      Case{"1.123456789012345678901", "h", "1.123456789012345678901@h", "", ""},
      Case{"+4512345678;phone-context=x.1234", "h", "+4512345678@h", "", ""},
      Case{"ward", "[2001:db8::1]", "ward", "", ""},
      Case{"", "example.org", "@example.org", "", ""},
      Case{"m\xf8"
           "de",
           "h", "m?de@h", "", ""},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.user);
    const Target target = read_target(each.user, each.host);
    EXPECT_EQ(target.whole, each.whole);
    EXPECT_EQ(target.address, each.address);
    EXPECT_EQ(target.pin, each.pin);
  }
}

TEST(Target, NamesAreCleanAndShort) {
  EXPECT_EQ(display_name("\"Ward 7, \\\"east\\\"\"", "ward7"), "Ward 7, \"east\"");
  EXPECT_EQ(display_name("", "ward7"), "ward7");
  EXPECT_EQ(display_name("a\r\nb\x7f", "x"), "ab");
  EXPECT_EQ(display_name("M\xf8ller", "x"), "M?ller") << "Latin-1";
  EXPECT_EQ(display_name("M\xc3\xb8ller", "x"), "M\xc3\xb8ller");
  std::string letters;
  for (int i = 0; i < 100; ++i)
    letters += "\xe2\x82\xac"; // three bytes each
  EXPECT_EQ(display_name(letters, "x"), letters.substr(0, 126));
}

TEST(Refusal, EachReasonHasItsStatus) {
  using enum viadux::ErrorCode;
  struct Case {
    viadux::ErrorCode code;
    const char* reason;
    int status;
    unsigned retry_after_s;
  };
  const std::array cases = {
      Case{not_found, "room_unknown", 404, 0},
      Case{bad_argument, "alias_malformed", 404, 0},
      Case{not_found, "organisation_unknown", 404, 0},
      Case{refused, "pin_required", 403, 0},
      Case{refused, "pin_wrong", 403, 0},
      Case{busy, "pin_slowed", 480, 30},
      Case{refused, "room_locked", 480, 0},
      Case{busy, "room_full", 486, 0},
      Case{busy, "node_full", 503, 10},
      Case{busy, "server_stopping", 503, 10},
      Case{refused, "policy_refused", 403, 0},
      Case{bad_argument, "sdp_invalid", 488, 0},
      Case{unsupported, "sdp_unsupported", 488, 0},
      Case{internal, "anything", 500, 0},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.reason);
    const Refusal answer = refusal(viadux::make_error(each.code, each.reason, "Because."));
    EXPECT_EQ(answer.status, each.status);
    EXPECT_EQ(answer.retry_after_s, each.retry_after_s);
    if (each.status != 404) EXPECT_EQ(answer.text, "Because.");
  }
}

TEST(Refusal, WhatIsNoRoomCannotBeToldApart) {
  using enum viadux::ErrorCode;
  const Refusal unknown = refusal(viadux::make_error(not_found, "room_unknown", "one"));
  for (const Refusal& other : {refusal(viadux::make_error(bad_argument, "alias_malformed", "two")),
                               refusal(viadux::make_error(not_found, "organisation_unknown", "three"))}) {
    EXPECT_EQ(other.status, unknown.status);
    EXPECT_EQ(other.text, unknown.text);
    EXPECT_EQ(other.retry_after_s, unknown.retry_after_s);
  }
}

TEST(Refusal, TextsCannotLeaveTheirHeader) {
  EXPECT_EQ(warning_of("No \"way\"\r\nVia: x\\"), "399 viadux \"No \\\"way\\\"  Via: x\\\\\"");
  EXPECT_EQ(goodbye("host_ended"), "Q.850;cause=16;text=\"The host has ended the meeting.\"");
  EXPECT_EQ(goodbye("never heard of"), "Q.850;cause=16;text=\"The connection has ended.\"");
}

TEST(RateLimit, AnAddressHasABurstAndThenItsRate) {
  RateLimit limit(10, 20);
  const std::array<std::uint8_t, 4> one{192, 0, 2, 1};
  std::int64_t now_us = 1'000'000'000'000;
  const auto count = [&](int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i)
      taken += limit.take(one, now_us) ? 1 : 0;
    return taken;
  };
  EXPECT_EQ(count(100), 20);
  now_us += 500'000;
  EXPECT_EQ(count(100), 5);
  now_us += 3'600'000'000;
  EXPECT_EQ(count(100), 20) << "never more than the burst";
  now_us -= 10'000'000;
  EXPECT_EQ(count(100), 0) << "a clock that goes back gives nothing";
}

TEST(RateLimit, OneWhoAsksTooMuchCostsTheOthersNothing) {
  RateLimit limit(1, 1);
  int served = 0;
  for (std::uint8_t i = 0; i < 200; ++i) {
    const std::array<std::uint8_t, 4> address{198, 51, 100, i};
    for (int again = 0; again < 5; ++again)
      served += limit.take(address, 1'000'000'000) ? 1 : 0;
  }
  EXPECT_LE(served, 200);
  EXPECT_GE(served, 180) << "a few share a bucket: 200 in 8192";
}

} // namespace
} // namespace sip
