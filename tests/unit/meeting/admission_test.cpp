#include "house.hpp"

namespace viadux {
namespace {

TEST(Admission, ARoomIsUsableTheMomentItIsCreated) {
  House house;
  house.create("demo");
  const auto in = house.join("demo");
  ASSERT_TRUE(in);
  EXPECT_EQ(in->role, Role::host) << "without any PIN everybody is a host";
  EXPECT_EQ(in->presence, Presence::meeting);
}

TEST(Admission, PinsMakeHostsAndGuests) {
  House house;
  house.create("a", "1234", "5678");
  EXPECT_EQ(house.join("a", "1234")->role, Role::host);
  EXPECT_EQ(house.join("a", "5678")->role, Role::guest);
  EXPECT_EQ(house.knock("a"), "pin_required");
  EXPECT_EQ(house.knock("a", "12345"), "pin_wrong");
  EXPECT_EQ(house.knock("a", "123"), "pin_wrong");
  EXPECT_EQ(house.knock("a", std::string(100, '1')), "pin_wrong");
}

TEST(Admission, GuestsWithoutPinAreGuestsButAWrongPinIsWrong) {
  House house;
  house.create("test", "1234");
  EXPECT_EQ(house.join("test")->role, Role::guest);
  EXPECT_EQ(house.join("test", "1234")->role, Role::host);
  EXPECT_EQ(house.knock("test", "4321"), "pin_wrong");
  EXPECT_EQ(house.rooms.counters().pin_wrong, 1U);
}

TEST(Admission, ARoomMayTakeNoGuests) {
  House house;
  RoomSettings settings;
  settings.guests_allowed = false;
  house.create("staff", "1234", "5678", settings);
  EXPECT_EQ(house.knock("staff", "5678"), "guests_refused");
  EXPECT_EQ(house.knock("staff"), "pin_required");
  EXPECT_EQ(house.knock("staff", "1234"), "in");
}

TEST(Admission, AProvenRoleNeedsNoPin) {
  House house;
  house.create("a", "1234", "5678");
  AdmitRequest request = House::request("a");
  request.proven_role = Role::host;
  EXPECT_EQ(house.admit(request)->role, Role::host);
}

TEST(Admission, WhoAsksForThePinIsToldOfItWhereGuestsNeedNone) {
  House house;
  house.create("test", "1234");
  house.create("open");
  AdmitRequest request = House::request("test");
  request.ask_for_pin = true;
  EXPECT_EQ(house.admit(request).error().reason, "pin_required");
  request.pin = "1234";
  EXPECT_EQ(house.admit(request)->role, Role::host);
  request.alias = "open";
  request.pin = "";
  EXPECT_EQ(house.admit(request)->role, Role::host) << "no PIN, nothing to ask for";
  request.alias = "test";
  request.proven_role = Role::guest;
  EXPECT_EQ(house.admit(request)->role, Role::guest);
}

TEST(Admission, PinsThatNobodyCouldUseAreRefusedAtCreation) {
  House house;
  const auto refused = [&](const RoomPins& pins) {
    NewRoom room;
    room.alias = "x";
    room.pins = pins;
    const auto made = house.create(room);
    return made ? std::string("made") : made.error().reason + " " + made.error().field;
  };
  EXPECT_EQ(refused({"12", ""}), "room_malformed host_pin");
  EXPECT_EQ(refused({"12a4", ""}), "room_malformed host_pin");
  EXPECT_EQ(refused({"", "1234"}), "room_malformed guest_pin");
  EXPECT_EQ(refused({"1234", "1234"}), "room_malformed guest_pin");
  EXPECT_EQ(refused({"1234", "5678"}), "made");
}

TEST(Admission, StrangersCannotTellUnknownFromNotOpenFromExpired) {
  House house;
  const std::int64_t now_ms = house.loop.wall_ms();
  NewRoom room;
  room.alias = "later";
  room.pins = {"1234", "5678"};
  room.opens_ms = now_ms + 60'000;
  ASSERT_TRUE(house.create(room));
  room.alias = "over";
  room.opens_ms = 0;
  room.expires_ms = now_ms;
  ASSERT_TRUE(house.create(room));

  const Error unknown = house.join("nowhere", "9999").error();
  for (const char* alias : {"later", "over", "Not An Alias"})
    for (const char* pin : {"", "1234", "9999"}) {
      const auto in = house.join(alias, pin);
      ASSERT_FALSE(in) << alias;
      EXPECT_EQ(in.error().code, unknown.code);
      EXPECT_EQ(in.error().reason, "room_unknown");
      EXPECT_EQ(in.error().message, unknown.message);
      EXPECT_EQ(in.error().field, unknown.field);
      EXPECT_EQ(in.error().hint, unknown.hint);
    }
  AdmitRequest elsewhere = House::request("demo");
  elsewhere.organisation = "unknown";
  EXPECT_EQ(house.admit(elsewhere).error().reason, "room_unknown");
  EXPECT_EQ(house.rooms.counters().pin_wrong, 0U);

  house.loop.advance(60'000'000);
  EXPECT_EQ(house.knock("later", "1234"), "in") << "it opens by itself";
}

TEST(Admission, AMeetingEndsWhenItsRoomCloses) {
  House house;
  NewRoom room;
  room.alias = "short";
  room.expires_ms = house.loop.wall_ms() + 10'000;
  ASSERT_TRUE(house.create(room));
  const auto guest = house.enter("short", "+audio -audio");
  house.loop.advance(9'000'000);
  EXPECT_TRUE(house.rooms.participant(guest.id));
  house.loop.advance(2'000'000);
  EXPECT_FALSE(house.rooms.participant(guest.id));
  EXPECT_TRUE(house.media.sessions.empty());
}

TEST(Admission, CapsPerRoomOrganisationAndServer) {
  House house({.participants_max = 5, .meetings_max = 3, .room_participants_max = 4});
  RoomSettings two;
  two.participants_max = 2;
  house.create("two", "", "", two);
  house.create("a");
  house.create("b");
  house.create("c");
  EXPECT_EQ(house.knock("two"), "in");
  EXPECT_EQ(house.knock("two"), "in");
  EXPECT_EQ(house.knock("two"), "room_full");
  house.limits["demo"].participants_max = 3;
  EXPECT_EQ(house.knock("a"), "in");
  EXPECT_EQ(house.knock("a"), "organisation_full");
  house.limits["demo"].participants_max = 0;
  EXPECT_EQ(house.knock("b"), "in");
  EXPECT_EQ(house.knock("c"), "node_full") << "three meetings run";
  EXPECT_EQ(house.knock("a"), "in");
  EXPECT_EQ(house.knock("a"), "node_full") << "five participants";
  EXPECT_EQ(house.rooms.counters().refused[static_cast<std::size_t>(Reason::node_full)], 2U);
}

TEST(Admission, RoomsOnDemandAreMadeCappedAndGoWithTheirMeeting) {
  House house;
  EXPECT_EQ(house.knock("new"), "room_unknown") << "off by default";
  house.limits["demo"].rooms_on_demand = true;
  house.limits["demo"].rooms_on_demand_max = 2;
  const auto first = house.join("new");
  ASSERT_TRUE(first);
  EXPECT_EQ(house.knock("other"), "in");
  EXPECT_EQ(house.knock("third"), "rooms_full");
  EXPECT_EQ(house.join("new")->room, first->room) << "the second meets the first";
  EXPECT_EQ(house.knock("no spaces"), "room_unknown");
  ASSERT_TRUE(house.rooms.end(first->room));
  house.loop.run();
  EXPECT_EQ(house.knock("third"), "in");
}

TEST(Admission, WhoIsRefusedLeavesNoRoomOnDemandBehind) {
  House house;
  house.limits["demo"].rooms_on_demand = true;
  house.limits["demo"].participants_max = 1;
  ASSERT_EQ(house.knock("a"), "in");
  EXPECT_EQ(house.knock("b"), "organisation_full");
  EXPECT_EQ(house.rooms.counters().refused[static_cast<std::size_t>(Reason::organisation_full)], 1U);
  std::optional<Result<RoomInfo>> found;
  house.rooms.find("demo", "b", [&](Result<RoomInfo> room) { found.emplace(std::move(room)); });
  house.loop.run();
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  EXPECT_EQ(house.knock("a"), "organisation_full");
}

TEST(Admission, WhoseUuidSomebodyElseHasLeavesNoRoomOnDemandBehind) {
  House house;
  house.limits["demo"].rooms_on_demand = true;
  const auto first = house.join("a");
  ASSERT_TRUE(first);
  AdmitRequest same = House::request("b");
  same.uuid = first->uuid;
  EXPECT_EQ(house.admit(same).error().reason, "uuid_taken");
  EXPECT_EQ(house.rooms.counters().refused[static_cast<std::size_t>(Reason::uuid_taken)], 1U);
  std::optional<Result<RoomInfo>> found;
  house.rooms.find("demo", "b", [&](Result<RoomInfo> room) { found.emplace(std::move(room)); });
  house.loop.run();
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  EXPECT_EQ(house.knock("b"), "in");
}

TEST(Admission, ADefinedRoomIsNeverMadeOnDemandWithoutItsPin) {
  House house;
  house.limits["demo"].rooms_on_demand = true;
  house.limits["demo"].defined_aliases = {"ward"};
  EXPECT_EQ(house.knock("ward"), "room_unknown");
  house.create("ward", "1234");
  EXPECT_EQ(house.knock("ward", "1234"), "in");
}

TEST(Admission, ARedefinedRoomAsksForItsNewPin) {
  House house;
  house.create("a", "1234");
  NewRoom changed;
  changed.organisation = "demo";
  changed.alias = "a";
  changed.pins.host = "9999";
  changed.settings.guests_without_pin = false;
  std::optional<Result<void>> done;
  house.rooms.redefine(changed, [&](const Result<void>& result) { done = result; });
  house.loop.run();
  ASSERT_TRUE(done && *done);
  EXPECT_EQ(house.knock("a", "1234"), "pin_wrong");
  EXPECT_EQ(house.knock("a", "9999"), "in");
  changed.alias = "nowhere";
  house.rooms.redefine(changed, [&](const Result<void>& result) { done = result; });
  house.loop.run();
  EXPECT_EQ(done->error().reason, "room_unknown");
}

TEST(Admission, TwoFirstUsesAtOnceMeet) {
  House house;
  house.limits["demo"].rooms_on_demand = true;
  std::vector<Admitted> in;
  for (int i = 0; i < 2; ++i)
    house.rooms.admit(House::request("same"), [&](Result<Admitted> admitted) { in.push_back(*admitted); });
  house.loop.run();
  ASSERT_EQ(in.size(), 2U);
  EXPECT_EQ(in[0].room, in[1].room);
  EXPECT_NE(in[0].participant, in[1].participant);
}

TEST(Admission, CreateFindRemove) {
  House house;
  house.create("a", "1234");
  NewRoom again;
  again.alias = "a";
  EXPECT_EQ(house.create(again).error().reason, "alias_taken");
  again.alias = "Upper";
  EXPECT_EQ(house.create(again).error().reason, "alias_malformed");
  std::optional<Result<RoomInfo>> found;
  house.rooms.find("demo", "a", [&](Result<RoomInfo> info) { found.emplace(std::move(info)); });
  EXPECT_FALSE(found) << "never from inside the call";
  house.loop.run();
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->room.pins.host, "1234");
  EXPECT_EQ((*found)->running, 0U);
  const auto guest = house.enter("a", "-audio");
  bool removed = false;
  house.rooms.remove("demo", "a", [&](const Result<void>& gone) { removed = gone.has_value(); });
  house.loop.run();
  EXPECT_TRUE(removed);
  EXPECT_FALSE(house.rooms.participant(guest.id)) << "who was in it leaves";
  EXPECT_EQ(house.knock("a"), "room_unknown");
}

TEST(Admission, WithoutTheDatabaseRunningMeetingsGoOn) {
  House house;
  house.create("a");
  house.create("b");
  EXPECT_EQ(house.knock("a"), "in");
  house.storage.stop();
  EXPECT_EQ(house.knock("a"), "in");
  EXPECT_NE(house.knock("b"), "in");
  EXPECT_EQ(house.knock("b"), "server_stopping");
}

} // namespace
} // namespace viadux
