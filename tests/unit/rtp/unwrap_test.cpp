#include "core/rtp/unwrap.hpp"

#include <gtest/gtest.h>

namespace viadux::rtp {
namespace {

TEST(Unwrap, RunsOnOverTheWrap) {
  SequenceUnwrapper unwrap;
  const std::int64_t first = unwrap(65'534);
  EXPECT_EQ(unwrap(65'535), first + 1);
  EXPECT_EQ(unwrap(0), first + 2);
  EXPECT_EQ(unwrap(65'535), first + 1); // a little back
  EXPECT_EQ(unwrap(2), first + 4);
}

TEST(Unwrap, TheFirstMayHaveOlderOnesWithoutGoingNegative) {
  SequenceUnwrapper unwrap;
  const std::int64_t first = unwrap(0);
  EXPECT_EQ(unwrap(65'535), first - 1);
  EXPECT_GT(first - 1, 0);
}

TEST(Unwrap, HalfATurnIsTheLimit) {
  SequenceUnwrapper unwrap;
  const std::int64_t first = unwrap(0);
  EXPECT_EQ(unwrap.peek(32'767), first + 32'767);
  EXPECT_EQ(unwrap.peek(32'768), first - 32'768);
}

TEST(Unwrap, AJumpGoesFarAhead) {
  SequenceUnwrapper unwrap;
  const std::int64_t first = unwrap(500);
  const std::int64_t jumped = unwrap.jump(499);
  EXPECT_GT(jumped, first + 65'535);
  EXPECT_EQ(jumped % 65'536, 499);
  EXPECT_EQ(unwrap(500), jumped + 1);
}

TEST(Unwrap, Timestamps) {
  TimestampUnwrapper unwrap;
  const std::int64_t first = unwrap(0xffff'ffff);
  EXPECT_EQ(unwrap(2999), first + 3000);
}

TEST(Unwrap, Newer) {
  EXPECT_TRUE(is_newer<std::uint16_t>(1, 65'535));
  EXPECT_FALSE(is_newer<std::uint16_t>(65'535, 1));
  EXPECT_FALSE(is_newer<std::uint16_t>(5, 5));
}

} // namespace
} // namespace viadux::rtp
