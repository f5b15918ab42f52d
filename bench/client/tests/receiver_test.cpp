// A sender and a receiver with a hand between them: the receiver must notice whatever the hand does.
#include "bench/client/receiver.hpp"
#include "bench/client/sender.hpp"

#include <gtest/gtest.h>

namespace viadux::bench {
namespace {

struct Packet {
  std::vector<std::uint8_t> data;
  bool video() const { return (data[1] & 127) != 111; }
};

MediaLine line(const std::string& kind, const std::string& direction) {
  MediaLine made;
  made.kind = kind;
  made.mid = kind == "audio" ? "0" : "1";
  made.direction = direction;
  made.payload_type = kind == "audio" ? 111 : 96;
  made.rtx_payload_type = kind == "audio" ? 0 : 97;
  made.extensions = {{uri_transport_cc, 3}, {uri_mid, 4}};
  return made;
}

class ReceiverTest : public testing::Test {
 protected:
  ReceiverTest()
      : sender(
            loop, ledger, settings(), 1,
            [this](std::uint8_t* data, std::size_t size) {
              sent.push_back({{data, data + size}});
            },
            [](std::uint8_t*, std::size_t) {}),
        receiver(loop, ledger, {1, true, true}, 99, [this](std::uint8_t* data, std::size_t size) {
          RtcpHandler handler;
          handler.on_nack = [this](std::uint32_t ssrc, std::uint16_t sequence) {
            nacks.emplace_back(ssrc, sequence);
          };
          handler.on_key_frame_request = [this](std::uint32_t) { ++plis; };
          handler.on_transport_feedback = [this] { ++feedbacks; };
          EXPECT_TRUE(parse_rtcp({data, size}, handler));
        }) {
    sender.configure({line("audio", "recvonly"), line("video", "recvonly")});
    receiver.configure({line("audio", "sendonly"), line("video", "sendonly")});
    ledger.window = {0, std::numeric_limits<std::int64_t>::max()};
  }
  static PublishSettings settings() {
    PublishSettings made;
    made.bitrate_bps = 800'000;
    return made;
  }
  void run_for(std::int64_t duration_us) {
    Timer end(loop, [this] { loop.stop(); });
    end.start_at(EventLoop::now_us() + duration_us);
    loop.run();
  }
  void send_for(std::int64_t duration_us) {
    sender.start();
    run_for(duration_us);
    sender.stop();
  }
  void hand_over(const Packet& packet) { receiver.on_rtp(packet.data, EventLoop::now_us()); }
  std::uint64_t missing() const {
    std::uint64_t sum = 0;
    for (const auto id : sender.streams()) {
      const auto found = receiver.streams().find(id);
      sum += ledger.streams[id].in_window - (found == receiver.streams().end() ? 0 : found->second.in_window);
    }
    return sum;
  }
  std::uint64_t holes() const {
    std::uint64_t sum = 0;
    for (const auto& [id, stream] : receiver.streams())
      sum += stream.holes();
    return sum;
  }

  EventLoop loop;
  Ledger ledger;
  std::vector<Packet> sent;
  Sender sender;
  Receiver receiver;
  std::vector<std::pair<std::uint32_t, std::uint16_t>> nacks;
  int plis = 0, feedbacks = 0;
};

TEST_F(ReceiverTest, AllOfItInOrderIsRight) {
  send_for(300'000);
  for (const auto& packet : sent)
    hand_over(packet);
  EXPECT_GT(sent.size(), 30U);
  EXPECT_EQ(missing(), 0U);
  EXPECT_EQ(holes(), 0U);
  EXPECT_EQ(ledger.counters.delivered, sent.size());
  EXPECT_EQ(ledger.counters.corrupt + ledger.counters.duplicates + ledger.counters.reordered, 0U);
  receiver.send_feedback(EventLoop::now_us());
  EXPECT_EQ(feedbacks, 1);
  EXPECT_EQ(plis, 0) << "the first frame was a key frame";
}

TEST_F(ReceiverTest, ALostPacketIsMissedAskedForAndRepaired) {
  send_for(300'000);
  std::size_t lost = 0;
  for (std::size_t i = 10; i < sent.size() && lost == 0; ++i)
    if (sent[i].video()) lost = i;
  for (std::size_t i = 0; i < sent.size(); ++i)
    if (i != lost) hand_over(sent[i]);
  EXPECT_EQ(missing(), 1U);
  EXPECT_EQ(holes(), 1U);
  run_for(5'000);
  ASSERT_EQ(nacks.size(), 1U);
  EXPECT_EQ(nacks[0].second, load16(&sent[lost].data[2]));
  const auto before = sent.size();
  sender.on_nack(nacks[0].first, nacks[0].second);
  ASSERT_EQ(sent.size(), before + 1);
  EXPECT_EQ(sent.back().data[1] & 127, 97) << "as RTX";
  hand_over(sent.back());
  EXPECT_EQ(missing(), 0U);
  EXPECT_EQ(ledger.counters.rtx_recovered, 1U);
}

TEST_F(ReceiverTest, ANackForNoStreamOfItsOwnIsIgnored) {
  send_for(100'000);
  const auto before = sent.size();
  sender.on_nack(1, 1); // no such stream
  EXPECT_EQ(sent.size(), before);
}

TEST_F(ReceiverTest, ADoubleASwapAndAChangeAreCounted) {
  send_for(300'000);
  for (std::size_t i = 0; i < 20; ++i)
    hand_over(sent[i]);
  hand_over(sent[5]);
  EXPECT_EQ(ledger.counters.duplicates, 1U);
  std::swap(sent[20], sent[24]);
  auto changed = sent[22];
  changed.data.back() ^= 1;
  sent[22] = changed;
  for (std::size_t i = 20; i < sent.size(); ++i)
    hand_over(sent[i]);
  EXPECT_EQ(ledger.counters.corrupt, 1U);
  EXPECT_GE(ledger.counters.reordered, 1U);
  EXPECT_EQ(missing(), 1U) << "what was changed has not arrived";
}

TEST_F(ReceiverTest, AsksForAKeyFrameUntilThereIsOne) {
  send_for(300'000);
  std::size_t videos = 0;
  for (const auto& packet : sent)
    if (packet.video() && ++videos > 14) hand_over(packet); // the key frame was the first ten or so
  receiver.send_feedback(EventLoop::now_us());
  EXPECT_EQ(plis, 1);
}

TEST_F(ReceiverTest, ARembIsObeyedAndLifted) {
  sender.on_remb(300'000);
  EXPECT_LT(sender.video_bitrate_bps(), 300'000);
  send_for(1'000'000);
  std::size_t bytes = 0;
  for (const auto& packet : sent)
    bytes += packet.video() ? packet.data.size() : 0;
  EXPECT_LT(bytes * 8, 330'000U);
  sender.on_remb(0);
  EXPECT_EQ(sender.video_bitrate_bps(), 800'000);
}

} // namespace
} // namespace viadux::bench
