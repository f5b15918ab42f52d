// Offers of ours: a call out, or an INVITE without an offer. The session begins with the peer's answer.
#include "calls.hpp"

namespace viadux {
namespace {

struct Offers : Calls {
  SessionRequest wanted(MediaEncryption encryption = MediaEncryption::best_effort) const {
    SessionRequest asked = request("");
    asked.profile = SdpProfile::sip;
    asked.video_codec = VideoCodec::h264;
    asked.encryption = encryption;
    return asked;
  }
  static constexpr std::array<OfferedLine, 2> sound_and_picture{
      OfferedLine{MediaKind::audio, MediaContent::main}, OfferedLine{MediaKind::video, MediaContent::main}};

  // As `call` answers; `avp`: on the protocol that we offered, with its keys (RFC 8643).
  static std::string answer_of(const Call& call, bool avp) {
    std::string text = sip_offer({call.audio.media_line(), call.video.media_line()});
    for (auto at = text.find("RTP/SAVP "); avp && at != std::string::npos; at = text.find("RTP/SAVP "))
      text.replace(at, 8, "RTP/AVP");
    return text;
  }
  // A unit without keys does not look at ours.
  static void hear(Call& call, std::string offer) {
    while (!call.has_keys && offer.find("a=crypto") != std::string::npos)
      offer.erase(offer.find("a=crypto"),
                  offer.find("\r\n", offer.find("a=crypto")) + 2 - offer.find("a=crypto"));
    ASSERT_TRUE(call.audio.accept(offer, 0)) << offer;
    ASSERT_TRUE(call.video.accept(offer, 1)) << offer;
  }
  void call_out(Call& call, MediaEncryption encryption) {
    auto offered = engine_->offer(wanted(encryption), sound_and_picture);
    ASSERT_TRUE(offered) << offered.error().message;
    EXPECT_TRUE(offered->tracks.empty() && offered->slots.empty());
    hear(call, offered->answer);
    auto accepted =
        engine_->accept(offered->session, answer_of(call, encryption == MediaEncryption::best_effort));
    ASSERT_TRUE(accepted) << accepted.error().message;
    EXPECT_TRUE(accepted->answer.empty());
    call.answer = *accepted;
    call.answer.answer = offered->answer;
    ASSERT_EQ(accepted->tracks.size(), 2U);
    ASSERT_EQ(accepted->slots.size(), 2U);
    phones.push_back(&call.audio);
    phones.push_back(&call.video);
    ASSERT_TRUE(until([&] { return media_.connected.contains(accepted->session); }));
  }
  // What our offer calls Opus and H.264.
  static std::uint8_t number_of(const std::string& offer, const std::string& codec) {
    const auto map = offer.find(" " + codec);
    const auto from = offer.rfind(':', map) + 1;
    return static_cast<std::uint8_t>(std::stoi(offer.substr(from, map - from)));
  }
  void talk_over_offer(Call& from, Call& to) {
    const std::uint8_t opus = number_of(from.answer.answer, "opus/48000");
    const std::uint8_t h264 = number_of(from.answer.answer, "H264/90000");
    ASSERT_TRUE(until([&] {
      const std::uint16_t sequence = ++from.sequence;
      from.audio.send(opus, 0xa0d10, sequence, Payload(160, 3));
      from.video.send(h264, 0x71de0, sequence, h264_key_frame(3));
      return to.audio.arrived.size() > 10 && to.video.arrived.size() > 10;
    })) << to.audio.arrived.size()
        << " and " << to.video.arrived.size() << " packets";
    EXPECT_EQ(to.audio.arrived.back().payload, Payload(160, 3));
    EXPECT_EQ(to.audio.arrived.back().header.payload_type, 100) << "by the number that the answer gave";
    EXPECT_EQ(to.video.arrived.back().header.payload_type, 97);
    EXPECT_EQ(to.audio.not_authentic + to.video.not_authentic, 0);
  }
};

TEST_F(Offers, WhoIsCalledHearsAndIsHeard) {
  Call ward("", "", {100}), unit("", "", {100});
  ASSERT_NO_FATAL_FAILURE(call_out(ward, MediaEncryption::off));
  ASSERT_NO_FATAL_FAILURE(call_out(unit, MediaEncryption::best_effort)); // and the unit has no keys
  ASSERT_NO_FATAL_FAILURE(connect(ward, unit));
  ASSERT_NO_FATAL_FAILURE(connect(unit, ward));
  ASSERT_NO_FATAL_FAILURE(talk_over_offer(ward, unit));
  ASSERT_NO_FATAL_FAILURE(talk_over_offer(unit, ward));
}

TEST_F(Offers, KeysAreUsedWhereTheAnswerHasThem) {
  Call ward(first_key, second_key, {100}), unit(second_key, first_key, {100});
  ASSERT_NO_FATAL_FAILURE(call_out(ward, MediaEncryption::best_effort));
  ASSERT_NO_FATAL_FAILURE(call_out(unit, MediaEncryption::required));
  ASSERT_NO_FATAL_FAILURE(connect(ward, unit));
  ASSERT_NO_FATAL_FAILURE(connect(unit, ward));
  ASSERT_NO_FATAL_FAILURE(talk_over_offer(ward, unit));
  ASSERT_NO_FATAL_FAILURE(talk_over_offer(unit, ward));
}

TEST_F(Offers, WhatMustBeEncryptedIsNotAnsweredOtherwise) {
  const auto offered = engine_->offer(wanted(MediaEncryption::required), sound_and_picture);
  ASSERT_TRUE(offered);
  Call plain("", "");
  const auto accepted = engine_->accept(offered->session, answer_of(plain, false));
  ASSERT_FALSE(accepted);
  EXPECT_NE(accepted.error().message.find("keys"), std::string::npos) << accepted.error().message;
  // The same of what they offer to us.
  SessionRequest asked = wanted(MediaEncryption::required);
  asked.offer = answer_of(plain, false);
  EXPECT_FALSE(engine_->open(asked));
  EXPECT_TRUE(engine_->close(offered->session));
}

TEST_F(Offers, ABadAnswerLeavesTheOfferOpenForAnother) {
  const auto offered = engine_->offer(wanted(), sound_and_picture);
  ASSERT_TRUE(offered);
  Call call("", "");
  ASSERT_NO_FATAL_FAILURE(hear(call, offered->answer));
  EXPECT_EQ(engine_->accept(offered->session, "v=0").error().code, ErrorCode::bad_argument);
  const auto one_line = engine_->accept(offered->session, sip_offer({call.audio.media_line()}));
  ASSERT_FALSE(one_line);
  EXPECT_NE(one_line.error().message.find("1 media lines, the offer 2"), std::string::npos)
      << one_line.error().message;
  // Glare: theirs crosses ours.
  EXPECT_EQ(engine_->update(offered->session, answer_of(call, false)).error().reason, "offer_pending");
  EXPECT_EQ(engine_->fill_slot(offered->session, 0, {}).error().reason, "no_such_slot");
  EXPECT_TRUE(engine_->set_rights(offered->session, MediaRights{}));
  ASSERT_TRUE(engine_->accept(offered->session, answer_of(call, false)));
  phones = {&call.audio, &call.video};
  EXPECT_TRUE(until([&] { return media_.connected.contains(offered->session); }));
  EXPECT_EQ(engine_->accept(offered->session, answer_of(call, false)).error().reason, "no_offer");
}

TEST_F(Offers, WhoOnlyWatchesIsOfferedThat) {
  SessionRequest asked = wanted();
  asked.rights.send_video = asked.rights.receive_audio = false;
  const auto offered = engine_->offer(asked, sound_and_picture);
  ASSERT_TRUE(offered);
  const auto picture = offered->answer.find("m=video");
  ASSERT_NE(picture, std::string::npos);
  EXPECT_LT(offered->answer.find("a=recvonly"), picture) << "its sound may come to us: " << offered->answer;
  EXPECT_GT(offered->answer.find("a=sendonly"), picture);
}

TEST_F(Offers, AWebOfferIsBundledWithIce) {
  SessionRequest asked = wanted();
  asked.profile = SdpProfile::webrtc;
  const auto offered = engine_->offer(asked, sound_and_picture);
  ASSERT_TRUE(offered) << offered.error().message;
  for (const char* part : {"a=group:BUNDLE 0 1", "a=ice-lite", "a=fingerprint:sha-256", "a=setup:actpass"})
    EXPECT_NE(offered->answer.find(part), std::string::npos) << part << " in " << offered->answer;
  EXPECT_NE(offered->answer.find("a=ice-ufrag:" + offered->ice_ufrag), std::string::npos);
  EXPECT_EQ(engine_->offer(asked, {}).error().reason, "no_lines");
}

TEST_F(Offers, ThatNobodyAnswersGiveTheirPortsBack) {
  for (int i = 0; i < 60; ++i) { // more than are ever opened ahead
    SessionId id = 0;
    ASSERT_TRUE(until([&] {
      const auto offered = engine_->offer(wanted(), sound_and_picture);
      if (offered) id = offered->session;
      return offered.has_value();
    }));
    ASSERT_TRUE(engine_->close(id));
  }
  EXPECT_EQ(engine_->sessions(), 0U);
  EXPECT_EQ(metric("viadux_media_sessions_ended_total{reason=\"not_answered\"}"), 60);
}

} // namespace
} // namespace viadux
