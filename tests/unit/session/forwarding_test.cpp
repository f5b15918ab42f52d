// From one session to another: what goes in comes out, on one worker and from worker to worker.
#include "bench/client/payload.hpp"
#include "house.hpp"

namespace viadux {
namespace {

using testing::Test;

// What a source sent, as the bytes that a receiver must find: VP8's descriptor (4 bytes as bench writes it)
// is rewritten on the way, nothing else is.
void expect_same(const std::vector<Arrival>& arrived, const Source& source, std::size_t from) {
  std::map<Payload, int> sent;
  for (const auto& [sequence, packet] : source.sent)
    ++sent[Payload(packet.second.begin() + static_cast<std::ptrdiff_t>(from), packet.second.end())];
  for (const Arrival& arrival : arrived) {
    const Payload body(arrival.payload.begin() + static_cast<std::ptrdiff_t>(from), arrival.payload.end());
    EXPECT_EQ(sent.count(body), 1U) << "a packet that nobody sent, or changed on the way";
  }
}

template <class Base>
struct Forwarding : Base {
  Guest* speaker = nullptr;
  Guest* other = nullptr;
  Guest* viewer = nullptr;

  void SetUp() override {
    // Two rooms: with two workers the rooms are on different ones.
    speaker = &this->enter({sends("audio"), sends("video")}, 1);
    viewer = &this->enter({receives("audio"), receives("video")}, 2);
    other = &this->enter({sends("audio"), sends("video")}, 1);
    for (Guest* guest : {speaker, viewer, other})
      ASSERT_TRUE(this->await_connection(*guest));
  }
  void send_turn(Guest& from) {
    from.client.send_sound(from.client.source(0));
    const bool asked = from.client.key_frame_requests[from.client.source(1).ssrc] > 0;
    from.client.send_frame(from.client.source(1), asked);
    from.client.key_frame_requests[from.client.source(1).ssrc] = 0;
  }
  // Sends every 10 ms from both publishers until it holds.
  bool while_sending(const std::function<bool()>& holds) {
    std::int64_t next_us = 0;
    return this->until([&] {
      const std::int64_t now = this->loop_.clock().now_us();
      if (now >= next_us) {
        next_us = now + 10'000;
        send_turn(*speaker);
        send_turn(*other);
      }
      return holds();
    });
  }
  std::size_t received(std::size_t line) const { return viewer->client.of_line(line).size(); }

  void media_arrives_unchanged_and_the_listener_is_told() {
    this->fill(*viewer, 0, speaker->track(0));
    this->fill(*viewer, 1, speaker->track(1));
    ASSERT_TRUE(while_sending([&] { return received(0) > 20 && received(1) > 60; }));
    expect_same(viewer->client.of_line(0), speaker->client.source(0), 0);
    expect_same(viewer->client.of_line(1), speaker->client.source(1), 4);
    EXPECT_EQ(viewer->client.not_authentic, 0);
    // What the listener is told takes its own way, by the control thread: it may come after the media.
    const auto is_active = [&](std::size_t line) { return this->media_.active[speaker->track(line)]; };
    ASSERT_TRUE(while_sending([&] { return is_active(0) && is_active(1); }));
    ASSERT_TRUE(while_sending([&] { return this->media_.levels[speaker->track(0)].size() > 2; }));
    EXPECT_NEAR(this->media_.levels[speaker->track(0)].back(), 20, 3);

    const std::string stats = this->statistics(viewer->id());
    EXPECT_EQ(this->figure(viewer->id(), "/session"), static_cast<double>(viewer->id()));
    EXPECT_EQ(this->figure(viewer->id(), "/connected"), 1);
    EXPECT_EQ(this->figure(viewer->id(), "/slots/0/track"), static_cast<double>(speaker->track(0))) << stats;
    EXPECT_GE(this->figure(viewer->id(), "/slots/1/packets"), static_cast<double>(received(1))) << stats;
    EXPECT_EQ(this->figure(speaker->id(), "/tracks/1/track"), static_cast<double>(speaker->track(1)));
    EXPECT_EQ(this->figure(speaker->id(), "/tracks/1/encodings/0/width"), 1280);
    EXPECT_EQ(this->figure(speaker->id(), "/tracks/1/encodings/0/height"), 720);
    EXPECT_EQ(this->figure(speaker->id(), "/tracks/1/subscriptions"),
              this->figure(speaker->id(), "/worker") == this->figure(viewer->id(), "/worker") ? 1 : 0);
  }

  void a_slot_changes_its_track_and_is_emptied() {
    this->fill(*viewer, 1, speaker->track(1));
    ASSERT_TRUE(while_sending([&] { return received(1) > 30; }));
    this->fill(*viewer, 1, other->track(1));
    const auto from_other = [&] {
      const auto arrived = viewer->client.of_line(1);
      return !arrived.empty() && other->client.source(1).ssrc == stream_of(arrived.back());
    };
    ASSERT_TRUE(while_sending(from_other));
    const auto arrived = viewer->client.of_line(1);
    for (const Arrival& arrival : arrived)
      EXPECT_EQ(arrival.header.ssrc, arrived.front().header.ssrc) << "one stream, whoever fills the slot";
    ASSERT_TRUE(while_sending([&] { return received(1) > arrived.size() + 30; }));
    // No hole where the tracks changed: numbers run on.
    std::set<std::uint16_t> numbers;
    for (const Arrival& arrival : viewer->client.of_line(1))
      numbers.insert(static_cast<std::uint16_t>(arrival.header.sequence - arrived.front().header.sequence));
    EXPECT_EQ(numbers.size(), std::size_t{*numbers.rbegin()} + 1);

    this->fill(*viewer, 1, 0);
    ASSERT_TRUE(while_sending([&] { return this->figure(viewer->id(), "/slots/1/track") == 0; }));
    const std::size_t before = received(1);
    const auto sent = speaker->client.source(1).counter;
    ASSERT_TRUE(while_sending([&] { return speaker->client.source(1).counter > sent + 60; }));
    EXPECT_LE(received(1), before + 6) << "nothing goes to an empty slot but what was on its way";
  }

  static std::uint32_t stream_of(const Arrival& arrival) {
    const auto read = bench::read_vp8(arrival.payload, true);
    EXPECT_TRUE(read && read->intact);
    return read ? read->stamp.stream : 0;
  }

  void a_publisher_leaves() {
    this->fill(*viewer, 0, speaker->track(0));
    this->fill(*viewer, 1, speaker->track(1));
    ASSERT_TRUE(while_sending([&] { return received(0) > 5 && received(1) > 15; }));
    ASSERT_TRUE(this->engine_->close(speaker->id()));
    EXPECT_TRUE(this->until([&] { return speaker->client.closed_by_server(); })) << "close_notify";
    SlotFill fill;
    fill.track = speaker->track(1);
    const auto refused = this->engine_->fill_slot(viewer->id(), 1, fill);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::gone);
    EXPECT_EQ(this->statistics(speaker->id()), "");
    // The slot takes the next one as if nothing had been.
    this->fill(*viewer, 1, other->track(1));
    const std::size_t before = received(1);
    ASSERT_TRUE(while_sending([&] { return received(1) > before + 30; }));
    // And a viewer that is closed hears BYE for every slot.
    ASSERT_TRUE(this->engine_->close(viewer->id()));
    EXPECT_TRUE(this->until([&] { return viewer->client.closed_by_server(); }));
    EXPECT_EQ(viewer->client.byes.size(), 2U);
    EXPECT_EQ(this->engine_->sessions(), 1U);
    EXPECT_TRUE(this->media_.closed.empty()) << "who closes is not told that it is closed";
  }
};

struct OnOneWorker : Forwarding<House> {};
struct AcrossWorkers : Forwarding<TwoWorkers> {
  void SetUp() override {
    Forwarding<TwoWorkers>::SetUp();
    ASSERT_NE(figure(speaker->id(), "/worker"), figure(viewer->id(), "/worker"));
    ASSERT_EQ(figure(speaker->id(), "/worker"), figure(other->id(), "/worker")) << "rooms keep together";
  }
};

TEST_F(OnOneWorker, MediaArrivesUnchangedAndTheListenerIsTold) {
  media_arrives_unchanged_and_the_listener_is_told();
}
TEST_F(AcrossWorkers, MediaArrivesUnchangedAndTheListenerIsTold) {
  media_arrives_unchanged_and_the_listener_is_told();
}
TEST_F(OnOneWorker, ASlotChangesItsTrackAndIsEmptied) {
  a_slot_changes_its_track_and_is_emptied();
}
TEST_F(AcrossWorkers, ASlotChangesItsTrackAndIsEmptied) {
  a_slot_changes_its_track_and_is_emptied();
}
TEST_F(OnOneWorker, APublisherLeaves) {
  a_publisher_leaves();
}
TEST_F(AcrossWorkers, APublisherLeaves) {
  a_publisher_leaves();
}

} // namespace
} // namespace viadux
