#include "core/events/report.hpp"
#include "core/meeting/report.hpp"
#include "core/store/report.hpp"
#include "house.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Report, CountsWhatHappenedUnderNamesThatTheRegistryTakes) {
  House house;
  house.create("test", "1234");
  house.enter("test", "+audio -audio");
  house.knock("test", "0000");
  house.knock("nowhere");
  ASSERT_TRUE(house.rooms.disconnect(house.join("test")->participant));

  Metrics metrics;
  metrics.add_collector([&](MetricSink& sink) { report(house.rooms, sink); });
  metrics.add_collector([&](MetricSink& sink) { report(house.bus, sink); });
  metrics.add_collector([&](MetricSink& sink) { store::report(house.storage, sink); });
  const std::string text = metrics.serialize();
  EXPECT_THAT(text, HasSubstr("viadux_meeting_running 1\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_participants 1\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_admitted_total 2\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_refused_total{reason=\"pin_wrong\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_refused_total{reason=\"room_unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_refused_total{reason=\"room_full\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_left_total{reason=\"disconnected_by_host\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("viadux_store_ready 1\n"));
  EXPECT_THAT(text, HasSubstr("viadux_store_work_total{result=\"done\"}"));
  EXPECT_THAT(text, HasSubstr("viadux_events_published_total"));
  EXPECT_THAT(text, Not(HasSubstr("viadux_metrics_rejected_total{"))) << text;
  EXPECT_THAT(text, testing::AnyOf(Not(HasSubstr("viadux_metrics_rejected_total")),
                                   HasSubstr("viadux_metrics_rejected_total 0\n")));
}

TEST(Reasons, EveryWordHasTwoSentencesAndIsItsOwn) {
  std::set<std::string_view> words;
  for (const ReasonEntry& entry : all_reasons()) {
    EXPECT_TRUE(words.insert(entry.word).second) << entry.word;
    EXPECT_FALSE(entry.english.empty());
    EXPECT_FALSE(entry.danish.empty());
    EXPECT_NE(entry.english, entry.danish);
    EXPECT_NE(entry.code, ErrorCode::ok);
    EXPECT_EQ(find_reason(entry.word), &entry);
  }
  const Error error = refusal(Reason::pin_wrong);
  EXPECT_EQ(sentence(error, "da-DK"), "Pinkoden er forkert.");
  EXPECT_EQ(sentence(error, "en"), "The PIN is wrong.");
  EXPECT_EQ(sentence(error, "dagestan"), "The PIN is wrong.");
  EXPECT_EQ(sentence(make_error(ErrorCode::internal, "other", "Own words."), "da"), "Own words.");
}

TEST(RoomSettings, ComeBackFromJsonAsTheyWent) {
  RoomSettings settings;
  settings.name = "Stue \"ø\"";
  settings.guests_without_pin = false;
  settings.wait_for_host = true;
  settings.participants_max = 7;
  settings.video_codec = VideoCodec::h264;
  settings.guest_rights.receive_audio = false;
  const auto back = room_settings_from_json(to_json(settings));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(settings));
  EXPECT_FALSE(back->guest_rights.receive_audio);
  EXPECT_TRUE(room_settings_from_json("{\"future\":[1,2]}")) << "unknown fields are ignored";
}

TEST(RoomSettings, MistakesNameTheField) {
  const auto field = [](std::string_view json) {
    const auto settings = room_settings_from_json(json);
    return settings ? std::string("taken") : settings.error().reason + " " + settings.error().field;
  };
  EXPECT_EQ(field("{\"participants_max\":-1}"), "room_malformed participants_max");
  EXPECT_EQ(field("{\"wait_for_host\":\"yes\"}"), "room_malformed wait_for_host");
  EXPECT_EQ(field("{\"guest_rights\":{\"send_audio\":1}}"), "room_malformed guest_rights.send_audio");
  EXPECT_EQ(field("{\"guest_rights\":[]}"), "room_malformed guest_rights");
  EXPECT_EQ(field("{\"video_codec\":\"av9\"}"), "room_malformed video_codec");
  EXPECT_EQ(field("{\"name\":\"" + std::string(300, 'x') + "\"}"), "room_malformed name");
  EXPECT_EQ(field("[]"), "room_malformed ");
  EXPECT_EQ(field("{"), "room_malformed ");
  EXPECT_EQ(field(std::string(100, '[')), "room_malformed ");
}

} // namespace
} // namespace viadux
