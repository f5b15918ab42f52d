// How a room behaves by its settings, in virtual time.
#include "house.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
using testing::ElementsAre;

struct Ear {
  explicit Ear(House& house, std::vector<std::string> types = {}) : bus(house.bus) {
    subscription = *bus.subscribe({std::nullopt, std::move(types)}, [] {});
  }
  std::vector<std::string> types() {
    std::vector<std::string> list;
    for (const Event& event : bus.take(subscription))
      list.push_back(event.type);
    return list;
  }
  EventBus& bus;
  SubscriptionId subscription = 0;
};

std::uint64_t gone(const House& house, Reason reason) {
  return house.rooms.counters().gone[static_cast<std::size_t>(reason)];
}

AdmitRequest quiet(const std::string& alias, const std::string& pin = "") {
  AdmitRequest request = House::request(alias, pin);
  request.control_only = true;
  return request;
}

TEST(Behaviour, WaitingForAHostHasAnEnd) {
  House house;
  RoomSettings settings;
  settings.wait_for_host = true;
  settings.lobby_s = 120;
  house.create("a", "1234", "", settings);
  const auto guest = house.admit(quiet("a"));
  EXPECT_FALSE(house.rooms.meeting(guest->room)->started());
  house.loop.advance(119 * second);
  EXPECT_TRUE(house.rooms.participant(guest->participant));
  house.loop.advance(2 * second);
  EXPECT_FALSE(house.rooms.participant(guest->participant));
  EXPECT_EQ(gone(house, Reason::lobby_timeout), 1U);
}

TEST(Behaviour, AStartLetsInWhoWaitsButOpensNoLock) {
  House house;
  RoomSettings settings;
  settings.wait_for_host = true;
  house.create("a", "1234", "", settings);
  const auto guest = house.admit(quiet("a"));
  ASSERT_TRUE(house.rooms.start(guest->room));
  EXPECT_EQ(house.rooms.participant(guest->participant)->presence, Presence::meeting);
  ASSERT_TRUE(house.rooms.set_locked(guest->room, true));
  const auto late = house.admit(quiet("a"));
  ASSERT_TRUE(house.rooms.start(guest->room));
  EXPECT_EQ(house.rooms.participant(late->participant)->presence, Presence::lobby);
}

TEST(Behaviour, ARecorderIsNobodyToWaitFor) {
  House house;
  RoomSettings settings;
  settings.wait_for_host = true;
  house.create("a", "1234", "", settings);
  AdmitRequest recorder = quiet("a", "1234");
  recorder.kind = ParticipantKind::service;
  ASSERT_TRUE(house.admit(recorder));
  EXPECT_EQ(house.admit(quiet("a"))->presence, Presence::lobby);
}

TEST(Behaviour, ItLocksWhenAllAreIn) {
  House house;
  RoomSettings settings;
  settings.lock_at = 2;
  house.create("a", "1234", "", settings);
  AdmitRequest recorder = quiet("a", "1234");
  recorder.kind = ParticipantKind::service;
  ASSERT_TRUE(house.admit(recorder));
  const auto host = house.admit(quiet("a", "1234"));
  EXPECT_FALSE(house.rooms.meeting(host->room)->locked()) << "a recorder does not count";
  EXPECT_EQ(house.admit(quiet("a"))->presence, Presence::meeting);
  EXPECT_TRUE(house.rooms.meeting(host->room)->locked());
  EXPECT_EQ(house.admit(quiet("a"))->presence, Presence::lobby);
  ASSERT_TRUE(house.rooms.set_locked(host->room, false));
  EXPECT_EQ(house.admit(quiet("a"))->presence, Presence::meeting) << "once: a host has opened it";
}

TEST(Behaviour, ALockWithoutAHostPinGoesWithTheLastOneInside) {
  House house;
  house.create("a");
  const auto first = house.admit(quiet("a"));
  ASSERT_TRUE(house.rooms.set_locked(first->room, true));
  const auto knocking = house.admit(quiet("a"));
  EXPECT_EQ(knocking->presence, Presence::lobby);
  ASSERT_TRUE(house.rooms.leave(first->participant));
  EXPECT_EQ(house.rooms.participant(knocking->participant)->presence, Presence::meeting);
}

TEST(Behaviour, GuestsAreMutedWhenTheyComeAndUnmuteAsAllowed) {
  House house;
  RoomSettings settings;
  settings.mute_guests = true;
  settings.guests_can_unmute = false;
  house.create("a", "1234", "", settings);
  const auto host = house.admit(quiet("a", "1234"));
  const ParticipantId guest = house.admit(quiet("a"))->participant;
  EXPECT_FALSE(house.rooms.participant(host->participant)->audio_muted);
  EXPECT_TRUE(house.rooms.participant(guest)->audio_muted_by_host);
  SessionOffer offer;
  offer.offer = "+audio +video";
  const SessionId session = house.rooms.attach_session(guest, offer)->session;
  EXPECT_FALSE(house.media.sessions[session].rights.send_audio);
  EXPECT_EQ(house.rooms.set_muted(guest, false, {}, guest).error().reason, "muted_by_host");
  ASSERT_TRUE(house.rooms.set_muted(guest, false, {}, host->participant));
  EXPECT_TRUE(house.media.sessions[session].rights.send_audio);
  ASSERT_TRUE(house.rooms.set_muted(guest, true, {}, guest));
  ASSERT_TRUE(house.rooms.set_muted(guest, false, {}, guest)) << "its own mute is its own";
  ASSERT_TRUE(house.rooms.mute_guests(host->room, true));
  ASSERT_TRUE(house.rooms.set_guests_can_unmute(host->room, true));
  EXPECT_TRUE(house.rooms.set_muted(guest, false, {}, guest));
  ASSERT_TRUE(house.rooms.set_muted(guest, true, {}, guest));
  ASSERT_TRUE(house.rooms.mute_guests(host->room, false));
  EXPECT_TRUE(house.rooms.participant(guest)->audio_muted) << "who muted itself stays so";
}

TEST(Behaviour, ABookedRoomWarnsOnceAndEndsAndCanBeExtended) {
  House house;
  NewRoom room;
  room.alias = "booked";
  room.expires_ms = house.loop.wall_ms() + 600'000;
  ASSERT_TRUE(house.create(room));
  Ear ear(house, {"meeting_ending_soon", "meeting_ended"});
  const auto in = house.admit(quiet("booked"));
  house.loop.advance(4 * minute);
  EXPECT_TRUE(ear.types().empty());
  house.loop.advance(2 * minute);
  EXPECT_THAT(ear.types(), ElementsAre("meeting_ending_soon"));
  std::optional<Result<void>> extended;
  const auto remember = [&](const Result<void>& result) { extended = result; };
  house.rooms.extend(in->room, house.loop.wall_ms() - 1, remember);
  house.loop.run();
  EXPECT_EQ(extended->error().field, "ends_ms");
  house.rooms.extend(in->room, house.loop.wall_ms() + 600'000, remember);
  house.loop.run();
  ASSERT_TRUE(*extended);
  house.loop.advance(4 * minute + 30 * second);
  EXPECT_EQ(house.knock("booked"), "in") << "past the old end";
  EXPECT_TRUE(ear.types().empty());
  house.loop.advance(minute);
  EXPECT_THAT(ear.types(), ElementsAre("meeting_ending_soon"));
  house.loop.advance(5 * minute);
  EXPECT_THAT(ear.types(), ElementsAre("meeting_ended"));
  EXPECT_GE(gone(house, Reason::room_closed), 1U);
  EXPECT_EQ(house.knock("booked"), "room_unknown");
}

TEST(Behaviour, WithoutItsHostsAMeetingStaysEndsOrWaits) {
  House house;
  RoomSettings settings;
  settings.host_leaves = HostLeaves::end;
  settings.host_leaves_s = 30;
  house.create("ends", "1234", "", settings);
  auto host = house.admit(quiet("ends", "1234"));
  auto guest = house.admit(quiet("ends"));
  ASSERT_TRUE(house.rooms.leave(host->participant));
  house.loop.advance(20 * second);
  host = house.admit(quiet("ends", "1234"));
  house.loop.advance(20 * second);
  EXPECT_TRUE(house.rooms.participant(guest->participant)) << "a host has come back";
  ASSERT_TRUE(house.rooms.leave(host->participant));
  house.loop.advance(32 * second);
  EXPECT_FALSE(house.rooms.participant(guest->participant));
  EXPECT_EQ(gone(house, Reason::hosts_gone), 1U);

  settings.host_leaves = HostLeaves::lobby;
  house.create("waits", "1234", "", settings);
  guest = house.admit(quiet("waits"));
  EXPECT_EQ(guest->presence, Presence::lobby);
  host = house.admit(quiet("waits", "1234"));
  EXPECT_EQ(house.rooms.participant(guest->participant)->presence, Presence::meeting);
  ASSERT_TRUE(house.rooms.leave(host->participant));
  house.loop.advance(2 * second);
  EXPECT_EQ(house.rooms.participant(guest->participant)->presence, Presence::lobby);
  ASSERT_TRUE(house.admit(quiet("waits", "1234")));
  EXPECT_EQ(house.rooms.participant(guest->participant)->presence, Presence::meeting);

  settings.host_leaves = HostLeaves::stay;
  settings.wait_for_host = true;
  house.create("stays", "1234", "", settings);
  host = house.admit(quiet("stays", "1234"));
  guest = house.admit(quiet("stays"));
  ASSERT_TRUE(house.rooms.leave(host->participant));
  house.loop.advance(10 * minute);
  EXPECT_EQ(house.rooms.participant(guest->participant)->presence, Presence::meeting);
  EXPECT_EQ(house.admit(quiet("stays"))->presence, Presence::lobby) << "the next patient meets nobody alone";
}

TEST(Behaviour, AMeetingOutlivesItsLastParticipantForAShortTime) {
  House house{MeetingOptions{}};
  house.create("a", "1234");
  const auto host = house.admit(quiet("a", "1234"));
  AdmitRequest recorder = quiet("a", "1234");
  recorder.kind = ParticipantKind::service;
  const auto service = house.admit(recorder);
  ASSERT_TRUE(house.rooms.set_locked(host->room, true));
  ASSERT_TRUE(house.rooms.leave(host->participant));
  house.loop.advance(3 * second);
  const auto again = house.admit(quiet("a", "1234"));
  EXPECT_EQ(again->room, host->room) << "the same meeting, and its lock";
  EXPECT_TRUE(house.rooms.meeting(host->room)->locked());
  ASSERT_TRUE(house.rooms.leave(again->participant));
  house.loop.advance(7 * second);
  EXPECT_FALSE(house.rooms.meeting(host->room));
  EXPECT_FALSE(house.rooms.participant(service->participant)) << "a recorder keeps no meeting alive";
  EXPECT_EQ(gone(house, Reason::nobody_left), 1U);
}

TEST(Behaviour, TheSamePersonTwice) {
  House house;
  house.create("a", "1234");
  ASSERT_TRUE(house.admit(quiet("a", "1234")));
  const auto first = house.admit(quiet("a"));
  ASSERT_TRUE(house.rooms.set_muted(first->participant, true));
  ASSERT_TRUE(house.rooms.set_presentation(first->participant, true, {}));
  const auto by_name = house.admit(quiet("a"));
  EXPECT_NE(by_name->uuid, first->uuid);
  EXPECT_TRUE(house.rooms.participant(first->participant)) << "by name: both";

  ASSERT_TRUE(house.rooms.set_locked(first->room, true));
  Ear ear(house);
  AdmitRequest again = quiet("a");
  again.uuid = first->uuid;
  const auto second_time = house.admit(again);
  ASSERT_TRUE(second_time);
  EXPECT_THAT(ear.types(), ElementsAre("participant_left", "participant_joined"));
  EXPECT_EQ(second_time->uuid, first->uuid);
  EXPECT_EQ(second_time->presence, Presence::meeting) << "it was inside";
  EXPECT_TRUE(house.rooms.participant(second_time->participant)->audio_muted);
  EXPECT_TRUE(house.rooms.participant(second_time->participant)->presentation_denied);
  EXPECT_FALSE(house.rooms.participant(first->participant));
  EXPECT_EQ(gone(house, Reason::replaced), 1U);

  again.protocol = "sip";
  EXPECT_EQ(house.admit(again).error().reason, "uuid_taken") << "somebody else's";
  house.create("b");
  again = quiet("b");
  again.uuid = first->uuid;
  EXPECT_EQ(house.admit(again).error().reason, "uuid_taken");
}

TEST(Behaviour, AfterARestartOneComesBackAsItWas) {
  House house;
  RoomSettings settings;
  settings.wait_for_host = true;
  house.create("a", "1234", "5678", settings);
  AdmitRequest back = quiet("a");
  back.uuid = "0b6f3c9e-7a52-4a53-9d2e-1c2f8a9b7d60";
  back.proven_role = Role::guest;
  back.returning = true;
  const auto in = house.admit(back);
  ASSERT_TRUE(in);
  EXPECT_EQ(in->uuid, back.uuid);
  EXPECT_EQ(in->role, Role::guest);
  EXPECT_EQ(in->presence, Presence::meeting);
}

TEST(Behaviour, OneWayIsEnforcedWhateverIsAsked) {
  House house;
  RoomSettings settings;
  settings.one_way = true;
  house.create("eye", "1234", "", settings);
  const auto host = house.join("eye", "1234");
  SessionOffer offer;
  offer.offer = "+audio +video -audio -video";
  const SessionId hosts = house.rooms.attach_session(host->participant, offer)->session;
  const auto guest = house.enter("eye", offer.offer);
  for (const TrackInfo& track : house.media.sessions[hosts].answer.tracks)
    house.rooms.on_track_active(track.id, true);
  ASSERT_TRUE(house.rooms.set_rights(guest.id, MediaRights{}));
  ASSERT_TRUE(house.rooms.set_rights(host->participant, MediaRights{}));
  ASSERT_TRUE(house.rooms.set_muted(guest.id, false, false));
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(hosts, 3), house.media.track(guest.session, MediaKind::video));
  EXPECT_EQ(house.media.in_slot(hosts, 2), 0U) << "without sound";
  EXPECT_EQ(house.media.in_slot(guest.session, 2), 0U);
  EXPECT_EQ(house.media.in_slot(guest.session, 3), 0U);
  const MediaRights& rights = house.media.sessions[guest.session].rights;
  EXPECT_FALSE(rights.send_audio || rights.receive_audio || rights.receive_video ||
               rights.receive_presentation);
  EXPECT_FALSE(house.media.sessions[hosts].rights.send_video ||
               house.media.sessions[hosts].rights.send_audio);
}

TEST(Behaviour, WhoJustJoinedWellIsNeverKeptOutByGuessers) {
  House house;
  house.create("a", "1234", "5678");
  EXPECT_EQ(house.knock("a", "1234", "198.51.100.7"), "in");
  for (int i = 0; i < 200; ++i)
    static_cast<void>(house.knock("a", "9999", i % 2 ? "198.51.100.7" : "203.0.113." + std::to_string(i)));
  EXPECT_EQ(house.knock("a", "1234", "198.51.100.7"), "in");
  EXPECT_EQ(house.knock("a", "1234", "203.0.113.0"), "pin_slowed") << "the guesser waits, right or wrong";
}

TEST(Behaviour, UnknownOrganisationsAndAliasesGoTheSameWayAsKnownOnes) {
  House house;
  NewRoom room;
  room.alias = "later";
  room.opens_ms = house.loop.wall_ms() + 60'000;
  ASSERT_TRUE(house.create(room));
  house.storage.stop(); // so that what goes by the store shows
  for (const char* alias : {"later", "nowhere", "Not An Alias"})
    EXPECT_EQ(house.knock(alias), "server_stopping") << alias;
}

// Events and their bytes for a room of a hundred: as many again for each who joins, not for each pair.
TEST(Behaviour, AHundredJoinsCostAHundredTimesOne) {
  House house;
  house.create("big");
  const auto joins = [&](int count) {
    const std::uint64_t before = house.bus.counters().published;
    for (int i = 0; i < count; ++i)
      house.enter("big", "+audio +video -audio -video");
    return house.bus.counters().published - before;
  };
  const std::uint64_t first = joins(20);
  joins(60);
  const std::uint64_t last = joins(20);
  EXPECT_LE(last, first + 20) << "events do not grow with who is there";
  const auto snapshot = house.bus.snapshot(house.rooms.meetings().front());
  ASSERT_TRUE(snapshot);
  EXPECT_LT(snapshot->document.size(), 100U * 600);
  EXPECT_GT(snapshot->document.size(), 100U * 100);
}

} // namespace
} // namespace viadux
