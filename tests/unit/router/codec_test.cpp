// Sound and H.264: what is different from VP8.
#include "router/stage.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace viadux::router::test {
namespace {

class Source final : public TrackSource {
 public:
  void request_key_frame(Track&, unsigned) override { ++requests; }
  unsigned requests = 0;
};

class Recorder final : public Egress {
 public:
  void send(std::span<const OutPacket> run) override {
    for (const OutPacket& out : run) {
      std::vector<std::uint8_t> bytes(1600);
      const Written written = write_packet(out, extensions, bytes);
      bytes.resize(written.size);
      packets.push_back(std::move(bytes));
    }
  }
  void retransmit(std::span<const OutPacket>) override {}
  rtp::PacketView view(std::size_t i) const { return *rtp::parse(packets.at(i)); }
  EgressExtensions extensions;
  std::vector<std::vector<std::uint8_t>> packets;
};

void deliver(Track& track, std::uint16_t sequence, std::uint32_t timestamp, std::vector<std::uint8_t> payload,
             std::int64_t now_us, bool marker = false, const rtp::ExtensionValues& extensions = {}) {
  rtp::PacketView view;
  view.sequence = sequence;
  view.timestamp = timestamp;
  view.marker = marker;
  view.payload = payload;
  track.receive(0, view, extensions, now_us);
}

TEST(Sound, GoesOnSeamlesslyWithAnotherSpeaker) {
  Router router;
  Source source;
  Track anna({.id = 1, .codec = rtp::Codec::opus}, source, router);
  Track bo({.id = 2, .codec = rtp::Codec::opus}, source, router);
  Recorder out;
  Subscription slot(
      {.ssrc = 5, .formats = {{rtp::Codec::opus, 111, 0}}, .first_sequence = 10, .first_timestamp = 500},
      out);
  ASSERT_TRUE(slot.set_track(&anna, 0));
  for (std::uint16_t i = 0; i < 5; ++i) {
    deliver(anna, static_cast<std::uint16_t>(65'533 + i), 7000 + i * 960U, {1, 2, 3}, i * 20'000);
    router.flush(i * 20'000);
  }
  slot.set_track(&bo, 90'000);
  deliver(bo, 400, 1, {4, 5, 6}, 100'000);
  deliver(bo, 401, 961, {4, 5, 6}, 120'000);
  router.flush(120'000);
  ASSERT_EQ(out.packets.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(out.view(i).sequence, 10 + i);
    EXPECT_EQ(out.view(i).timestamp, 500 + 960 * i);
    EXPECT_EQ(out.view(i).payload_type, 111);
    EXPECT_EQ(out.view(i).ssrc, 5U);
  }
  EXPECT_TRUE(out.view(0).marker); // a talk spurt begins
  EXPECT_FALSE(out.view(1).marker);
  EXPECT_TRUE(out.view(5).marker);
  EXPECT_EQ(source.requests, 0U);
}

TEST(Sound, CarriesTheLevelWithTheReceiversOwnExtensionIds) {
  Router router;
  Source source;
  Track track({.id = 1, .codec = rtp::Codec::opus}, source, router);
  Recorder out;
  rtp::ExtensionMap ids;
  ids.set(rtp::Extension::audio_level, 9);
  ids.set(rtp::Extension::mid, 4);
  ids.set(rtp::Extension::transport_sequence, 3);
  out.extensions = {.ids = &ids, .mid = "a1", .transport_sequence = 0x1234};
  Subscription slot({.ssrc = 5, .formats = {{rtp::Codec::opus, 111, 0}}}, out);
  slot.set_track(&track, 0);
  deliver(track, 1, 1, {1}, 0, false, {.audio_level = 0x85});
  router.flush(0);
  ASSERT_EQ(out.packets.size(), 1U);
  const auto values = rtp::read_extensions(out.view(0), ids);
  EXPECT_EQ(values.audio_level, 0x85);
  EXPECT_EQ(values.mid, "a1");
  EXPECT_EQ(values.transport_sequence, 0x1234);
}

const std::vector<std::uint8_t> sps_and_idr{24, 0, 4, 0x67, 66, 0xc0, 31, 0, 2, 0x65, 1}; // STAP-A
const std::vector<std::uint8_t> delta{0x41, 1, 2};
const std::vector<std::uint8_t> fragment{0x7c, 0x41, 9, 9}; // FU-A in the middle of a delta picture

TEST(H264, BeginsWithParameterSets) {
  Router router;
  Source source;
  Track track({.id = 1, .codec = rtp::Codec::h264, .packetization_mode = 1}, source, router);
  Recorder out;
  Subscription slot({.ssrc = 5, .formats = {{rtp::Codec::h264, 102, 1}}}, out);
  ASSERT_TRUE(slot.set_track(&track, 0));
  deliver(track, 1, 10, delta, 0);
  deliver(track, 2, 20, sps_and_idr, 0);
  deliver(track, 3, 30, delta, 0);
  router.flush(0);
  ASSERT_EQ(out.packets.size(), 2U);
  EXPECT_TRUE(std::ranges::equal(out.view(0).payload, sps_and_idr));
  EXPECT_EQ(source.requests, 1U);
}

TEST(H264, AStreamWhoseParametersCameOtherwiseBeginsWithAnIdrPicture) {
  Router router;
  Source source;
  Track track({.id = 1, .codec = rtp::Codec::h264, .packetization_mode = 0}, source, router);
  Recorder out;
  Subscription slot({.ssrc = 5, .formats = {{rtp::Codec::h264, 102, 0}}}, out);
  slot.set_track(&track, 0);
  deliver(track, 1, 10, delta, 0);
  deliver(track, 2, 20, {0x65, 1, 2}, 0);
  router.flush(0);
  EXPECT_EQ(out.packets.size(), 1U);
}

TEST(H264, ModesMustAgree) {
  Router router;
  Source source;
  Track fragmented({.id = 1, .codec = rtp::Codec::h264, .packetization_mode = 1}, source, router);
  Track single({.id = 2, .codec = rtp::Codec::h264, .packetization_mode = 0}, source, router);
  Recorder out;
  Subscription old({.ssrc = 5, .formats = {{rtp::Codec::h264, 97, 0}}}, out);
  EXPECT_FALSE(old.can_take(fragmented));
  EXPECT_FALSE(old.set_track(&fragmented, 0));
  EXPECT_EQ(old.track(), nullptr);
  EXPECT_TRUE(old.set_track(&single, 0));
  Subscription both({.ssrc = 6, .formats = {{rtp::Codec::h264, 102, 1}, {rtp::Codec::h264, 97, 0}}}, out);
  both.set_track(&single, 0);
  // A publisher that breaks its word: fragments in a stream of mode 0 are kept from the receiver.
  deliver(single, 1, 10, {0x67, 66, 0xc0, 31}, 0);
  deliver(single, 2, 10, fragment, 0);
  deliver(single, 3, 10, {0x65, 1}, 0, true);
  router.flush(0);
  EXPECT_EQ(old.counters().incompatible, 1U);
  EXPECT_EQ(old.counters().packets, 2U);
  EXPECT_EQ(out.view(0).payload_type, 97);
  EXPECT_EQ(out.view(2).payload_type, 97); // the exact mode is preferred
  Track vp8({.id = 3, .codec = rtp::Codec::vp8}, source, router);
  EXPECT_FALSE(both.can_take(vp8));
}

TEST(Track, RefusesWhatItCannotCarry) {
  Router router;
  Source source;
  Track track({.id = 1, .codec = rtp::Codec::vp8}, source, router);
  const std::vector<std::uint8_t> large(1501, 0x10);
  rtp::PacketView view;
  view.payload = large;
  EXPECT_EQ(track.receive(0, view, {}, 0), Received::too_large);
  view.payload = std::span(large).first(1);
  EXPECT_EQ(track.receive(0, view, {}, 0), Received::malformed);
  view.payload = {};
  EXPECT_EQ(track.receive(0, view, {}, 0), Received::malformed);
  view.payload = std::span(large).first(20);
  EXPECT_EQ(track.receive(1, view, {}, 0), Received::wrong_encoding);
  EXPECT_EQ(track.receive(0, view, {}, 0), Received::stored);
  EXPECT_EQ(track.receive(0, view, {}, 0), Received::duplicate);
  EXPECT_EQ(track.counters().malformed, 4U);
}

TEST(Track, KeyFrameRequestsAreSpacedAndRepeatedUntilOneComes) {
  Router router;
  Source source;
  Track track({.id = 1, .codec = rtp::Codec::vp8}, source, router);
  const auto frame = [&](std::uint16_t sequence, bool key, std::int64_t now_us) {
    deliver(track, sequence, sequence, {0x10, static_cast<std::uint8_t>(key ? 0 : 1), 0}, now_us);
  };
  std::int64_t now = 1'000'000;
  frame(1, false, now);
  for (int i = 0; i < 100; ++i)
    track.request_key_frame(0, now);
  EXPECT_EQ(source.requests, 1U);
  for (std::uint16_t i = 0; i < 50; ++i) { // 2.5 s without an answer
    now += 50'000;
    frame(static_cast<std::uint16_t>(2 + i), false, now);
    router.tick(now);
  }
  EXPECT_EQ(source.requests, 3U);
  frame(100, true, now);
  now += 5'000'000;
  frame(101, false, now);
  router.tick(now);
  EXPECT_EQ(source.requests, 3U);
}

} // namespace
} // namespace viadux::router::test
