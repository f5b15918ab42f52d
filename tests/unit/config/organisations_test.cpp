#include "core/config/organisations.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

class OrganisationFolders : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "viadux_organisations_" + std::to_string(::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& code, const std::string& text) const {
    std::filesystem::create_directories(folder_ + "/" + code);
    std::ofstream(folder_ + "/" + code + "/organisation.toml") << text;
  }
  std::shared_ptr<const Organisations> load(const std::string& fallback = "") const {
    OrganisationsLoad load = load_organisations(folder_, fallback);
    for (const ConfigMistake& mistake : load.mistakes)
      ADD_FAILURE() << to_string(mistake);
    return load.organisations;
  }
  std::string mistakes(const std::string& fallback = "") const {
    const OrganisationsLoad load = load_organisations(folder_, fallback);
    std::string out;
    for (const ConfigMistake& mistake : load.mistakes)
      out += to_string(mistake) + "\n";
    EXPECT_EQ(load.organisations == nullptr, !load.mistakes.empty());
    return out;
  }

  std::string folder_;
};

struct AnsweringCase {
  std::string_view dialled;
  CameBy came_by;
  std::string_view answers; // "" for none
  std::string_view address;
};

// Who answers: the table of cases of the design (section 2, "address").
TEST_F(OrganisationFolders, WhoAnswers) {
  write("region", "domains = [\"Region.dk\"]\n");
  write("hospital", "parent = \"region\"\ndomains = [\"video.hospital.dk\", \"hospital.dk.\"]\n");
  write("home", "");
  const auto organisations = load("home");
  ASSERT_TRUE(organisations);
  const CameBy nowhere;
  const CameBy by_host{.http_host = "Video.Hospital.dk:8443"};
  const AnsweringCase cases[] = {
      // 1. The address' domain.
      {"demo@region.dk", nowhere, "region", "demo@region.dk"},
      {"Demo@REGION.DK", nowhere, "region", "demo@region.dk"},
      {"demo@hospital.dk", by_host, "hospital", "demo@hospital.dk"},
      {"demo@region.dk", by_host, "region", "demo@region.dk"},
      {"demo@region.dk.", nowhere, "region", "demo@region.dk"},
      {"demo@region.dk:5061", nowhere, "region", "demo@region.dk"},
      {"sip:demo@region.dk;transport=tls", nowhere, "region", "demo@region.dk"},
      {"SIPS:demo@region.dk?subject=x", nowhere, "region", "demo@region.dk"},
      {"h323:demo@region.dk", nowhere, "region", "demo@region.dk"},
      {"demo%40region.dk", nowhere, "region", "demo@region.dk"},
      {"d%65mo@r%65gion.dk", nowhere, "region", "demo@region.dk"},
      {"demo%2540region.dk", by_host, "hospital", "demo%40region.dk"}, // decoded once only
      {"\xC3\x98st@region.dk", nowhere, "region", "\xC3\xB8st@region.dk"},
      // 2. A bare local part or an IP address: by what it came.
      {"demo", by_host, "hospital", "demo"},
      {"demo@192.0.2.1", by_host, "hospital", "demo"},
      {"demo@192.0.2.1:5060", by_host, "hospital", "demo"},
      {"demo@[2001:db8::1]:5060", by_host, "hospital", "demo"},
      {"demo", {.sip_trunk = "region.dk"}, "region", "demo"},
      {"demo", {.tls_name = "region.dk"}, "region", "demo"},
      {"demo", {.http_host = "other.example", .tls_name = "region.dk"}, "region", "demo"},
      {"demo", {.http_host = "region.dk", .tls_name = "hospital.dk"}, "region", "demo"},
      // 3. The default.
      {"demo", nowhere, "home", "demo"},
      {"demo", {.http_host = "192.0.2.1:8080"}, "home", "demo"},
      {"demo", {.http_host = "localhost:8080"}, "home", "demo"},
      {"demo@elsewhere.example", by_host, "home", "demo@elsewhere.example"},
      {"demo@sub.region.dk", nowhere, "home", "demo@sub.region.dk"},
      // Nobody: it is no address.
      {"", by_host, "", ""},
      {"@region.dk", by_host, "", ""},
      {"demo@", by_host, "", ""},
      {"a@b@region.dk", by_host, "", ""},
      {"a%40b@region.dk", by_host, "", ""},
      {"demo%4", by_host, "", ""},
      {"demo%zz", by_host, "", ""},
      {"demo%00", by_host, "", ""},
      {"de mo", by_host, "", ""},
      {"../demo", by_host, "", ""},
      {"demo%2f..", by_host, "", ""},
      {"demo\x7f", by_host, "", ""},
      {"demo\xFF", by_host, "", ""},
      {"demo@region..dk", by_host, "", ""},
      {"demo@region.dk:x", by_host, "", ""},
      {"demo@[::1", by_host, "", ""},
  };
  for (const AnsweringCase& each : cases) {
    const Result<Answering> answering = organisations->answering(each.dialled, each.came_by);
    EXPECT_EQ(answering ? answering->organisation->code : "", each.answers) << each.dialled;
    if (answering) EXPECT_EQ(to_string(answering->address), each.address) << each.dialled;
    if (!answering) EXPECT_EQ(answering.error().reason, "address_malformed") << each.dialled;
  }
  EXPECT_FALSE(organisations->answering(std::string(257, 'a')));
  EXPECT_TRUE(organisations->answering(std::string(256, 'a')));
}

TEST_F(OrganisationFolders, WithoutADefaultAStrangersAddressIsRefused) {
  write("region", "domains = [\"region.dk\"]\n");
  const auto organisations = load();
  ASSERT_TRUE(organisations);
  EXPECT_EQ(organisations->answering("demo@elsewhere.dk").error().reason, "organisation_unknown");
}

TEST_F(OrganisationFolders, SettingsComeDownTheTree) {
  write("region", "[rooms_on_demand]\nenabled = true\nmax = 7\n[limits]\nroom_participants_max = "
                  "9\n[[room]]\nalias = \"a\"\n");
  write("hospital", "parent = \"region\"\n[rooms_on_demand]\nmax = 3\n");
  write("ward", "parent = \"hospital\"\nname = \"Ward\"\n[rooms_on_demand]\nenabled = false\n");
  const auto organisations = load();
  ASSERT_TRUE(organisations);
  const Organisation* hospital = organisations->find("hospital");
  EXPECT_TRUE(hospital->rooms_on_demand.enabled);
  EXPECT_EQ(hospital->rooms_on_demand.max, 3);
  EXPECT_EQ(hospital->room_participants_max, 9);
  EXPECT_EQ(hospital->name, "hospital");
  EXPECT_TRUE(hospital->rooms.empty()); // rooms and domains are nobody else's
  const Organisation* ward = organisations->find("ward");
  EXPECT_FALSE(ward->rooms_on_demand.enabled);
  EXPECT_EQ(ward->rooms_on_demand.max, 3);
  EXPECT_TRUE(organisations->is_within("ward", "region"));
  EXPECT_TRUE(organisations->is_within("ward", "ward"));
  EXPECT_TRUE(organisations->is_within("ward", ""));
  EXPECT_FALSE(organisations->is_within("region", "ward"));
  EXPECT_FALSE(organisations->is_within("nobody", "region"));
  EXPECT_EQ(organisations->all().size(), 3U);
}

TEST_F(OrganisationFolders, AllMistakesAreNamed) {
  write("a", "parent = \"b\"\ndomains = [\"x.dk\", \"no domain\"]\n");
  write("b", "parent = \"a\"\ndomains = [\"X.dk\"]\n");
  write("c", "parent = \"aa\"\nnaem = \"C\"\n");
  write("d", "[[room]]\nalias = \"Demo\"\n[[room]]\n[[room]]\nalias = \"x\"\n[[room]]\nalias = \"x\"\n");
  write("e", "[[room]]\nalias = \"x\"\nhost_pin = \"12345678\"\nguest_pin = \"12345678\"\n");
  write("hospital", "parent = \"hospitla\"\n");
  write("ward", "parent = \"c\"\n"); // c's own mistake is enough
  write("Not_a_code", "");
  std::filesystem::create_directories(folder_ + "/empty");
  const std::string all = mistakes("aaa");
  for (const char* text :
       {"\"no domain\" is not a domain", "\"x.dk\" belongs to organisation \"a\" already",
        "is its own ancestor", "name?", "/d/organisation.toml:2:9: room.alias: \"Demo\" can't be",
        "a room has no alias", "\"x\" comes twice", "is the same as the host PIN of \"x\"",
        "no organisation \"hospitla\" (did you mean \"hospital\"?)", "not an organisation's code",
        "/empty/organisation.toml: the file can't be read", "no organisation \"aaa\" here"}) {
    EXPECT_THAT(all, HasSubstr(text));
  }
  EXPECT_THAT(all, Not(HasSubstr("12345678")));
  EXPECT_THAT(all, Not(HasSubstr("no organisation \"c\"")));
}

TEST_F(OrganisationFolders, AFolderThatIsNotThereIsNamed) {
  EXPECT_THAT(to_string(load_organisations("/nowhere", "").mistakes.at(0)), HasSubstr("/nowhere"));
}

TEST(ShippedOrganisations, DemoHasItsTwoRooms) {
  const OrganisationsLoad load = load_organisations("conf/organisations", "demo");
  ASSERT_TRUE(load.organisations) << to_string(load.mistakes.at(0));
  const Result<Answering> answering = load.organisations->answering("test@localhost");
  ASSERT_TRUE(answering);
  const Organisation& demo = *answering->organisation;
  EXPECT_TRUE(demo.rooms_on_demand.enabled);
  EXPECT_EQ(demo.rooms_on_demand.max, 100);
  ASSERT_EQ(demo.rooms.size(), 3U);
  EXPECT_EQ(demo.rooms[0].alias, "demo");
  EXPECT_TRUE(demo.rooms[0].host_pin.empty());
  EXPECT_EQ(demo.rooms[1].alias, "test");
  EXPECT_EQ(demo.rooms[1].host_pin.reveal(), "1234");
  EXPECT_TRUE(demo.rooms[1].guests_without_pin);
  EXPECT_EQ(demo.rooms[2].host_leaves, "lobby");
  EXPECT_EQ(demo.rooms[2].lock_at, 2);
}

} // namespace
} // namespace viadux
