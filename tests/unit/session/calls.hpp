// A house of SIP units: calls of two lines each, sound and H.264, to be connected and talked through.
#pragma once

#include "house.hpp"
#include "phone.hpp"

namespace viadux {

inline constexpr const char* first_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";
inline constexpr const char* second_key = "HRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

// An H.264 key frame as one STAP-A (RFC 6184 section 5.7.1): SPS, PPS and an IDR slice.
inline Payload h264_key_frame(std::uint8_t mark) {
  Payload payload{0x78};
  const auto add = [&payload](const Payload& unit) {
    payload.push_back(0);
    payload.push_back(static_cast<std::uint8_t>(unit.size()));
    payload.insert(payload.end(), unit.begin(), unit.end());
  };
  add({0x67, 0x42, 0x80, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xe8, 0x40});
  add({0x68, 0xce, 0x06, 0xe2});
  add({0x65, 0x88, 0x84, 0x00, mark, mark, mark, mark});
  return payload;
}

struct Sip : House {
  std::vector<Phone*> phones;

  void SetUp() override {
    // Ports are opened ahead by the worker; the first call must find them.
    ASSERT_TRUE(until([&] { return ports_ready(); }));
  }
  bool ports_ready() {
    Phone probe("audio", "");
    const auto answer = open({probe.media_line()});
    if (!answer) return false;
    return engine_->close(answer->session).has_value();
  }
  Result<SessionAnswer> open(const std::vector<std::string>& lines, VideoCodec codec = VideoCodec::h264) {
    SessionRequest asked = request(sip_offer(lines));
    asked.profile = SdpProfile::sip;
    asked.video_codec = codec;
    return engine_->open(asked);
  }
  void on_turn() override {
    for (Phone* phone : phones)
      phone->pump();
  }
  double wrong_source() { return metric("viadux_rtp_dropped_total{reason=\"before_keys_or_wrong_source\"}"); }
};

struct Call {
  SessionAnswer answer;
  std::uint16_t sequence = 100;
  std::set<Payload> pictures; // sent
  Phone audio, video;
  bool has_keys;
  Call(const std::string& audio_key, const std::string& video_key, std::vector<int> sounds = {0, 100})
      : audio("audio", audio_key, std::move(sounds)), video("video", video_key),
        has_keys(!audio_key.empty()) {}
};

struct Calls : Sip {
  void start(Call& call) {
    auto answer = open({call.audio.media_line(), call.video.media_line()});
    ASSERT_TRUE(answer) << answer.error().message;
    call.answer = *answer;
    ASSERT_TRUE(call.audio.accept(answer->answer, 0)) << answer->answer;
    ASSERT_TRUE(call.video.accept(answer->answer, 1)) << answer->answer;
    ASSERT_EQ(answer->tracks.size(), 2U);
    ASSERT_EQ(answer->slots.size(), 2U);
    phones.push_back(&call.audio);
    phones.push_back(&call.video);
    ASSERT_TRUE(until([&] { return media_.connected.contains(call.answer.session); }));
  }
  void connect(const Call& from, const Call& to) {
    for (std::uint32_t line = 0; line < 2; ++line) {
      SlotFill fill;
      fill.track = from.answer.tracks[line].id;
      ASSERT_TRUE(engine_->fill_slot(to.answer.session, line, fill));
    }
  }
  // The payload types that the answer chose for sound: "100", or "8 101".
  static std::string sounds(const SessionAnswer& answer) {
    const auto line = answer.answer.find("m=audio");
    const auto from = answer.answer.find("AVP", line);
    const auto begin = answer.answer.find(' ', from) + 1;
    return answer.answer.substr(begin, answer.answer.find("\r\n", begin) - begin);
  }
  static std::uint8_t kind(const Call& call) {
    return static_cast<std::uint8_t>(std::stoi(sounds(call.answer)));
  }
  void talk(Call& from, Call& to, std::uint8_t sound_type) {
    const std::size_t heard = to.audio.arrived.size();
    const std::size_t seen = to.video.arrived.size();
    std::int64_t next_us = 0;
    std::set<Payload> sounds;
    std::set<Payload>& pictures =
        from.pictures; // of earlier talks too: who comes anew begins with the kept key frame
    ASSERT_TRUE(until([&] {
      if (loop_.clock().now_us() >= next_us) {
        next_us = loop_.clock().now_us() + 10'000;
        const std::uint16_t sequence = ++from.sequence;
        const Payload sound(160, static_cast<std::uint8_t>(sequence));
        const Payload picture = h264_key_frame(static_cast<std::uint8_t>(sequence));
        from.audio.send(sound_type, 0xa0d10, sequence, sound);
        from.video.send(97, 0x71de0, sequence, picture);
        sounds.insert(sound);
        pictures.insert(picture);
      }
      return to.audio.arrived.size() > heard + 10 && to.video.arrived.size() > seen + 10;
    })) << to.audio.arrived.size()
        << " and " << to.video.arrived.size() << " packets";
    for (std::size_t i = heard; i < to.audio.arrived.size(); ++i)
      EXPECT_TRUE(sounds.contains(to.audio.arrived[i].payload));
    for (std::size_t i = seen; i < to.video.arrived.size(); ++i)
      EXPECT_TRUE(pictures.contains(to.video.arrived[i].payload));
    EXPECT_EQ(to.audio.not_authentic + to.video.not_authentic, 0);
  }
};

} // namespace viadux
