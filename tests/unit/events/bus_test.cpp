#include "core/control/manual_loop.hpp"
#include "core/events/bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace viadux {
namespace {

using testing::ElementsAre;

struct Stand {
  explicit Stand(EventBusLimits limits = {}) : bus(loop, limits) {}
  std::uint64_t say(std::uint64_t room, const std::string& type) {
    return bus.publish(room, type, EventDocument("{\"n\":" + std::to_string(++n) + "}"));
  }
  ManualLoop loop;
  EventBus bus;
  int n = 0;
};

std::vector<std::string> types(const std::vector<Event>& events) {
  std::vector<std::string> list;
  list.reserve(events.size());
  for (const Event& event : events)
    list.push_back(event.type);
  return list;
}

TEST(EventBus, IdsGrowOverAllRoomsAndOverARestart) {
  Stand stand;
  const auto a = stand.say(1, "a");
  const auto b = stand.say(2, "b");
  EXPECT_LT(a, b);
  stand.loop.advance(1'000'000);
  EventBus later(stand.loop);
  EXPECT_GT(later.publish(1, "c", EventDocument("{}")), b);
}

TEST(EventBus, FiltersByRoomAndType) {
  Stand stand;
  const auto all = *stand.bus.subscribe({}, [] {});
  const auto room = *stand.bus.subscribe({.room = 1, .types = {}}, [] {});
  const auto type = *stand.bus.subscribe({.room = {}, .types = {"x"}}, [] {});
  stand.say(1, "x");
  stand.say(2, "x");
  stand.say(1, "y");
  EXPECT_THAT(types(stand.bus.take(all)), ElementsAre("x", "x", "y"));
  EXPECT_THAT(types(stand.bus.take(room)), ElementsAre("x", "y"));
  EXPECT_THAT(types(stand.bus.take(type)), ElementsAre("x", "x"));
  EXPECT_TRUE(stand.bus.take(all).empty());
}

TEST(EventBus, WakesOncePerBatchFromTheLoop) {
  Stand stand;
  int woken = 0;
  const auto id = *stand.bus.subscribe({}, [&] { ++woken; });
  stand.say(1, "a");
  stand.say(1, "b");
  EXPECT_EQ(woken, 0) << "never from inside publish()";
  stand.loop.run();
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(stand.bus.take(id, 1).size(), 1U);
  stand.loop.run();
  EXPECT_EQ(woken, 2) << "some were left";
  stand.bus.take(id);
  stand.say(1, "c");
  stand.bus.unsubscribe(id);
  stand.loop.run();
  EXPECT_EQ(woken, 2);
}

TEST(EventBus, AWakeMayUnsubscribeItself) {
  Stand stand;
  SubscriptionId id = 0;
  std::string captured(100, 'x');
  id = *stand.bus.subscribe({}, [&, captured] {
    stand.bus.unsubscribe(id);
    EXPECT_EQ(captured.size(), 100U);
  });
  stand.say(1, "a");
  stand.loop.run();
  EXPECT_EQ(stand.bus.counters().subscribers, 0U);
}

TEST(EventBus, AnOverflowEmptiesTheQueueAndSaysResync) {
  Stand stand({.queue = 3});
  const auto slow = *stand.bus.subscribe({}, [] {});
  const auto quick = *stand.bus.subscribe({}, [] {});
  std::uint64_t last = 0;
  for (int i = 0; i < 10; ++i) {
    last = stand.say(1, "a");
    stand.bus.take(quick);
  }
  auto events = stand.bus.take(slow);
  ASSERT_THAT(types(events), ElementsAre("resync"));
  EXPECT_EQ(events[0].id, last);
  EXPECT_EQ(events[0].document->text(), "{\"lost_up_to\":" + std::to_string(last) + "}");
  stand.say(1, "b");
  EXPECT_THAT(types(stand.bus.take(slow)), ElementsAre("b"));
  EXPECT_EQ(stand.bus.counters().overflows, 1U);
}

TEST(EventBus, DocumentsAreWrittenWhenReadAndOnce) {
  Stand stand;
  const auto a = *stand.bus.subscribe({}, [] {});
  const auto b = *stand.bus.subscribe({}, [] {});
  int written = 0;
  stand.bus.publish(1, "x", EventDocument([&] {
                      ++written;
                      return std::string("{}");
                    }));
  const auto first = stand.bus.take(a);
  EXPECT_EQ(written, 0);
  EXPECT_EQ(first[0].document->text(), "{}");
  EXPECT_EQ(stand.bus.take(b)[0].document->text(), "{}");
  EXPECT_EQ(written, 1);
}

TEST(EventBus, KeepsAMinuteForThoseWhoComeBack) {
  Stand stand;
  const auto first = stand.say(1, "a");
  stand.say(2, "other");
  stand.say(1, "b");
  EXPECT_THAT(types(*stand.bus.since(1, first)), ElementsAre("b"));
  stand.loop.advance(40'000'000);
  stand.say(1, "c");
  stand.loop.advance(40'000'000);
  EXPECT_FALSE(stand.bus.since(1, first)) << "b is lost";
  EXPECT_FALSE(stand.bus.since(1, stand.bus.last_id() + 1)) << "not an id of ours";
  EXPECT_FALSE(stand.bus.since(1, 0));
  EXPECT_TRUE(stand.bus.since(1, stand.bus.last_id())->empty());
  stand.loop.advance(100'000'000);
  EXPECT_EQ(stand.bus.counters().kept, 0U);
  EXPECT_TRUE(stand.bus.since(1, stand.bus.last_id())->empty());
}

TEST(EventBus, KeepsABoundedNumber) {
  Stand stand({.keep_events = 4});
  std::uint64_t ids[6] = {};
  for (auto& id : ids)
    id = stand.say(1, "a");
  EXPECT_EQ(stand.bus.counters().kept, 4U);
  EXPECT_FALSE(stand.bus.since(1, ids[0]));
  EXPECT_EQ(stand.bus.since(1, ids[1])->size(), 4U);
}

TEST(EventBus, WhoTakesAtOnceMayHaveMoreWaiting) {
  Stand stand({.queue = 4});
  const auto few = *stand.bus.subscribe({}, [] {});
  const auto many = *stand.bus.subscribe({.queue = 1000}, [] {});
  for (int i = 0; i < 600; ++i) // as when a large room ends
    stand.say(1, "left");
  EXPECT_THAT(types(stand.bus.take(few)), ElementsAre("resync"));
  EXPECT_EQ(stand.bus.take(many).size(), 600U);
}

TEST(EventBus, SubscribersAreCapped) {
  Stand stand({.subscribers = 1});
  ASSERT_TRUE(stand.bus.subscribe({}, [] {}));
  EXPECT_EQ(stand.bus.subscribe({}, [] {}).error().reason, "subscribers_full");
}

TEST(EventBus, ASnapshotHasTheIdItIsTrueAt) {
  Stand stand;
  EXPECT_EQ(stand.bus.snapshot(1).error().code, ErrorCode::gone);
  stand.bus.set_snapshot_source([](std::uint64_t room, std::uint64_t after) -> std::optional<std::string> {
    if (room != 1) return std::nullopt;
    return after == 0 ? "{\"room\":1}" : "{\"page\":2}";
  });
  const auto id = stand.say(1, "a");
  const auto snapshot = stand.bus.snapshot(1);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->id, id);
  EXPECT_EQ(snapshot->document, "{\"room\":1}");
  EXPECT_FALSE(stand.bus.snapshot(2));
  EXPECT_EQ(stand.bus.snapshot(1, 7)->document, "{\"page\":2}");
}

} // namespace
} // namespace viadux
