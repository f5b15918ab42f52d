// What the organisation's policy says of those whom the room would let in.
#include "house.hpp"

namespace viadux {
namespace {

using documents::DecidedBy;

PolicyDecision says(const char* answer, DecidedBy by = DecidedBy::policy) {
  return {*Json::parse(answer), by, "trace"};
}

TEST(MeetingPolicy, IsAskedAfterThePinAndToldHowFarTheCallerIsKnown) {
  House house;
  house.create("ward", "2468");
  std::vector<std::string> asked;
  house.policy = [&](const Json& question) {
    asked.push_back(*question.find("authenticated")->text() + " " + *question.find("role")->text());
    return says(R"({"admitted":true})");
  };
  EXPECT_EQ(house.knock("ward", "1111"), "pin_wrong");
  EXPECT_EQ(house.knock("nowhere"), "room_unknown");
  EXPECT_TRUE(asked.empty()) << "who is refused by the room learns nothing of the policy";
  EXPECT_EQ(house.knock("ward", "2468"), "in");
  EXPECT_EQ(house.knock("ward"), "in");
  EXPECT_EQ(asked, (std::vector<std::string>{"pin host", "none guest"}));
}

TEST(MeetingPolicy, IsToldThePinOfBeforeOfWhoComesBack) {
  House house;
  house.create("ward", "2468");
  std::vector<std::string> asked;
  house.policy = [&](const Json& question) {
    asked.push_back(*question.find("authenticated")->text());
    return says(R"({"admitted":true})");
  };
  const auto first = house.join("ward", "2468");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->authenticated, documents::Authenticated::pin);
  AdmitRequest again = House::request("ward");
  again.proven_role = first->role;
  again.authenticated = first->authenticated;
  EXPECT_EQ(house.admit(again)->authenticated, documents::Authenticated::pin);
  EXPECT_EQ(house.join("ward")->authenticated, documents::Authenticated::none);
  EXPECT_EQ(asked, (std::vector<std::string>{"pin", "pin", "none"}));
}

TEST(MeetingPolicy, RefusesInItsOwnWords) {
  House house;
  house.create("ward");
  house.policy = [](const Json&) { return says(R"({"admitted":false,"message":"Closed today."})"); };
  const auto in = house.join("ward");
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().reason, "policy_refused");
  EXPECT_EQ(sentence(in.error(), "da"), "Closed today.");
  EXPECT_TRUE(house.rooms.meetings().empty()) << "no meeting begins for somebody who is refused";
}

TEST(MeetingPolicy, WhoIsRefusedLeavesNoRoomOnDemandBehind) {
  House house;
  house.limits["demo"].rooms_on_demand = true;
  house.policy = [](const Json&) { return says(R"({"admitted":false})"); };
  EXPECT_EQ(house.knock("new-one"), "policy_refused");
  house.limits["demo"].rooms_on_demand = false;
  house.policy = nullptr;
  EXPECT_EQ(house.knock("new-one"), "room_unknown");
}

TEST(MeetingPolicy, GivesRoleNameLobbyAndTakesRightsAway) {
  House house;
  house.create("ward", "2468");
  const auto host = house.join("ward", "2468");
  ASSERT_TRUE(host);
  house.policy = [](const Json&) {
    return says(R"({"admitted":true,"lobby":true,"display_name":"••78","rights":{"send_video":false}})");
  };
  const auto guest = house.join("ward");
  ASSERT_TRUE(guest);
  EXPECT_EQ(guest->presence, Presence::lobby);
  EXPECT_EQ(house.rooms.participant(guest->participant)->display_name, "••78");
  EXPECT_FALSE(house.rooms.participant(guest->participant)->rights.send_video);
  EXPECT_TRUE(house.rooms.let_in(guest->participant));
  EXPECT_EQ(house.rooms.participant(guest->participant)->presence, Presence::meeting);
  house.policy = [](const Json&) { return says(R"({"admitted":true,"role":"host"})"); };
  EXPECT_EQ(house.join("ward")->role, Role::host);
}

TEST(MeetingPolicy, PassesALockWhereItSaysSo) {
  House house;
  house.create("ward", "2468");
  const auto host = house.join("ward", "2468");
  ASSERT_TRUE(host && house.rooms.set_locked(host->room, true));
  EXPECT_EQ(house.join("ward")->presence, Presence::lobby);
  house.policy = [](const Json&) { return says(R"({"admitted":true,"bypass_lock":true})"); };
  EXPECT_EQ(house.join("ward")->presence, Presence::meeting);
}

TEST(MeetingPolicy, ThatFailsLeavesItToAHost) {
  House house;
  house.create("ward", "2468");
  house.policy = [](const Json&) { return says(R"({"admitted":true,"lobby":true})", DecidedBy::failure); };
  EXPECT_EQ(house.knock("ward", "2468"), "policy_unavailable") << "nobody is there to let anybody in";
  house.policy = nullptr;
  ASSERT_TRUE(house.join("ward", "2468"));
  house.policy = [](const Json&) { return says(R"({"admitted":true,"lobby":true})", DecidedBy::failure); };
  EXPECT_EQ(house.join("ward")->presence, Presence::lobby);
}

} // namespace
} // namespace viadux
