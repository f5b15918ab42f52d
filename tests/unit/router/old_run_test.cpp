// A worker that was held up hands on what came meanwhile in one turn: nothing of it may have been written
// over.
#include "router/stage.hpp"

#include <gtest/gtest.h>

namespace viadux::router::test {
namespace {

TEST(OldRun, IsHandedOnBeforeItsMemoryIsUsedAgain) {
  Router router;
  Stage stage(router, {.temporal_layers = false});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  std::int64_t now_us = 10'000'000;
  slot.set_track(&stage.track, now_us);
  for (int i = 0; i < 40; ++i) { // a thin stream: 16 s of it in one turn
    auto frame = stage.publisher.frame(now_us);
    for (SentPart& part : frame) {
      part.bytes.resize(1'200); // of real size, so that memory is used again
      stage.deliver(part, now_us);
    }
    now_us += 400'000;
  }
  router.flush(now_us);
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.shown.size(), 40U);
  EXPECT_EQ(viewer.holes(), 0U);
}

} // namespace
} // namespace viadux::router::test
