// How rooms are told, who sees whom, and how refusals read.
#include "../notice.hpp"
#include "../refusal.hpp"
#include "../roster.hpp"

#include <gmock/gmock.h>

namespace client {
namespace {

using ::testing::HasSubstr;
using viadux::documents::Presence;
using viadux::documents::Role;

Person some_person(const char* uuid, Role role = Role::guest, Presence presence = Presence::meeting) {
  Person person;
  person.is.uuid = uuid;
  person.is.id = viadux::Handle{7};
  person.is.protocol = "client";
  person.is.display_name = "Åse \"A\"";
  person.is.role = role;
  person.is.presence = presence;
  person.is.joined_ms = 1'700'000'000'000;
  return person;
}

TEST(Roster, TimesAreWrittenPlainWithAFraction) {
  EXPECT_EQ(seconds(0).dump(), "0");
  for (const std::int64_t ms : {1'700'000'000'000, 1'800'000'000'000, 1'795'000'000'123, 2'000'000'000'000}) {
    const std::string text = seconds(ms).dump();
    EXPECT_EQ(text.find('e'), std::string::npos) << text;
    EXPECT_EQ(text.substr(0, text.find('.')), std::to_string(ms / 1000));
    EXPECT_NE(text.find('.'), std::string::npos);
  }
}

TEST(Roster, ChannelsAreThereOnlyWhereThereAreAny) {
  Person person = some_person("u");
  EXPECT_EQ(participant_json(Room(), "", person, nullptr).find("speaks_in"), nullptr);
  EXPECT_EQ(participant_json(Room(), "", person, nullptr).find("hears"), nullptr);
  person.is.speaks_in = "ar";
  person.is.hears = "da";
  EXPECT_THAT(participant_json(Room(), "", person, nullptr).dump(),
              HasSubstr(R"("speaks_in":"ar","hears":"da")"));
}

TEST(Roster, NoMemberIsEverNull) {
  Room room;
  const Person person = some_person("u");
  const Member member;
  for (const Member* each : {&member, static_cast<const Member*>(nullptr)}) {
    const viadux::Json json = participant_json(room, "", person, each);
    for (const auto& [name, value] : *json.object())
      EXPECT_FALSE(value.is_null()) << name;
  }
  const viadux::Json conference = conference_json(room);
  for (const auto& [name, value] : *conference.object())
    EXPECT_FALSE(value.is_null()) << name;
}

TEST(Roster, WhoWaitsSeesItselfAndIsSeenByHosts) {
  Member guest, host, waiting;
  guest.uuid = "guest";
  host.uuid = "host";
  host.role = Role::host;
  waiting.uuid = "waiting";
  waiting.waiting = true;
  const Person knocks = some_person("waiting", Role::guest, Presence::lobby), inside = some_person("inside");
  EXPECT_TRUE(sees(waiting, knocks));
  EXPECT_FALSE(sees(waiting, inside));
  EXPECT_TRUE(sees(host, knocks));
  EXPECT_FALSE(sees(guest, knocks));
  EXPECT_TRUE(sees(guest, inside));
}

TEST(Roster, AClientPresentsByTheFloorAndOthersByTheirSlides) {
  Room room;
  room.people[1] = some_person("one");
  room.is.presenter = viadux::Handle{7};
  EXPECT_EQ(presenter_of(room), "") << "its last packets make no presentation after a release";
  room.people[1].is.protocol = "sip";
  EXPECT_EQ(presenter_of(room), "one");
  room.floor = "two";
  EXPECT_EQ(presenter_of(room), "two");
}

TEST(Roster, HandsAndSpotlightsAreTheMeetings) {
  Room room;
  Person first = some_person("one"), second = some_person("two");
  first.is.protocol = "sip";
  first.is.hand_raised_ms = 1'700'000'000'500;
  first.is.spotlight = 1;
  second.is.spotlight = 2;
  first.is.spotlight_ms = second.is.spotlight_ms = 1'700'000'000'000;
  const auto number = [](const viadux::Json& json, const char* name) {
    return std::stod(json.find(name)->dump());
  };
  const viadux::Json one = participant_json(room, "", first, nullptr),
                     two = participant_json(room, "", second, nullptr);
  EXPECT_NEAR(number(one, "buzz_time"), 1'700'000'000.5, 0.001);
  EXPECT_EQ(number(two, "buzz_time"), 0);
  EXPECT_LT(number(one, "spotlight"), number(two, "spotlight")) << "the API orders it by time";
}

Room some_breakout() {
  Room room;
  room.is.id = viadux::Handle{21};
  room.is.parent = viadux::Handle{20};
  room.is.name = "Group";
  room.is.breakout.emplace();
  return room;
}

TEST(Breakout, IsLookedIntoByHostsWhoseClientsKnowSeveralRooms) {
  const Room breakout = some_breakout();
  Room main;
  main.is.id = viadux::Handle{20};
  Member member;
  member.room = member.home = main.is.id;
  member.knows_breakouts = true;
  EXPECT_EQ(view_of(member, main), View::plain);
  EXPECT_EQ(view_of(member, breakout), View::none) << "a guest";
  member.role = Role::host;
  EXPECT_EQ(view_of(member, breakout), View::wrapped);
  member.room = breakout.is.id;
  EXPECT_EQ(view_of(member, main), View::plain) << "wherever it is itself";
  EXPECT_EQ(view_of(member, breakout), View::wrapped);
  member.waiting = true;
  EXPECT_EQ(view_of(member, main), View::none) << "from the lobby one sees where one waits, at most";
  member.waiting = false;
  member.knows_breakouts = false;
  EXPECT_EQ(view_of(member, breakout), View::plain) << "an older client has one room: where it is";
  EXPECT_EQ(view_of(member, main), View::none);
  member.home = viadux::Handle{30};
  member.room = viadux::Handle{30};
  member.knows_breakouts = true;
  EXPECT_EQ(view_of(member, breakout), View::none) << "another meeting's";
}

TEST(Breakout, ItsEventsAreWrappedAndItsStateSaysWhatItIs) {
  Room breakout = some_breakout();
  breakout.is.ends_ms = 1'800'000'000'000;
  const std::string uuid = breakout.breakout_uuid();
  Notice notice(breakout, "participant_sync_end", viadux::Json());
  EXPECT_EQ(*notice.as(View::plain), "event: participant_sync_end\ndata: null\n\n");
  EXPECT_EQ(*notice.as(View::wrapped), "event: breakout_event\ndata: {\"breakout_uuid\":\"" + uuid +
                                           "\",\"event\":\"participant_sync_end\",\"data\":null}\n\n");
  const std::string state = conference_json(breakout).dump();
  EXPECT_THAT(state, HasSubstr(R"("breakout":true)"));
  EXPECT_THAT(state, HasSubstr(R"("end_time":1800000000.)"));
  EXPECT_THAT(state, HasSubstr(R"("end_action":"transfer")"));
  EXPECT_THAT(state, HasSubstr(R"("breakoutbuzz":{"time":0,"value":false})"));
}

TEST(Event, HasDataAndOneLineOfIt) {
  EXPECT_EQ(format_event("x", viadux::Json()), "event: x\ndata: null\n\n");
  EXPECT_EQ(format_event("x", viadux::Json("a\nb\r\n\ndata: c")),
            "event: x\ndata: \"a\\nb\\r\\n\\ndata: c\"\n\n");
}

TEST(Happening, IsKeptForTheNextStreamForAMinute) {
  Member member;
  member.tell_once("old", 0);
  member.tell_once("new", 30'000'000);
  EXPECT_EQ(member.unwritten.size(), 2U);
  member.write_missed(70'000'000); // no stream: the old one is past, the new one stays
  ASSERT_EQ(member.unwritten.size(), 1U);
  EXPECT_EQ(*member.unwritten.front().text, "new");
  for (int i = 0; i < 1000; ++i)
    member.tell_once("flood", 30'000'000);
  EXPECT_EQ(member.unwritten.size(), Member::most_remembered);
  member.forget_old(100'000'000);
  EXPECT_TRUE(member.unwritten.empty());
  EXPECT_EQ(member.unwritten_bytes, 0U);
}

TEST(Happening, TakesNoMoreThanItsBytesAndIsOneTextForAll) {
  Member one, two;
  const auto text = std::make_shared<const std::string>(30'000, 'x');
  for (int i = 0; i < 100; ++i)
    one.tell_once(text, i), two.tell_once(text, i);
  EXPECT_LE(one.unwritten_bytes, Member::most_remembered_bytes);
  EXPECT_EQ(one.unwritten.size(), Member::most_remembered_bytes / text->size());
  EXPECT_EQ(one.unwritten.back().text, two.unwritten.back().text);
}

viadux::HttpResponse join_refused(viadux::ErrorCode code, const char* reason) {
  return refuse_join(viadux::make_error(code, reason, "A sentence."));
}

TEST(Refusal, UsesTheWordsThatClientsKnow) {
  using enum viadux::ErrorCode;
  EXPECT_EQ(join_refused(not_found, "room_unknown").status, 404U);
  EXPECT_EQ(join_refused(not_found, "room_unknown").body,
            join_refused(not_found, "organisation_unknown").body);
  EXPECT_EQ(join_refused(not_found, "room_unknown").body, join_refused(bad_argument, "alias_malformed").body);
  EXPECT_THAT(join_refused(refused, "pin_wrong").body, HasSubstr(R"("result":"Invalid PIN")"));
  EXPECT_THAT(join_refused(busy, "room_full").body, HasSubstr("Participant limit reached"));
  EXPECT_EQ(join_refused(busy, "server_stopping").status, 503U);
  EXPECT_THAT(join_refused(refused, "room_locked").body, HasSubstr("A sentence."));
  EXPECT_EQ(join_refused(internal, "something_new").status, 503U);
  EXPECT_EQ(join_refused(unsupported, "something_new").status, 403U);
  EXPECT_EQ(refuse(viadux::make_error(gone, "participant_gone", "")).status, 403U);
  EXPECT_EQ(words_of_leaving("disconnected_by_host"), "Disconnected by another participant");
  EXPECT_EQ(words_of_leaving("something_new"), "Call disconnected");
}

} // namespace
} // namespace client
