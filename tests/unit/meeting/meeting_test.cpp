#include "core/meeting/documents.hpp"
#include "house.hpp"

#include <gmock/gmock.h>
#include <set>

namespace viadux {
namespace {

constexpr std::int64_t second = 1'000'000;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> types(EventBus& bus, SubscriptionId subscription) {
  std::vector<std::string> list;
  for (const Event& event : bus.take(subscription))
    list.push_back(event.type);
  return list;
}

TEST(Meeting, TwoInARoomGetEachOther) {
  House house;
  house.create("demo");
  const auto anna = house.enter("demo", "+audio +video -audio -video");
  const auto bo = house.enter("demo", "+audio +video -audio -video");
  EXPECT_EQ(house.media.in_slot(anna.session, 2), house.media.track(bo.session, MediaKind::audio));
  EXPECT_EQ(house.media.in_slot(anna.session, 3), house.media.track(bo.session, MediaKind::video));
  EXPECT_EQ(house.media.in_slot(bo.session, 2), house.media.track(anna.session, MediaKind::audio));
  EXPECT_EQ(house.media.in_slot(bo.session, 3), house.media.track(anna.session, MediaKind::video));
  EXPECT_EQ(house.media.fills, 4);
  ASSERT_TRUE(house.rooms.leave(bo.id));
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(anna.session, 2), 0U);
  EXPECT_EQ(house.media.in_slot(anna.session, 3), 0U);
}

TEST(Meeting, APlayerLeavesOutItsOwnPublisher) {
  House house;
  house.create("demo");
  const auto publisher = house.enter("demo", "+audio +video");
  const auto player = house.enter("demo", "-audio -video", publisher.id);
  EXPECT_EQ(house.media.in_slot(player.session, 1), 0U);
  const auto other = house.enter("demo", "+audio +video");
  EXPECT_EQ(house.media.in_slot(player.session, 1), house.media.track(other.session, MediaKind::video));
}

TEST(Meeting, ALockedRoomLetsGuestsKnock) {
  House house;
  house.create("a", "1234");
  const auto host = house.join("a", "1234");
  ASSERT_TRUE(house.rooms.set_locked(host->room, true));
  const auto knocking = house.join("a");
  EXPECT_EQ(knocking->presence, Presence::lobby);
  SessionOffer offer;
  offer.offer = "+audio -audio";
  const SessionId session = house.rooms.attach_session(knocking->participant, offer)->session;
  EXPECT_FALSE(house.media.sessions[session].rights.send_audio) << "connected, but neither heard nor hearing";
  EXPECT_FALSE(house.media.sessions[session].rights.receive_audio);
  EXPECT_EQ(house.join("a", "1234")->presence, Presence::meeting) << "a host's PIN opens the lock";

  ASSERT_TRUE(house.rooms.let_in(knocking->participant));
  EXPECT_TRUE(house.media.sessions[session].rights.send_audio);
  EXPECT_EQ(house.rooms.let_in(knocking->participant).error().reason, "not_in_lobby");

  const auto second_guest = house.join("a");
  EXPECT_EQ(second_guest->presence, Presence::lobby);
  ASSERT_TRUE(house.rooms.set_locked(host->room, false));
  EXPECT_EQ(house.rooms.participant(second_guest->participant)->presence, Presence::meeting)
      << "unlocking lets all in";
}

TEST(Meeting, ALockHoldsInARoomWithoutPins) {
  House house;
  house.create("demo");
  const auto first = house.join("demo");
  ASSERT_TRUE(house.rooms.set_locked(first->room, true));
  EXPECT_EQ(house.join("demo")->presence, Presence::lobby);
}

TEST(Meeting, ALockedRoomMayRefuse) {
  House house;
  RoomSettings settings;
  settings.lobby_when_locked = false;
  house.create("a", "1234", "", settings);
  ASSERT_TRUE(house.rooms.set_locked(house.join("a", "1234")->room, true));
  EXPECT_EQ(house.knock("a"), "room_locked");
  EXPECT_EQ(house.rooms.participants(), 1U);
  EXPECT_EQ(house.knock("a", "1234"), "in");
}

TEST(Meeting, GuestsWaitForAHostWhereTheRoomSaysSo) {
  House house;
  RoomSettings settings;
  settings.wait_for_host = true;
  house.create("a", "1234", "", settings);
  const auto guest = house.join("a");
  EXPECT_EQ(guest->presence, Presence::lobby);
  ASSERT_TRUE(house.join("a", "1234"));
  EXPECT_EQ(house.rooms.participant(guest->participant)->presence, Presence::meeting);
  EXPECT_EQ(house.join("a")->presence, Presence::meeting);
}

TEST(Meeting, OneWayRoomsAreEnforced) {
  House house;
  RoomSettings settings; // the host sees the guest without sound; the guest sees and hears nobody
  settings.guest_rights.receive_audio = settings.guest_rights.receive_video = false;
  settings.guest_rights.receive_presentation = false;
  settings.host_rights.receive_audio = false;
  settings.host_rights.send_audio = settings.host_rights.send_video = false;
  house.create("oneway", "1234", "", settings);
  const auto host = house.join("oneway", "1234");
  SessionOffer offer;
  offer.offer = "+audio +video -audio -video";
  const SessionId hosts = house.rooms.attach_session(host->participant, offer)->session;
  const auto guest = house.enter("oneway", "+audio +video -audio -video");
  for (const TrackInfo& track : house.media.sessions[hosts].answer.tracks)
    house.rooms.on_track_active(track.id, true);
  house.loop.run();
  EXPECT_FALSE(house.media.sessions[guest.session].rights.receive_video);
  EXPECT_FALSE(house.media.sessions[hosts].rights.send_video);
  EXPECT_EQ(house.media.in_slot(guest.session, 2), 0U);
  EXPECT_EQ(house.media.in_slot(guest.session, 3), 0U);
  EXPECT_EQ(house.media.in_slot(hosts, 2), 0U);
  EXPECT_EQ(house.media.in_slot(hosts, 3), house.media.track(guest.session, MediaKind::video));
}

TEST(Meeting, MuteTakesTheRightAndTheSlot) {
  House house;
  house.create("demo");
  const auto anna = house.enter("demo", "+audio +video -audio -video");
  const auto bo = house.enter("demo", "+audio +video -audio -video");
  ASSERT_TRUE(house.rooms.set_muted(bo.id, true));
  house.loop.run();
  EXPECT_FALSE(house.media.sessions[bo.session].rights.send_audio);
  EXPECT_TRUE(house.media.sessions[bo.session].rights.send_video);
  EXPECT_EQ(house.media.in_slot(anna.session, 2), 0U);
  EXPECT_NE(house.media.in_slot(anna.session, 3), 0U);
  ASSERT_TRUE(house.rooms.set_muted(bo.id, false, true));
  house.loop.run();
  EXPECT_NE(house.media.in_slot(anna.session, 2), 0U);
  EXPECT_EQ(house.media.in_slot(anna.session, 3), 0U);
}

TEST(Meeting, APublisherLeavesWithItsSession) {
  House house;
  house.create("demo");
  AdmitRequest request = House::request("demo");
  request.leaves_with_session = true;
  const auto in = house.admit(request);
  SessionOffer offer;
  offer.offer = "+audio";
  const SessionId session = house.rooms.attach_session(in->participant, offer)->session;
  house.rooms.on_session_closed(session, "ice_timeout");
  EXPECT_FALSE(house.rooms.participant(in->participant));
  EXPECT_EQ(house.rooms.counters().gone[static_cast<std::size_t>(Reason::media_ended)], 1U);
  EXPECT_EQ(house.rooms.leave(in->participant).error().reason, "participant_gone");
  EXPECT_EQ(house.rooms.close_session(session).error().reason, "session_gone");
  EXPECT_FALSE(house.rooms.meeting(in->room)) << "the last one out ends the meeting";
}

TEST(Meeting, WhoBringsNoMediaLeavesAfterThirtySeconds) {
  House house;
  house.create("demo");
  const auto silent = house.join("demo");
  AdmitRequest request = House::request("demo");
  request.control_only = true;
  const auto control = house.admit(request);
  const auto with_media = house.enter("demo", "-audio");
  house.loop.advance(29 * second);
  EXPECT_TRUE(house.rooms.participant(silent->participant));
  house.loop.advance(2 * second);
  EXPECT_FALSE(house.rooms.participant(silent->participant));
  EXPECT_TRUE(house.rooms.participant(control->participant));
  ASSERT_TRUE(house.rooms.close_session(with_media.session));
  house.loop.advance(20 * second);
  EXPECT_TRUE(house.rooms.participant(with_media.id)) << "time to come back";
  house.loop.advance(12 * second);
  EXPECT_FALSE(house.rooms.participant(with_media.id));
}

TEST(Meeting, WhoIsNotLetInLeavesAfterAQuarterOfAnHour) {
  House house;
  house.create("demo");
  const auto first = house.enter("demo", "-audio");
  ASSERT_TRUE(house.rooms.set_locked(first.room, true));
  const auto knocking = house.enter("demo", "-audio");
  house.loop.advance(899 * second);
  EXPECT_TRUE(house.rooms.participant(knocking.id));
  house.loop.advance(2 * second);
  EXPECT_FALSE(house.rooms.participant(knocking.id));
  EXPECT_EQ(house.rooms.counters().gone[static_cast<std::size_t>(Reason::lobby_timeout)], 1U);
}

TEST(Meeting, FourSessionsAtMostAndErrorsOfMediaComeThrough) {
  House house;
  house.create("demo");
  const auto in = house.join("demo");
  SessionOffer offer;
  offer.offer = "bad";
  EXPECT_EQ(house.rooms.attach_session(in->participant, offer).error().reason, "sdp_malformed");
  offer.offer = "-audio";
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(house.rooms.attach_session(in->participant, offer));
  EXPECT_EQ(house.rooms.attach_session(in->participant, offer).error().reason, "sessions_full");
  EXPECT_EQ(house.rooms.attach_session(12345, offer).error().code, ErrorCode::gone);
  ASSERT_TRUE(house.rooms.disconnect(in->participant));
  EXPECT_EQ(house.media.closed, 4);
}

TEST(Meeting, AnUpdateKeepsWhatStays) {
  House house;
  house.create("demo");
  const auto anna = house.enter("demo", "+audio -audio -video");
  const auto bo = house.enter("demo", "+audio +video");
  const int fills = house.media.fills;
  ASSERT_TRUE(house.rooms.update_session(anna.session, "+audio -audio -video -slides"));
  house.loop.run();
  EXPECT_EQ(house.media.fills, fills) << "nothing to show in the new slot, nothing changed in the others";
  ASSERT_TRUE(house.rooms.update_session(bo.session, "+audio +video +slides"));
  house.rooms.on_track_active(house.media.track(bo.session, MediaKind::video, MediaContent::slides), true);
  house.loop.run();
  EXPECT_NE(house.media.in_slot(anna.session, 3), 0U);
  ASSERT_TRUE(house.rooms.update_session(bo.session, "+audio +video"));
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(anna.session, 3), 0U);
  ASSERT_TRUE(house.rooms.add_candidates(anna.session, "a=candidate"));
}

// Who is called has its place at once, and media with its answer.
TEST(Meeting, AnOfferOfOursIsFilledOnceItIsAccepted) {
  House house;
  house.create("demo");
  const auto anna = house.enter("demo", "+audio +video -audio -video");
  const auto in = house.join("demo");
  ASSERT_TRUE(in);
  SessionOffer ours;
  ours.profile = SdpProfile::sip;
  ours.encryption = MediaEncryption::required;
  ours.lines = {{MediaKind::audio, MediaContent::main}, {MediaKind::video, MediaContent::main}};
  const auto offered = house.rooms.attach_session(in->participant, ours);
  ASSERT_TRUE(offered);
  EXPECT_EQ(offered->answer, "offer of 2");
  EXPECT_EQ(house.media.sessions[offered->session].request.encryption, MediaEncryption::required);
  EXPECT_EQ(house.rooms.accept_session(offered->session, "bad").error().reason, "sdp_malformed");
  ASSERT_TRUE(house.rooms.accept_session(offered->session, "+audio +video -video"));
  house.rooms.on_track_active(house.media.track(anna.session, MediaKind::video), true);
  house.rooms.on_track_active(house.media.track(offered->session, MediaKind::video), true);
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(offered->session, 2), house.media.track(anna.session, MediaKind::video));
  EXPECT_EQ(house.media.in_slot(anna.session, 3), house.media.track(offered->session, MediaKind::video));
  ASSERT_TRUE(house.rooms.close_session(offered->session));
  EXPECT_EQ(house.rooms.accept_session(offered->session, "+audio").error().reason, "session_gone");
}

TEST(Meeting, EventsComeInOrderAndBeforeTheAnswer) {
  House house;
  house.create("demo");
  std::vector<std::string> seen;
  SubscriptionId subscription = 0;
  subscription = *house.bus.subscribe({}, [&] {
    for (const std::string& type : types(house.bus, subscription))
      seen.push_back(type);
  });
  AdmitRequest request = House::request("demo");
  request.display_name = "Anna Ø";
  house.rooms.admit(request, [&](const Result<Admitted>&) { seen.emplace_back("answer"); });
  house.loop.run();
  EXPECT_THAT(seen, ElementsAre("meeting_started", "participant_joined", "answer"));
  seen.clear();
  const RoomId room = house.rooms.meetings().front();
  ASSERT_TRUE(house.rooms.set_locked(room, true));
  ASSERT_TRUE(house.rooms.set_locked(room, true));
  ASSERT_TRUE(house.rooms.end(room));
  house.loop.run();
  EXPECT_THAT(seen, ElementsAre("meeting_changed", "participant_left", "meeting_ended"));
}

TEST(Meeting, DocumentsHaveNamesButNoPins) {
  House house;
  house.create("a", "13572468", "86427531");
  AdmitRequest request = House::request("a", "13572468");
  request.display_name = "Anna \"Ø\"";
  const auto in = house.admit(request);
  const auto snapshot = house.bus.snapshot(in->room);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->id, house.bus.last_id());
  EXPECT_THAT(snapshot->document, HasSubstr("Anna \\\"Ø\\\""));
  EXPECT_THAT(snapshot->document, HasSubstr(handle_text(in->participant)));
  std::string all = snapshot->document;
  const auto events = house.bus.since(in->room, house.bus.last_id() - 2);
  ASSERT_TRUE(events);
  for (const Event& event : *events)
    all += event.document->text();
  EXPECT_THAT(all, HasSubstr("\"role\":\"host\""));
  EXPECT_THAT(all, Not(HasSubstr("13572468")));
  EXPECT_THAT(all, Not(HasSubstr("86427531")));
  EXPECT_EQ(house.bus.snapshot(12345).error().code, ErrorCode::gone);
}

TEST(Meetings, ALargeRoomsSnapshotComesInPagesThatADocumentCanHold) {
  MeetingOptions options = House::prompt();
  options.room_participants_max = 0;
  House house(options);
  house.create("large");
  house.create("small");
  AdmitRequest request = House::request("large");
  request.display_name = std::string(100, '"'); // each is written with two characters
  const auto moved = house.join("small");       // has come first, and is last in the room
  RoomId room = 0;
  for (int i = 0; i < 900; ++i)
    room = house.admit(request)->room;
  ASSERT_TRUE(house.rooms.move(moved->participant, room));
  std::set<std::string> seen;
  std::uint64_t after = 0;
  std::size_t pages = 0;
  for (bool more = true; more; ++pages) {
    const auto page = house.bus.snapshot(room, after);
    ASSERT_TRUE(page);
    ASSERT_LE(page->document.size(), 256U * 1024);
    const auto state = Json::parse(page->document);
    ASSERT_TRUE(state);
    for (const Json& entry : *state->find("participants")->array()) {
      EXPECT_TRUE(seen.insert(*entry.find("id")->text()).second) << "nobody twice";
      after = static_cast<std::uint64_t>(*entry.find("order")->integer());
    }
    more = state->find("more") != nullptr;
    ASSERT_LT(pages, 100U);
  }
  EXPECT_EQ(seen.size(), 901U);
  EXPECT_GT(pages, 2U);
}

TEST(Meeting, StaleAndInventedHandlesDoNothing) {
  House house;
  house.create("demo");
  const auto first = house.join("demo");
  ASSERT_TRUE(house.rooms.leave(first->participant));
  const auto second_one = house.join("demo");
  EXPECT_NE(second_one->participant, first->participant) << "the place is used again, the handle is not";
  EXPECT_NE(second_one->room, first->room);
  EXPECT_EQ(house.rooms.set_role(first->participant, Role::host).error().code, ErrorCode::gone);
  EXPECT_EQ(house.rooms.set_locked(first->room, true).error().code, ErrorCode::gone);
  EXPECT_EQ(house.rooms.leave(second_one->room).error().code, ErrorCode::gone) << "a room is no participant";
  for (const std::uint64_t invented : {0ULL, 1ULL, ~0ULL, 0x0200000100000007ULL})
    EXPECT_EQ(house.rooms.leave(invented).error().code, ErrorCode::gone);
  house.rooms.on_session_closed(77, "ice_timeout");
  house.rooms.on_track_active(77, true);
  house.hear(77, 10);
}

TEST(Meeting, AThousandJoinsLeaveNothingBehind) {
  House house;
  for (int i = 0; i < 10; ++i)
    house.create("r" + std::to_string(i));
  for (int i = 0; i < 1000; ++i) {
    const auto guest = house.enter("r" + std::to_string(i % 10), "+audio +video -audio -video");
    if (i % 2)
      ASSERT_TRUE(house.rooms.leave(guest.id));
    else
      house.loop.advance(second);
  }
  house.rooms.end_all();
  house.loop.run();
  EXPECT_EQ(house.rooms.participants(), 0U);
  EXPECT_TRUE(house.rooms.meetings().empty());
  EXPECT_TRUE(house.media.sessions.empty());
  EXPECT_EQ(house.rooms.counters().admitted, house.rooms.counters().left);
  EXPECT_EQ(house.knock("r1"), "server_stopping");
  house.loop.advance(120 * second);
  EXPECT_EQ(house.bus.counters().kept, 0U);
}

} // namespace
} // namespace viadux
