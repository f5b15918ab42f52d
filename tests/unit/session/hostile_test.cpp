// What comes wrong: a clear error or a counter, and the session beside it does not notice.
#include "house.hpp"
#include "phone.hpp"

#include <random>

namespace viadux {
namespace {

std::string without(std::string text, const std::string& start) {
  for (auto at = text.find(start); at != std::string::npos; at = text.find(start))
    text.erase(at, text.find('\n', at) + 1 - at);
  return text;
}
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// Two participants who must not be disturbed, and one who does what it likes.
struct Hostile : House {
  Guest* alice = nullptr;
  Guest* bob = nullptr;
  Guest* mallory = nullptr;

  void SetUp() override {
    alice = &enter({sends("audio")});
    bob = &enter({receives("audio")});
    mallory = &enter({sends("audio"), sends("video"), receives("video")});
    for (Guest* guest : {alice, bob, mallory})
      ASSERT_TRUE(await_connection(*guest));
    fill(*bob, 0, alice->track(0));
  }
  void on_turn() override {
    if (alice == nullptr || !alice->client.connected() || loop_.clock().now_us() < next_us_) return;
    next_us_ = loop_.clock().now_us() + 10'000;
    alice->client.send_sound(alice->client.source(0));
  }
  void TearDown() override {
    // Everything that Alice says from now on arrives, in order and without a hole.
    bob->client.arrived.clear();
    ASSERT_TRUE(until([&] { return bob->client.arrived.size() >= 20; }));
    for (std::size_t i = 1; i < bob->client.arrived.size(); ++i)
      EXPECT_EQ(static_cast<std::uint16_t>(bob->client.arrived[i].header.sequence -
                                           bob->client.arrived[i - 1].header.sequence),
                1);
    EXPECT_FALSE(media_.closed.contains(alice->id()));
    EXPECT_FALSE(media_.closed.contains(bob->id()));
  }
  double dropped(const std::string& reason) {
    return metric("viadux_rtp_dropped_total{reason=\"" + reason + "\"}");
  }
  bool counted(const std::string& reason, double at_least) {
    return until([&] { return dropped(reason) >= at_least; });
  }
  std::int64_t next_us_ = 0;
};

TEST_F(Hostile, OffersThatCannotBeTakenSayWhy) {
  WebClient client(55);
  const std::string good = client.offer({sends("audio"), sends("video")});
  const auto refusal = [&](const std::string& offer) {
    const auto answer = engine_->open(request(offer));
    EXPECT_FALSE(answer) << offer;
    if (answer) return std::string("taken");
    EXPECT_FALSE(answer.error().message.empty());
    EXPECT_TRUE(answer.error().code == ErrorCode::bad_argument ||
                answer.error().code == ErrorCode::unsupported)
        << answer.error().message;
    return answer.error().reason;
  };
  EXPECT_EQ(refusal(""), "sdp_invalid");
  EXPECT_EQ(refusal("hello"), "sdp_invalid");
  EXPECT_EQ(refusal(std::string(100, '\0')), "sdp_invalid");
  EXPECT_EQ(refusal(std::string(2 << 20, 'v')), "sdp_invalid");
  EXPECT_NE(refusal(good.substr(0, good.find("m="))), "taken");
  EXPECT_EQ(refusal(replaced(replaced(good, "opus/48000/2", "speex/16000"), "VP8/", "VP9/")), "sdp_no_media");
  EXPECT_EQ(refusal(without(good, "a=group:BUNDLE")), "sdp_not_bundled");
  EXPECT_NE(refusal(without(good, "a=fingerprint")), "taken");
  EXPECT_NE(refusal(replaced(good, "a=fingerprint:sha-256", "a=fingerprint:md5")), "taken");
  EXPECT_NE(refusal(without(good, "a=ice-pwd")), "taken");
  EXPECT_NE(refusal(without(without(good, "a=ice-pwd"), "a=ice-ufrag")), "taken");
  EXPECT_EQ(engine_->sessions(), 3U);
  EXPECT_EQ(metric("viadux_media_sessions_refused_total"), 11);
}

TEST_F(Hostile, RandomBytesToThePortAreCounted) {
  PeerSocket stranger;
  std::mt19937 random(4);
  const Endpoint port{IpAddress::v4({127, 0, 0, 1}), engine_->port(0)};
  for (int i = 0; i < 300; ++i) {
    std::string bytes(1 + random() % 1400, '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random());
    if (i % 3 == 0) bytes[0] = static_cast<char>(i & 3);              // like STUN
    if (i % 3 == 1) bytes[0] = static_cast<char>(20 + random() % 44); // like DTLS
    stranger.send(port, bytes);
    if (i % 50 == 0) pass(2);
  }
  EXPECT_TRUE(until([&] {
    return metric("viadux_media_unknown_packets_total{reason=\"not_stun\"}") +
               metric("viadux_media_unknown_packets_total{reason=\"malformed\"}") >=
           300;
  }));
  // The same from a peer that is let in.
  for (int i = 0; i < 300; ++i) {
    Payload bytes(1 + random() % 1400);
    for (std::uint8_t& byte : bytes)
      byte = static_cast<std::uint8_t>(random());
    if (bytes[0] >= 20 && bytes[0] <= 63)
      bytes[0] = 0x80; // a DTLS alert in plain text may be believed by none
    mallory->client.send_raw(bytes);
    if (i % 50 == 0) pass(2);
  }
  EXPECT_TRUE(counted("not_media", 1));
  EXPECT_TRUE(counted("forged", 1));
  EXPECT_TRUE(media_.closed.empty());
}

TEST_F(Hostile, ForgedAndReplayedMediaIsDropped) {
  for (std::uint16_t i = 0; i < 10; ++i) {
    Payload forged(100, 0);
    forged[0] = 0x80;
    forged[1] = 111;
    forged[3] = static_cast<std::uint8_t>(i);
    bench::store32(&forged[8], mallory->client.source(0).ssrc);
    mallory->client.send_raw(forged);
  }
  EXPECT_TRUE(counted("forged", 10));
}

TEST_F(Hostile, MediaOfNoLineIsCounted) {
  WebClient& client = mallory->client;
  const std::uint8_t mid = client.answered()[0].extension(bench::uri_mid);
  for (std::uint16_t i = 0; i < 5; ++i) {
    client.send_packet({50, false, i, 0, 0xbad1}, {}, Payload(50, 1)); // unknown payload type
    client.send_packet({111, false, i, 0, 0xbad2}, {{mid, {'x', 'y'}}}, Payload(50, 1)); // unknown MID
    client.send_packet({96, false, i, 0, 0xbad3}, {{mid, {'0'}}},
                       Payload(50, 1)); // video's type on audio's line
    client.send_packet({96, false, i, 0, 0xbad4}, {{mid, {'2'}}}, Payload(50, 1)); // a line we send on
  }
  EXPECT_TRUE(counted("unknown_stream", 20));
  // A payload descriptor that does not add up.
  Source& video = client.source(1);
  for (std::uint16_t i = 0; i < 5; ++i)
    client.send_packet({96, false, i, 0, video.ssrc}, {}, Payload(1, 0xff));
  EXPECT_TRUE(counted("malformed", 5));
}

TEST_F(Hostile, SeventyStreamsOfOnePeerAreTooMany) {
  WebClient& client = mallory->client;
  client.send_sound(client.source(0));
  const std::uint8_t mid = client.answered()[1].extension(bench::uri_mid);
  const auto flood = [&](std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      client.send_packet({97, false, 1, 0, first + i}, {{mid, {'1'}}}, Payload(50, 1)); // RTX
      if (i % 40 == 0) pass(2);
    }
  };
  flood(0x1000, 70);
  EXPECT_TRUE(counted("unknown_stream", 70 - 61)) << "64, of which the offer named three";
  flood(0x2000, 200); // SRTP stops before that
  EXPECT_TRUE(counted("too_many_streams", 1));
  // Who floods keeps what was there before.
  Guest& carol = join({receives("audio")});
  fill(carol, 0, mallory->track(0));
  EXPECT_TRUE(until([&] {
    client.send_sound(client.source(0));
    return carol.client.arrived.size() > 3;
  }));
}

TEST_F(Hostile, BadControlPacketsAreCounted) {
  WebClient& client = mallory->client;
  std::mt19937 random(9);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint8_t> packet(8 + random() % 200);
    for (std::uint8_t& byte : packet)
      byte = static_cast<std::uint8_t>(random());
    packet[0] = static_cast<std::uint8_t>(0x80 | random() % 32);
    packet[1] = static_cast<std::uint8_t>(200 + random() % 8);
    bench::store32(&packet[4], 1); // one sender: SRTP knows only so many
    client.send_rtcp(packet);
    if (i % 50 == 0) pass(2);
  }
  EXPECT_TRUE(until([&] { return metric("viadux_rtcp_malformed_total") >= 100; }));
  // Well made, but absurd: no rate, all rates, numbers never sent.
  const std::uint32_t ssrc = client.answered()[2].ssrc;
  fill(*mallory, 2, 0);
  client.send_remb(0, ssrc);
  client.send_remb(~0ULL >> 1, ssrc);
  std::vector<std::uint16_t> all(250);
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<std::uint16_t>(i * 131);
  client.send_nack(ssrc, all);
  client.send_nack(0x12345, all);
  client.send_pli(0x12345);
  EXPECT_TRUE(until([&] { return metric("viadux_rtp_nacks_total{direction=\"in\"}") >= 250; }));
  EXPECT_EQ(figure(mallory->id(), "/connected"), 1);
}

TEST_F(Hostile, ASlotOrTrackThatIsNotThereIsRefused) {
  const auto refused = [&](std::uint32_t slot, TrackId track) {
    SlotFill fill;
    fill.track = track;
    const auto filled = engine_->fill_slot(mallory->id(), slot, fill);
    return filled ? std::string("filled") : filled.error().reason;
  };
  EXPECT_EQ(refused(3, alice->track(0)), "no_such_slot");
  EXPECT_EQ(refused(0, alice->track(0)), "no_such_slot") << "a line on which it only sends";
  EXPECT_EQ(refused(2, alice->track(0)), "wrong_kind");
  EXPECT_EQ(refused(2, 999), "gone");
}

} // namespace
} // namespace viadux
