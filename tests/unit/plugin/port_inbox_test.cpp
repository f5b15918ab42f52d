// What a tap hands over: batches, their times and their references. Pure; the real way is
// tests/plugin/tape.sh.
#include "core/plugin/port_inbox.hpp"

#include <gtest/gtest.h>
#include <viadux/text.hpp>

namespace viadux {
namespace {

using Record = router::ChannelRecord;
using Bytes = std::vector<std::uint8_t>;

const Bytes key_frame{0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0, 7}; // RFC 7741
const Bytes interframe{0x10, 0x11, 0, 0, 9, 9};
constexpr TrackId sound = 7, picture = 8;

class Inbox : public testing::Test {
 public:
  Inbox() {
    router::TrackConfig config;
    config.codec = rtp::Codec::opus;
    inbox_->add(sound, config);
    config.codec = rtp::Codec::vp8;
    config.encodings = 2;
    inbox_->add(picture, config);
  }
  ~Inbox() override {
    for (const viadux_batch* batch : held_)
      PortInbox::release(batch);
  }
  void packet(TrackId track, std::uint32_t timestamp, const Bytes& payload = {1, 2, 3},
              std::int64_t at_us = 0, std::uint8_t flags = 0, std::uint8_t encoding = 0) {
    Record record;
    record.timestamp = timestamp;
    record.time_us = at_us;
    record.flags = flags;
    record.encoding = encoding;
    record.audio_level = 30;
    inbox_->on_packet(track, record, payload);
  }
  // All that is there; the batches are held.
  std::vector<viadux_item> items() {
    std::vector<viadux_item> all;
    while (const viadux_batch* batch = inbox_->take()) {
      held_.push_back(batch);
      EXPECT_LE(batch->items.count, VIADUX_BATCH_LIMIT);
      EXPECT_EQ(batch->items.item_size, sizeof(viadux_item));
      const auto* first = static_cast<const viadux_item*>(batch->items.items);
      all.insert(all.end(), first, first + batch->items.count);
    }
    return all;
  }
  std::unique_ptr<PortInbox> inbox_ = std::make_unique<PortInbox>();
  std::vector<const viadux_batch*> held_;
};

TEST_F(Inbox, CutsBatchesOfSixtyFour) {
  for (std::uint32_t i = 0; i < 150; ++i)
    packet(sound, i, Bytes(i + 1, static_cast<std::uint8_t>(i)));
  const auto all = items();
  ASSERT_EQ(all.size(), 150U);
  EXPECT_EQ(held_.size(), 3U);
  for (std::uint32_t i = 0; i < 150; ++i) {
    EXPECT_EQ(all[i].timestamp, i);
    ASSERT_EQ(all[i].payload.size, i + 1);
    EXPECT_EQ(static_cast<std::uint8_t>(all[i].payload.data[i]), i);
  }
}

TEST_F(Inbox, BatchesOutliveThePort) {
  packet(sound, 1, {42});
  const viadux_batch* batch = inbox_->take();
  PortInbox::retain(batch);
  PortInbox::release(batch);
  inbox_.reset();
  EXPECT_EQ(static_cast<const viadux_item*>(batch->items.items)->payload.data[0], 42);
  PortInbox::release(batch); // asan tells whether it was the last
}

TEST_F(Inbox, IsFullWhenThePluginHoldsTooMany) {
  for (std::size_t i = 0; i < PortInbox::held_max; ++i) {
    EXPECT_FALSE(inbox_->full());
    packet(sound, 1);
    held_.push_back(inbox_->take());
  }
  EXPECT_TRUE(inbox_->full());
  PortInbox::release(held_.back());
  held_.pop_back();
  EXPECT_FALSE(inbox_->full());
}

TEST_F(Inbox, TimesFollowTheFirstArrivalThenTheSendersReports) {
  packet(sound, 48'000, {1}, 1'000'000);
  packet(sound, 48'960, {1}, 1'090'000); // 20 ms later by its sender, 90 by its arrival
  packet(sound, 47'040, {1}, 1'100'000); // and one that was overtaken
  inbox_->on_time(sound, 0, 49'920, 1'030'000);
  packet(sound, 49'920, {1}, 1'110'000);
  packet(sound, 50'880, {1}, 1'111'000);
  const auto all = items();
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0].media_us, 1'000'000);
  EXPECT_EQ(all[1].media_us, 1'020'000);
  EXPECT_EQ(all[2].media_us, 980'000);
  EXPECT_EQ(all[1].flags & VIADUX_BY_REPORT, 0U);
  EXPECT_EQ(all[3].media_us, 1'030'000);
  EXPECT_EQ(all[4].media_us, 1'050'000);
  EXPECT_NE(all[4].flags & VIADUX_BY_REPORT, 0U);
}

TEST_F(Inbox, TimesGoOnWhenTheRtpClockWrapsWithoutReports) {
  std::uint32_t timestamp = 0xffff0000U;
  std::int64_t expected_us = 0;
  packet(sound, timestamp);
  for (int i = 0; i < 100; ++i) { // 100 times an hour: 4 wraps
    timestamp += 48'000U * 3600;
    expected_us += 3'600'000'000;
    packet(sound, timestamp);
  }
  EXPECT_EQ(items().back().media_us, expected_us);
}

TEST_F(Inbox, VideoBeginsWithAKeyFrameInEachEncoding) {
  packet(picture, 1, interframe);
  packet(picture, 2, key_frame, 0, 0, 1);
  packet(picture, 3, interframe, 0, 0, 1);
  packet(picture, 4, interframe);
  packet(picture, 5, key_frame);
  packet(picture, 6, interframe, 0, Record::marker | Record::after_gap);
  const auto all = items();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].encoding, 1);
  EXPECT_EQ(all[0].flags, static_cast<std::uint32_t>(VIADUX_KEY_FRAME));
  EXPECT_EQ(all[1].timestamp, 3U);
  EXPECT_EQ(all[2].timestamp, 5U);
  EXPECT_EQ(all[3].flags, static_cast<std::uint32_t>(VIADUX_MARKER | VIADUX_AFTER_GAP));
}

TEST_F(Inbox, AsksForKeyFramesUntilTheyCome) {
  using Due = std::vector<std::pair<TrackId, std::uint8_t>>;
  EXPECT_EQ(inbox_->key_frames_due(1'000'000), (Due{{picture, 0}, {picture, 1}}));
  EXPECT_EQ(inbox_->key_frames_due(1'400'000), Due{});
  packet(picture, 1, key_frame);
  EXPECT_EQ(inbox_->key_frames_due(1'500'000), (Due{{picture, 1}}));
}

TEST_F(Inbox, TellsNewsInOrder) {
  packet(sound, 1, {1}, 0, Record::has_audio_level);
  inbox_->on_wanted(50, true);
  inbox_->on_key_frame_wanted(50, 0);
  inbox_->on_wanted(50, false);
  inbox_->on_ended(sound);
  packet(sound, 2); // late
  inbox_->on_ended(sound);
  const auto all = items();
  ASSERT_EQ(all.size(), 5U);
  const viadux_item_kind kinds[] = {VIADUX_PACKET, VIADUX_WANTED, VIADUX_KEY_FRAME_WANTED, VIADUX_UNWANTED,
                                    VIADUX_TRACK_ENDED};
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].kind, kinds[i]) << i;
  EXPECT_EQ(all[0].minus_dbov, 30);
  EXPECT_EQ(all[1].track, 50U);
}

TEST_F(Inbox, LetsNothingThroughThatIsNotTapped) {
  packet(99, 1);
  packet(picture, 1, key_frame, 0, 0, 2); // an encoding that it does not have
  inbox_->remove(sound);
  packet(sound, 1);
  inbox_->on_time(99, 0, 1, 1);
  inbox_->on_time(picture, 9, 1, 1);
  EXPECT_TRUE(items().empty());
}

} // namespace
} // namespace viadux
