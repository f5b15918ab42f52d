// Sessions without ICE: a port for each line, keys from the description or none, and who is listened to.
#include "calls.hpp"

#include <algorithm>

namespace viadux {
namespace {

TEST_F(Calls, PlainRtpIsForwardedFromPhoneToPhone) {
  Call alice("", ""), bob("", "");
  start(alice);
  start(bob);
  EXPECT_NE(alice.audio.server_port(), alice.video.server_port());
  EXPECT_GE(alice.audio.server_port(), 51'000);
  EXPECT_EQ(alice.audio.server_port() % 2, 0) << "RTP has the even port";
  connect(alice, bob);
  talk(alice, bob, kind(alice));
}

TEST_F(Calls, SdesKeysOfTheAnswerDecryptWhatComes) {
  Call alice(first_key, second_key), bob("", ""), carol(second_key, first_key);
  start(alice);
  start(bob);
  start(carol);
  connect(alice, bob);
  connect(bob, alice);
  talk(alice, bob, kind(alice)); // from keys to none
  talk(bob, alice, kind(bob));
  connect(alice, carol); // from keys to other keys
  talk(alice, carol, kind(alice));
}

TEST_F(Calls, PhonesWithoutOpusMeetInTheBestThatTheyHave) {
  for (const auto& [offered, taken] : std::map<std::vector<int>, std::string>{
           {{0, 101}, "0 101"}, {{0, 8}, "8"}, {{8, 9, 101}, "9 101"}, {{0, 8, 9, 100, 101}, "100 101"}}) {
    SCOPED_TRACE(taken);
    phones.clear();
    Call alice("", "", offered), bob("", "", offered);
    start(alice);
    start(bob);
    ASSERT_EQ(sounds(alice.answer), taken);
    connect(alice, bob);
    talk(alice, bob, kind(alice));
    ASSERT_TRUE(engine_->close(alice.answer.session));
    ASSERT_TRUE(engine_->close(bob.answer.session));
  }
  phones.clear();
}

// A key that is pressed comes on the sound's SSRC, by another payload type: it is neither sound nor an error.
TEST_F(Calls, KeysPressedAreNoSound) {
  Call alice("", "", {8, 101}), bob("", "", {8, 101});
  start(alice);
  start(bob);
  connect(alice, bob);
  talk(alice, bob, 8);
  const double malformed = metric("viadux_rtp_dropped_total{reason=\"malformed\"}");
  for (int i = 0; i < 5; ++i)
    alice.audio.send(101, 0xa0d10, ++alice.sequence, {5, 0x0a, 0, 160});
  talk(alice, bob, 8); // looks at every payload that came
  for (const Arrival& arrival : bob.audio.arrived)
    EXPECT_EQ(arrival.header.payload_type, 8);
  EXPECT_EQ(metric("viadux_rtp_dropped_total{reason=\"malformed\"}"), malformed);
}

TEST_F(Calls, ASlotNeverGetsACodecThatItHasNotNegotiated) {
  Call alice("", "", {8}), carol("", "", {8, 100});
  start(alice);
  start(carol);
  Guest& bob = join({receives("audio")});
  SlotFill fill;
  fill.track = carol.answer.tracks[0].id;
  ASSERT_TRUE(engine_->fill_slot(bob.id(), 0, fill)) << "Opus to Opus";
  ASSERT_TRUE(until([&] {
    carol.audio.send(100, 0xca401, ++carol.sequence, Payload(80, 3));
    return bob.client.arrived.size() > 3;
  }));

  fill.track = alice.answer.tracks[0].id;
  const auto refused = engine_->fill_slot(bob.id(), 0, fill);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_EQ(refused.error().reason, "codecs_differ");
  EXPECT_NE(statistics(bob.id()).find("\"track\":0,\"empty\":\"codecs_differ\""), std::string::npos)
      << statistics(bob.id());
  EXPECT_EQ(metric("viadux_slots_incompatible_total"), 1);
  pass(30);
  const std::size_t heard = bob.client.arrived.size();
  for (int i = 0; i < 10; ++i) {
    carol.audio.send(100, 0xca401, ++carol.sequence, Payload(80, 3));
    alice.audio.send(8, 0xa0d10, ++alice.sequence, Payload(160, 9));
  }
  pass(50);
  EXPECT_EQ(bob.client.arrived.size(), heard) << "neither PCMA nor who was there before";
}

// A browser has all of these in its offer, and sends what the answer says.
TEST_F(Calls, AWebClientKeepsOpusAndWithoutItSpeaksG722) {
  const auto offer = [&](Guest& guest, bool opus) {
    std::string text = guest.client.offer({sends("audio")});
    const std::string wanted = "a=rtpmap:111 opus/48000/2";
    const auto at = text.find(wanted);
    EXPECT_NE(at, std::string::npos) << text;
    if (opus) {
      text.insert(text.find("\r\n", text.find("m=audio")), " 9 8 0");
      text.insert(text.find(wanted), "a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n");
    } else {
      text.replace(at, wanted.size(), "a=rtpmap:111 G722/8000");
    }
    return engine_->open(request(text));
  };
  for (const bool opus : {true, false}) {
    guests_.push_back(std::make_unique<Guest>(seed_++));
    const auto answer = offer(*guests_.back(), opus);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(sounds(*answer), "111");
    EXPECT_NE(answer->answer.find(opus ? "a=rtpmap:111 opus/48000/2" : "a=rtpmap:111 G722/8000"),
              std::string::npos);
  }
  guests_.clear();
}

// RFC 5104 section 4.2.1: bob takes 400 kbit/s of video; he is told that we hold to it, and alice is asked.
TEST_F(Calls, PublishersWithTmmbrOnlyAreCappedByIt) {
  Call alice("", ""), bob("", "");
  start(alice);
  start(bob);
  connect(alice, bob);
  talk(alice, bob, kind(alice));
  const auto word = [](const Payload& packet, std::size_t at) {
    return static_cast<std::uint32_t>(packet[at] << 24 | packet[at + 1] << 16 | packet[at + 2] << 8 |
                                      packet[at + 3]);
  };
  const auto find = [&](const Phone& phone, std::uint8_t first) -> std::optional<Payload> {
    for (const Payload& packet : phone.reports)
      if (packet.size() >= 20 && packet[0] == first && packet[1] == 205) return packet;
    return std::nullopt;
  };
  EXPECT_FALSE(find(alice.video, 0x83)) << "who was never limited is told nothing";
  const std::uint32_t shown = bob.video.arrived.back().header.ssrc;
  const auto byte = [&](std::uint32_t number, int shift) {
    return static_cast<std::uint8_t>(number >> shift);
  };
  const Payload request{0x83,
                        205,
                        0,
                        4,
                        0,
                        0,
                        0xb0,
                        0xb0,
                        0,
                        0,
                        0,
                        0,
                        byte(shown, 24),
                        byte(shown, 16),
                        byte(shown, 8),
                        byte(shown, 0),
                        0x0b,
                        0x0d,
                        0x40,
                        0x28};
  bob.video.send_rtcp(request);
  std::int64_t next_us = 0;
  const auto asked = [&] {
    if (loop_.clock().now_us() >= next_us) {
      next_us = loop_.clock().now_us() + 10'000;
      alice.video.send(97, 0x71de0, ++alice.sequence, h264_key_frame(1));
    }
    return find(alice.video, 0x83) && find(bob.video, 0x84);
  };
  ASSERT_TRUE(until(asked));
  // The notification is the request with bob as the owner, from the stream's own SSRC.
  Payload notified = request;
  notified[0] = 0x84;
  std::copy_n(request.begin() + 12, 4, notified.begin() + 4);
  std::copy_n(request.begin() + 4, 4, notified.begin() + 12);
  EXPECT_EQ(*find(bob.video, 0x84), notified);

  const Payload limit = *find(alice.video, 0x83);
  ASSERT_EQ(limit.size(), 20U);
  EXPECT_EQ(word(limit, 8), 0U);
  EXPECT_EQ(word(limit, 12), 0x71de0U) << "alice's stream";
  const std::uint32_t rate = word(limit, 16);
  EXPECT_EQ(rate & 0x1ffU, 40U);
  const auto bps = static_cast<double>((rate >> 9U & 0x1ffffU) << (rate >> 26U));
  EXPECT_LE(bps, 400'000);
  EXPECT_GE(bps, 250'000);
  EXPECT_NEAR(bps, figure(alice.answer.session, "/tracks/1/cap_bps"), 4);

  // Repeated until she says that she holds to it (section 4.2.2), and then no more.
  alice.video.reports.clear();
  ASSERT_TRUE(until(asked)) << "RTCP gets lost";
  Payload held = limit;
  held[0] = 0x84;
  std::copy_n(limit.begin() + 12, 4, held.begin() + 4);
  std::copy_n(limit.begin() + 4, 4, held.begin() + 12);
  alice.video.send_rtcp(held);
  pass(300);
  alice.video.reports.clear();
  pass(1500);
  EXPECT_FALSE(find(alice.video, 0x83));
}

TEST_F(Calls, OnlyTheFirstGenuineSourceIsListenedTo) {
  Call alice(first_key, first_key), bob("", "");
  start(alice);
  start(bob);
  connect(alice, bob);
  talk(alice, bob, kind(alice));
  const std::size_t heard = bob.audio.arrived.size();
  PeerSocket stranger;
  for (std::uint16_t i = 0; i < 20; ++i)
    alice.audio.send_from(stranger, kind(alice), 0xa0d10, static_cast<std::uint16_t>(5000 + i),
                          Payload(160, 9));
  ASSERT_TRUE(until([&] { return wrong_source() >= 20; }));
  for (const Arrival& arrival : bob.audio.arrived)
    EXPECT_NE(arrival.payload, Payload(160, 9));
  EXPECT_LE(bob.audio.arrived.size(), heard + 3);
}

TEST_F(Calls, AForgerDoesNotTakeTheLatch) {
  Call alice(first_key, first_key), bob("", "");
  start(alice);
  start(bob);
  connect(alice, bob);
  PeerSocket stranger;
  Phone liar("audio", second_key); // another key
  ASSERT_TRUE(liar.accept(alice.answer.answer, 0));
  for (std::uint16_t i = 0; i < 10; ++i)
    liar.send_from(stranger, kind(alice), 5, i, Payload(160, 9));
  pass(50);
  talk(alice, bob, kind(alice));
  EXPECT_TRUE(until([&] { return metric("viadux_rtp_dropped_total{reason=\"forged\"}") >= 10; }));
}

// Descriptions in which not every line is media of ours, and re-INVITEs that reorder what has a port.
TEST_F(Calls, LinesThatAreNotOursTakeNoPortAndMoveNothing) {
  const std::string refused = "m=audio 0 RTP/AVP 0\r\n";
  const std::string floor = "m=application 16406 UDP/BFCP *\r\na=floorctrl:c-s\r\n";
  for (int i = 0; i < 30; ++i) { // more than are ever opened ahead
    Phone audio("audio", "");
    ASSERT_TRUE(until([&] {
      const auto answer = open({refused, floor, audio.media_line()});
      if (!answer) {
        EXPECT_EQ(answer.error().reason, "rtp_ports_used_up") << answer.error().message;
        return false;
      }
      EXPECT_EQ(answer->tracks.size(), 1U);
      EXPECT_TRUE(audio.accept(answer->answer, 2));
      return engine_->close(answer->session).has_value();
    }));
  }
}

TEST_F(Calls, AReInviteThatClosesTheFirstLineLeavesTheSecondOneAlone) {
  Call alice("", ""), bob("", "");
  start(alice);
  start(bob);
  connect(alice, bob);
  talk(alice, bob, kind(alice));
  const std::uint16_t port = alice.video.server_port();
  auto answer =
      engine_->update(alice.answer.session, sip_offer({"m=audio 0 RTP/AVP 0\r\n", alice.video.media_line()}));
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_TRUE(alice.video.accept(answer->answer, 1));
  EXPECT_EQ(alice.video.server_port(), port);
  ASSERT_EQ(answer->tracks.size(), 1U);
  EXPECT_EQ(answer->tracks[0].id, alice.answer.tracks[1].id);
  const std::size_t seen = bob.video.arrived.size();
  ASSERT_TRUE(until([&] {
    if (alice.sequence < 3100) alice.video.send(97, 0x71de0, ++alice.sequence, h264_key_frame(7));
    return bob.video.arrived.size() > seen + 5;
  }));
  // And the first one again: with a port, and a track of its own.
  answer =
      engine_->update(alice.answer.session, sip_offer({alice.audio.media_line(), alice.video.media_line()}));
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_TRUE(alice.audio.accept(answer->answer, 0));
  ASSERT_EQ(answer->tracks.size(), 2U);
  alice.answer = *answer;
  connect(alice, bob);
  pass(60); // what was on its way
  talk(alice, bob, kind(alice));
}

TEST_F(Calls, ManyCallsGiveTheirPortsBack) {
  for (int i = 0; i < 60; ++i) {
    Call call("", "");
    ASSERT_TRUE(until([&] {
      auto answer = open({call.audio.media_line(), call.video.media_line()});
      if (answer) call.answer = *answer;
      return answer.has_value();
    }));
    ASSERT_TRUE(engine_->close(call.answer.session));
  }
  EXPECT_EQ(engine_->sessions(), 0U);
}

} // namespace
} // namespace viadux
