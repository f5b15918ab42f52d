// What people do in a meeting: hands, the floor, messages, who may; moves and break-outs.
#include "core/meeting/documents.hpp"
#include "core/meeting/uuid.hpp"
#include "house.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

constexpr std::int64_t second = 1'000'000;
using testing::ElementsAre;
using testing::HasSubstr;

struct Steered : testing::Test {
  Steered() {
    RoomSettings settings;
    settings.guests_can_present = false;
    house.create("a", "1234", "", settings);
    host = admit("1234");
    guest = admit("");
    room = house.rooms.participant(host)->room;
  }
  ParticipantId admit(const std::string& pin) {
    AdmitRequest request = House::request("a", pin);
    request.control_only = true;
    request.display_name = "Åse";
    return house.admit(request)->participant;
  }
  SessionId attach(ParticipantId id, const std::string& lines) {
    SessionOffer offer;
    offer.offer = lines;
    const auto answer = house.rooms.attach_session(id, offer);
    for (const TrackInfo& track : answer->tracks)
      house.rooms.on_track_active(track.id, true);
    house.loop.run();
    return answer->session;
  }
  const Participant& of(ParticipantId id) { return *house.rooms.participant(id); }
  std::string reason(const Result<void>& result) { return result ? "done" : result.error().reason; }
  int listen(std::vector<std::string> types = {}) {
    subscription = *house.bus.subscribe({std::nullopt, std::move(types)}, [] {});
    return 0;
  }
  std::vector<std::string> heard() {
    std::vector<std::string> list;
    for (const Event& event : house.bus.take(subscription))
      list.push_back(event.type);
    return list;
  }

  House house;
  ParticipantId host = 0;
  ParticipantId guest = 0;
  RoomId room = 0;
  SubscriptionId subscription = 0;
};

// Only for who asked for it, only where pictures changed, and by name.
TEST_F(Steered, SlotsAreToldOfWithWhoIsInThem) {
  SessionOffer offer;
  offer.offer = "-audio -video -video -slides";
  offer.tell_slots = true;
  const auto viewer = house.rooms.attach_session(host, offer);
  house.loop.run();
  listen({"slots_changed"});
  const SessionId sender = attach(guest, "+audio +video -video");
  const auto told = house.bus.take(subscription);
  ASSERT_EQ(told.size(), 1U) << "the guest's own slots are nobody's business";
  const auto changed = viadux::read_document<documents::SlotsChanged>(told[0].document->text());
  ASSERT_TRUE(changed);
  ASSERT_EQ(changed->sessions.size(), 1U);
  const documents::SessionSlots& slots = changed->sessions[0];
  EXPECT_EQ(slots.session.value, viewer->session);
  EXPECT_EQ(slots.participant.value, host);
  ASSERT_EQ(slots.slots.size(), 3U) << "sound has none";
  EXPECT_EQ(slots.slots[0].participant.value, guest);
  EXPECT_EQ(slots.slots[1].participant.value, 0U);
  EXPECT_EQ(slots.slots[2].content, documents::MediaContent::slides);
  ASSERT_TRUE(house.rooms.close_session(sender));
  house.loop.run();
  const auto gone = house.bus.take(subscription);
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(viadux::read_document<documents::SlotsChanged>(gone[0].document->text())
                ->sessions[0]
                .slots[0]
                .participant.value,
            0U);
}

TEST_F(Steered, HostsSteerAndOthersActOnThemselves) {
  EXPECT_EQ(reason(house.rooms.may_steer(host, room)), "done");
  EXPECT_EQ(reason(house.rooms.may_steer(0, room)), "done");
  EXPECT_EQ(reason(house.rooms.may_steer(guest, room)), "host_only");
  EXPECT_EQ(reason(house.rooms.may_act(guest, guest)), "done");
  EXPECT_EQ(reason(house.rooms.may_act(guest, host)), "host_only");
  EXPECT_EQ(reason(house.rooms.may_act(host, guest)), "done");
  EXPECT_EQ(reason(house.rooms.may_steer(12345, room)), "participant_gone");
  house.create("b");
  const auto elsewhere = house.join("b");
  EXPECT_EQ(elsewhere->role, Role::host);
  EXPECT_EQ(reason(house.rooms.may_steer(elsewhere->participant, room)), "host_only") << "of another room";
}

TEST_F(Steered, HandsKeepTheirOrderAlsoWithinAMillisecond) {
  ASSERT_TRUE(house.rooms.raise_hand(guest, true));
  ASSERT_TRUE(house.rooms.raise_hand(host, true));
  EXPECT_GT(of(host).hand_raised_ms, of(guest).hand_raised_ms);
  const std::int64_t before = of(guest).hand_raised_ms;
  ASSERT_TRUE(house.rooms.raise_hand(guest, true));
  EXPECT_EQ(of(guest).hand_raised_ms, before) << "raised already";
  ASSERT_TRUE(house.rooms.lower_all_hands(room));
  EXPECT_EQ(of(guest).hand_raised_ms, 0);
  EXPECT_EQ(of(host).hand_raised_ms, 0);
}

TEST_F(Steered, AHostsWordOnPresentationsChangesNoOtherRight) {
  const SessionId guests = attach(guest, "+audio +video -audio -video -slides");
  ASSERT_TRUE(house.rooms.set_rights(guest, {.send_video = false}));
  const auto rights = [&]() -> const MediaRights& { return house.media.sessions[guests].rights; };
  ASSERT_TRUE(house.rooms.set_presentation(guest, true, {}));
  EXPECT_FALSE(rights().receive_presentation);
  EXPECT_FALSE(rights().send_video) << "as its policy has it";
  listen();
  ASSERT_TRUE(house.rooms.set_presentation(guest, {}, true));
  ASSERT_TRUE(house.rooms.set_presentation(guest, {}, true));
  EXPECT_THAT(heard(), ElementsAre("participant_changed")) << "once";
  EXPECT_FALSE(rights().receive_presentation);
  ASSERT_TRUE(house.rooms.set_presentation(guest, false, {}));
  EXPECT_TRUE(rights().receive_presentation);
  EXPECT_FALSE(rights().send_video);
}

TEST_F(Steered, ALineOfTextIsToldOnceAndTakenAway) {
  listen();
  ASSERT_TRUE(house.rooms.set_text(room, "until three"));
  ASSERT_TRUE(house.rooms.set_text(room, "until three"));
  EXPECT_THAT(heard(), ElementsAre("meeting_changed"));
  EXPECT_THAT(meeting_document(*house.rooms.meeting(room)), HasSubstr(R"("text":"until three")"));
  ASSERT_TRUE(house.rooms.set_text(room, ""));
  EXPECT_EQ(house.rooms.meeting(room)->text(), "");
}

TEST_F(Steered, ARecorderIsOneThatTakesMediaOut) {
  const auto service = [&](const std::string& lines) {
    AdmitRequest request = House::request("a", "1234");
    request.kind = ParticipantKind::service;
    request.control_only = true;
    const ParticipantId id = house.admit(request)->participant;
    attach(id, lines);
    return id;
  };
  EXPECT_FALSE(of(service("+audio")).records()) << "a voice";
  const ParticipantId recorder = service("-audio -video");
  EXPECT_TRUE(of(recorder).records());
  EXPECT_THAT(participant_document(of(recorder)), HasSubstr(R"("records":true)"));
  attach(host, "+audio -audio");
  EXPECT_FALSE(of(host).records()) << "a person";
}

TEST_F(Steered, TheFloorIsARightAndTheNewestHasIt) {
  const std::string lines = "+audio +video +slides -audio -video -slides";
  const SessionId hosts = attach(host, lines);
  const SessionId guests = attach(guest, lines);
  EXPECT_EQ(reason(house.rooms.take_floor(guest)), "present_refused");
  EXPECT_FALSE(house.media.sessions[guests].rights.send_presentation) << "whatever the client sends";
  ASSERT_TRUE(house.rooms.set_guests_can_present(room, true));
  EXPECT_TRUE(house.media.sessions[guests].rights.send_presentation);
  ASSERT_TRUE(house.rooms.take_floor(guest));
  house.loop.run();
  EXPECT_EQ(house.rooms.meeting(room)->presenter(), guest);
  EXPECT_TRUE(of(guest).presenting);
  EXPECT_FALSE(house.media.sessions[hosts].rights.send_presentation);
  EXPECT_EQ(house.media.in_slot(hosts, 5), house.media.track(guests, MediaKind::video, MediaContent::slides));

  listen();
  ASSERT_TRUE(house.rooms.take_floor(host));
  EXPECT_THAT(heard(), ElementsAre("participant_changed", "participant_changed", "meeting_changed"));
  house.loop.run();
  EXPECT_FALSE(of(guest).presenting);
  EXPECT_FALSE(house.media.sessions[guests].rights.send_presentation);
  EXPECT_EQ(house.media.in_slot(guests, 5), house.media.track(hosts, MediaKind::video, MediaContent::slides));
  ASSERT_TRUE(house.rooms.release_floor(guest)) << "it has it no more: nothing";
  EXPECT_EQ(house.rooms.meeting(room)->presenter(), host);
  ASSERT_TRUE(house.rooms.leave(host));
  house.loop.run();
  EXPECT_NE(house.rooms.meeting(room)->presenter(), host);
}

TEST_F(Steered, TheSpotlightNumbersItsPeople) {
  ASSERT_TRUE(house.rooms.set_spotlight(room, {guest, host}));
  EXPECT_EQ(of(guest).spotlight, 1U);
  EXPECT_EQ(of(host).spotlight, 2U);
  EXPECT_NE(of(host).spotlight_ms, 0);
  ASSERT_TRUE(house.rooms.leave(guest));
  EXPECT_EQ(of(host).spotlight, 1U);
}

TEST_F(Steered, MessagesAreToldOnceBoundedAndSlowed) {
  listen({"message"});
  ASSERT_TRUE(house.rooms.send_message(guest, {host, "text/plain", "hej"}));
  const auto events = house.bus.take(subscription);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_THAT(events[0].document->text(), HasSubstr("\"payload\":\"hej\""));
  EXPECT_THAT(events[0].document->text(), HasSubstr(of(guest).uuid));
  EXPECT_EQ(reason(house.rooms.send_message(guest, {0, "text/plain", ""})), "message_malformed");
  EXPECT_EQ(reason(house.rooms.send_message(guest, {0, "text/plain", std::string(65537, 'x')})),
            "message_malformed");
  EXPECT_EQ(reason(house.rooms.send_message(guest, {12345, "text/plain", "x"})), "participant_gone");
  int sent = 0;
  while (house.rooms.send_message(guest, {0, "text/plain", "x"}))
    ++sent;
  EXPECT_LE(sent, 20);
  EXPECT_EQ(reason(house.rooms.send_message(guest, {0, "text/plain", "x"})), "messages_slowed");
  house.loop.advance(2 * second);
  EXPECT_TRUE(house.rooms.send_message(guest, {0, "text/plain", "x"}));
  int large = 0;
  while (house.rooms.send_message(host, {0, "text/plain", std::string(65536, 'x')}))
    ++large;
  EXPECT_LE(large, 8) << "the room's bytes are bounded too";
  ASSERT_TRUE(house.rooms.set_locked(room, true));
  EXPECT_EQ(reason(house.rooms.send_message(admit(""), {0, "text/plain", "x"})), "in_lobby");
}

TEST_F(Steered, AMoveTakesSessionsAlong) {
  house.create("b");
  const auto other = house.enter("b", "+audio +video -audio -video");
  const SessionId session = attach(guest, "+audio +video -audio -video");
  const SessionId hosts = attach(host, "+audio +video -audio -video");
  EXPECT_NE(house.media.in_slot(session, 3), 0U);
  const std::string uuid = of(guest).uuid;
  listen();
  ASSERT_TRUE(house.rooms.move(guest, other.room));
  const auto events = house.bus.take(subscription);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].type, "participant_left");
  EXPECT_THAT(events[0].document->text(), HasSubstr("\"moved_to\":\"" + handle_text(other.room)));
  EXPECT_EQ(events[1].type, "participant_joined");
  EXPECT_EQ(events[1].room, other.room);
  house.loop.run();
  EXPECT_EQ(of(guest).uuid, uuid);
  EXPECT_EQ(house.media.closed, 0);
  EXPECT_EQ(house.media.in_slot(session, 3), house.media.track(other.session, MediaKind::video));
  EXPECT_EQ(house.media.in_slot(other.session, 3), house.media.track(session, MediaKind::video));
  EXPECT_EQ(house.media.in_slot(hosts, 3), 0U) << "nobody is left there";
  house.rooms.on_track_active(house.media.track(session, MediaKind::video), false);
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(other.session, 3), 0U) << "its tracks are of the new room";
}

TEST_F(Steered, RoomsOfDifferentCodecsDoNotExchangePeople) {
  RoomSettings settings;
  settings.video_codec = VideoCodec::h264;
  house.create("b", "", "", settings);
  EXPECT_EQ(reason(house.rooms.move(guest, house.join("b")->room)), "codecs_differ");
}

TEST_F(Steered, BreakoutsTakePeopleAndGiveThemBack) {
  NewBreakout wanted;
  wanted.name = "Gruppe 1";
  wanted.duration_s = 600;
  wanted.participants = {guest};
  const auto group = house.rooms.create_breakout(room, wanted);
  ASSERT_TRUE(group);
  EXPECT_EQ(of(guest).room, *group);
  EXPECT_EQ(house.knock("a"), "in") << "the main room is still dialled";
  EXPECT_EQ(reason(house.rooms.may_steer(host, *group)), "done") << "hosts of the parent steer it";
  listen({"message", "meeting_ending_soon", "meeting_ended", "participant_joined"});
  ASSERT_TRUE(house.rooms.message_breakouts(host, {0, "text/plain", "fem minutter"}));
  EXPECT_EQ(reason(house.rooms.message_breakouts(guest, {0, "text/plain", "x"})), "host_only");
  house.loop.advance(302 * second);
  EXPECT_THAT(heard(), ElementsAre("message", "meeting_ending_soon"));
  house.loop.advance(300 * second);
  EXPECT_THAT(heard(), ElementsAre("participant_joined", "meeting_ended"));
  EXPECT_EQ(of(guest).room, room);
  EXPECT_TRUE(house.rooms.meeting(room)->breakouts().empty());
}

TEST_F(Steered, AHostWritesIntoOneBreakoutAndAGuestDoesNot) {
  NewBreakout wanted;
  wanted.name = "Gruppe";
  wanted.participants = {guest};
  const RoomId group = *house.rooms.create_breakout(room, wanted);
  listen({"message"});
  ASSERT_TRUE(house.rooms.send_message(host, {0, "text/plain", "hej", group}));
  const auto events = house.bus.take(subscription);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].room, group);
  EXPECT_EQ(reason(house.rooms.send_message(host, {guest, "text/plain", "du", group})), "done");
  EXPECT_EQ(reason(house.rooms.send_message(host, {host, "text/plain", "du", group})), "participant_gone");
  EXPECT_EQ(reason(house.rooms.send_message(guest, {0, "text/plain", "hej", room})), "host_only");
  EXPECT_EQ(reason(house.rooms.send_message(host, {0, "text/plain", "hej", 12345})), "room_gone");
  house.create("b");
  const auto elsewhere = house.join("b");
  EXPECT_EQ(reason(house.rooms.send_message(host, {0, "text/plain", "hej", elsewhere->room})), "host_only");
}

TEST_F(Steered, KeysOfATelephoneAreToldToThoseWhoListen) {
  listen({"digits"});
  ASSERT_TRUE(house.rooms.send_digits(guest, 0, "12*#D"));
  ASSERT_TRUE(house.rooms.send_digits(host, guest, "3"));
  const auto events = house.bus.take(subscription);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].document->text(), R"({"from":")" + handle_text(guest) + R"(","digits":"12*#D"})");
  EXPECT_THAT(events[1].document->text(), HasSubstr(R"("to":")" + handle_text(guest)));
  for (const char* bad : {"", "1,2", "call me", "1\n"})
    EXPECT_EQ(reason(house.rooms.send_digits(guest, 0, bad)), "message_malformed") << bad;
  EXPECT_EQ(reason(house.rooms.send_digits(guest, 0, std::string(65, '1'))), "message_malformed");
  EXPECT_EQ(reason(house.rooms.send_digits(guest, 12345, "1")), "participant_gone");
  house.create("b");
  EXPECT_EQ(reason(house.rooms.send_digits(host, house.join("b")->participant, "1")), "host_only");
  while (house.rooms.send_digits(guest, 0, "1")) {
  }
  EXPECT_EQ(reason(house.rooms.send_digits(guest, 0, "1")), "messages_slowed");
}

TEST_F(Steered, ABreakoutsPeopleCountInTheirRoom) {
  RoomSettings small;
  small.participants_max = 2;
  house.create("small", "", "", small);
  const auto one = house.join("small"), two = house.join("small");
  NewBreakout wanted;
  wanted.name = "Gruppe";
  wanted.participants = {two->participant};
  const RoomId group = *house.rooms.create_breakout(one->room, wanted);
  EXPECT_EQ(house.knock("small"), "room_full") << "one next door still has its place here";
  EXPECT_EQ(reason(house.rooms.move(guest, group)), "room_full");
  EXPECT_EQ(reason(house.rooms.move(two->participant, one->room)), "done");
}

TEST_F(Steered, ABreakoutMayKeepItsGuestsOrSendThemHome) {
  NewBreakout wanted;
  wanted.name = "Gruppe";
  wanted.traits.guests_may_leave = false;
  wanted.traits.disconnects = true;
  wanted.participants = {guest};
  const RoomId group = *house.rooms.create_breakout(room, wanted);
  EXPECT_EQ(reason(house.rooms.leave_breakout(guest, guest)), "host_only");
  EXPECT_EQ(reason(house.rooms.leave_breakout(guest, host)), "done");
  EXPECT_EQ(of(guest).room, room);
  EXPECT_EQ(reason(house.rooms.close_breakout(room)), "not_a_breakout");
  ASSERT_TRUE(house.rooms.move(guest, group));
  ASSERT_TRUE(house.rooms.close_breakouts(room));
  EXPECT_FALSE(house.rooms.participant(guest));
}

TEST_F(Steered, BreakoutsAreBoundedAndGoWithTheirParent) {
  NewBreakout wanted;
  wanted.name = std::string(500, 'x');
  wanted.participants = {host, guest};
  const RoomId first = *house.rooms.create_breakout(room, wanted);
  EXPECT_LE(house.rooms.meeting(first)->room().settings.name.size(), 128U);
  wanted.participants.clear();
  for (std::size_t i = 1; i < breakouts_per_room; ++i)
    ASSERT_TRUE(house.rooms.create_breakout(first, wanted)) << "made from within it is a sister";
  EXPECT_EQ(house.rooms.create_breakout(room, wanted).error().reason, "breakouts_full");
  house.loop.advance(60 * second);
  EXPECT_TRUE(house.rooms.meeting(room)) << "empty, but its people are next door";
  ASSERT_TRUE(house.rooms.end(room));
  EXPECT_TRUE(house.rooms.meetings().empty());
  EXPECT_EQ(house.rooms.participants(), 0U);
}

TEST(Uuid, OfVersionFourAndChecked) {
  const std::string uuid = new_uuid();
  EXPECT_TRUE(uuid_ok(uuid)) << uuid;
  EXPECT_EQ(uuid[14], '4');
  EXPECT_THAT(std::string("89ab"), HasSubstr(uuid.substr(19, 1)));
  EXPECT_NE(uuid, new_uuid());
  EXPECT_FALSE(uuid_ok(""));
  EXPECT_FALSE(uuid_ok(uuid + "0"));
  EXPECT_FALSE(uuid_ok(std::string(36, 'g')));
  EXPECT_EQ(lower_uuid("0B6F"), "0b6f");
}

} // namespace
} // namespace viadux
