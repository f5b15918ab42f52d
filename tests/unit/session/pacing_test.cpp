// A narrow line: what comes in a burst leaves at the line's pace, sound passes by, and a smaller picture is
// not kept waiting behind a larger one.
#include "bench/client/payload.hpp"
#include "house.hpp"

namespace viadux {
namespace {

// REMB is what viewers say here, so that what they say is exact: no transport-cc in their offers.
std::string without_transport_cc(std::string offer) {
  for (const char* line : {"a=rtcp-fb:96 transport-cc\r\n", "a=rtcp-fb:111 transport-cc\r\n"})
    for (auto at = offer.find(line); at != std::string::npos; at = offer.find(line))
      offer.erase(at, std::string(line).size());
  for (auto at = offer.find("a=extmap:3 "); at != std::string::npos; at = offer.find("a=extmap:3 "))
    offer.erase(at, offer.find('\n', at) + 1 - at);
  return offer;
}

struct Pacing : House {
  Guest& viewer() {
    guests_.push_back(std::make_unique<Guest>(seed_++));
    Guest& guest = *guests_.back();
    auto answer = engine_->open(
        request(without_transport_cc(guest.client.offer({receives("audio"), receives("video")}))));
    EXPECT_TRUE(answer) << answer.error().message;
    guest.answer = *answer;
    EXPECT_TRUE(guest.client.accept(answer->answer));
    EXPECT_TRUE(await_connection(guest));
    return guest;
  }
  // Alice sends sound and a picture, Bob watches on a line that takes `bps`.
  void meet(std::uint64_t bps) {
    alice_ = &join({sends("audio"), sends("video")});
    bob_ = &viewer();
    fill(*bob_, 0, alice_->track(0));
    fill(*bob_, 1, alice_->track(1));
    ssrc_ = bob_->client.answered()[1].ssrc;
    alice_->client.send_frame(alice_->client.source(1), true);
    ASSERT_TRUE(until([&] { return bob_->client.of_line(1).size() == 3; }));
    bob_->client.send_remb(bps, ssrc_);
    ASSERT_TRUE(until([&] { return figure(bob_->id(), "/target_bps") <= static_cast<double>(bps); }));
    pass(60); // a tick later it is in force
  }
  std::int64_t now_us() const { return loop_.clock().now_us(); }

  Guest *alice_ = nullptr, *bob_ = nullptr;
  std::uint32_t ssrc_ = 0;
};

TEST_F(Pacing, AKeyFrameLeavesAtTheLinesPaceAndSoundPassesIt) {
  meet(400'000);
  const std::int64_t begun_us = now_us();
  alice_->client.send_frame(alice_->client.source(1), true, 45,
                            1'000); // 45 kB: 360 ms at two and a half times 400 kbit/s
  alice_->client.send_sound(alice_->client.source(0));
  ASSERT_TRUE(until([&] { return bob_->client.of_line(1).size() == 48; }));
  EXPECT_GE(now_us() - begun_us, 200'000) << "it came in a burst";

  const auto& arrived = bob_->client.arrived;
  std::size_t sound_at = arrived.size(), last_picture_at = 0;
  std::uint16_t expected = 0;
  bool first = true;
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    if (arrived[i].header.ssrc != ssrc_) {
      sound_at = i;
      continue;
    }
    last_picture_at = i;
    if (!first) {
      EXPECT_EQ(arrived[i].header.sequence, expected) << "in order, none missing";
    }
    expected = static_cast<std::uint16_t>(arrived[i].header.sequence + 1);
    first = false;
  }
  EXPECT_LT(sound_at, last_picture_at) << "sound waited for the picture";
  EXPECT_GT(metric("viadux_rtp_paced_total"), 0);
}

TEST_F(Pacing, AWideLineIsNotPaced) {
  meet(20'000'000);
  alice_->client.send_frame(alice_->client.source(1), true, 45, 1'000);
  ASSERT_TRUE(until([&] { return bob_->client.of_line(1).size() == 48; }));
  EXPECT_EQ(metric("viadux_rtp_paced_total"), 0);
}

TEST_F(Pacing, WhatIsAskedForAgainIsPacedToo) {
  meet(400'000);
  std::set<std::uint16_t> lost;
  bob_->client.lose_incoming = [&](std::uint16_t sequence) {
    return lost.size() < 8 && lost.insert(sequence).second; // each once
  };
  alice_->client.send_frame(alice_->client.source(1), true, 45, 1'000);
  bob_->client.asks_for_missing = true;
  EXPECT_TRUE(until([&] { return bob_->client.of_line(1).size() == 48; }))
      << bob_->client.of_line(1).size() << " of 48, " << metric("viadux_rtp_retransmissions_refused_total")
      << " refused";
}

} // namespace
} // namespace viadux
