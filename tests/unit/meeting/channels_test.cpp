// What somebody speaks in and hears: who keeps it, how many channels there are, what a policy says of it.
#include "house.hpp"

#include <viadux/documents/participant.hpp>

namespace viadux {
namespace {

std::string reason(const Result<void>& result) {
  return result ? "done" : result.error().reason;
}

struct Channels : testing::Test {
  Channels() { house.create("clinic", "1234"); }
  ParticipantId join(const std::string& uuid = "", const std::string& pin = "") {
    AdmitRequest request = House::request("clinic", pin);
    request.control_only = true;
    request.uuid = uuid;
    const auto in = house.admit(request);
    EXPECT_TRUE(in);
    room = in->room;
    return in->participant;
  }
  std::string set(ParticipantId who, std::optional<std::string> speaks_in, std::optional<std::string> hears) {
    return reason(house.rooms.set_channels(who, speaks_in, hears));
  }
  std::string channels_of(ParticipantId who) {
    const Participant& participant = *house.rooms.participant(who);
    return participant.speaks_in + "/" + participant.hears;
  }
  House house;
  RoomId room = 0;
};

TEST_F(Channels, AreToldToAllAndLeftOutWhereThereAreNone) {
  const ParticipantId who = join();
  const SubscriptionId events = *house.bus.subscribe({std::nullopt, {"participant_changed"}}, [] {});
  EXPECT_EQ(set(who, "ar", {}), "done");
  EXPECT_EQ(set(who, {}, "pt-br"), "done");
  EXPECT_EQ(set(who, "ar", "pt-br"), "done") << "as it is: nothing to tell";
  EXPECT_EQ(set(who, "", ""), "done");
  std::vector<std::string> told;
  for (const Event& event : house.bus.take(events)) {
    const auto document = Json::parse(event.document->text());
    const Json* speaks_in = document->find("speaks_in");
    const Json* hears = document->find("hears");
    told.push_back((speaks_in ? *speaks_in->text() : "-") + " " + (hears ? *hears->text() : "-"));
  }
  EXPECT_EQ(told, (std::vector<std::string>{"ar -", "ar pt-br", "- -"}));
}

TEST_F(Channels, HaveNamesOfSmallLettersDigitsAndHyphens) {
  const ParticipantId who = join();
  for (const char* name : {"AR", "a r", "a_r", "\xc3\xa6", "seventeen-letters", "a/b"}) {
    EXPECT_EQ(set(who, name, {}), "channel_malformed") << name;
    const auto set_hears = house.rooms.set_channels(who, "ar", name);
    ASSERT_FALSE(set_hears);
    EXPECT_EQ(set_hears.error().field, "hears") << name;
  }
  EXPECT_EQ(channels_of(who), "/") << "both or none";
  EXPECT_EQ(set(who, "sixteen-letters1", "zh-hant"), "done");
}

TEST_F(Channels, AreEightInARoomAtMost) {
  std::vector<ParticipantId> all;
  for (int i = 0; i < 5; ++i)
    all.push_back(join());
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(set(all[i], "s" + std::to_string(i), "h" + std::to_string(i)), "done");
  EXPECT_EQ(set(all[4], "ninth", {}), "channels_full");
  EXPECT_EQ(set(all[4], "s0", "h3"), "done") << "these are there already";
  EXPECT_EQ(set(all[4], "", ""), "done");
  EXPECT_EQ(set(all[0], "", "ninth"), "done") << "in the place of the two that it leaves";
  EXPECT_EQ(set(all[4], "tenth", {}), "done") << "and one is left over";
  EXPECT_EQ(set(all[4], {}, "eleventh"), "channels_full");
  EXPECT_EQ(channels_of(all[4]), "tenth/");
}

TEST_F(Channels, OutliveComingAgainAndAMove) {
  join("", "1234");
  const std::string uuid = "0b6f3c9e-7a52-4a53-9d2e-1c2f8a9b7d60";
  const ParticipantId first = join(uuid);
  ASSERT_EQ(set(first, "ar", "da"), "done");
  const ParticipantId again = join(uuid);
  EXPECT_NE(again, first);
  EXPECT_EQ(channels_of(again), "ar/da");
  NewBreakout wanted;
  wanted.name = "group";
  const RoomId group = *house.rooms.create_breakout(room, wanted);
  ASSERT_EQ(reason(house.rooms.move(again, group)), "done");
  EXPECT_EQ(channels_of(again), "ar/da");
  // Where there are as many others as may be, it is on the floor.
  for (int i = 0; i < 4; ++i) {
    const ParticipantId other = join();
    ASSERT_EQ(set(other, "s" + std::to_string(i), "h" + std::to_string(i)), "done");
  }
  ASSERT_EQ(set(again, {}, "s2"), "done");
  ASSERT_EQ(reason(house.rooms.move(again, room)), "done");
  EXPECT_EQ(channels_of(again), "/s2");
}

TEST_F(Channels, APolicyGivesThemToWhoComesIn) {
  const auto says = [](const char* answer) {
    return PolicyDecision{*Json::parse(answer), documents::DecidedBy::policy, "trace"};
  };
  house.policy = [&](const Json&) { return says(R"({"admitted":true,"speaks_in":"ar"})"); };
  EXPECT_EQ(channels_of(join()), "ar/");
  house.policy = [&](const Json&) { return says(R"({"admitted":true,"speaks_in":"Arabic!","hears":"ar"})"); };
  EXPECT_EQ(channels_of(join()), "/ar") << "nobody is kept out for a name that is none";
}

// The media: the citizen hears the floor again when nobody mixes (there is no mixer here), the doctor is
// never forwarded the interpreter.
TEST_F(Channels, OfTheInterpreterNothingIsForwardedToTheFloor) {
  house.create("open");
  const House::Guest one = house.enter("open", "+audio -audio");
  const House::Guest two = house.enter("open", "+audio -audio");
  EXPECT_NE(house.media.in_slot(one.session, 1), 0U);
  ASSERT_EQ(set(two.id, "ar", {}), "done");
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(one.session, 1), 0U);
  ASSERT_EQ(set(two.id, "", {}), "done");
  house.loop.run();
  EXPECT_NE(house.media.in_slot(one.session, 1), 0U);
}

} // namespace
} // namespace viadux
