// The room commands, from the words that are typed to the rooms in the store.
#include "core/cli/room_commands.hpp"

#include "core/cli/room_calls.hpp"
#include "tests/unit/meeting/fake_media.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace viadux {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

class RoomCommandsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "viadux_rooms_" + std::to_string(::getpid());
    std::filesystem::remove_all(folder_);
    write("north", "name = \"North\"\n[[room]]\nalias = \"defined\"\nhost_pin = \"271828\"\n");
    write("south", "name = \"South\"\n");
    const OrganisationsLoad load = load_organisations(folder_ + "/organisations", "north");
    ASSERT_TRUE(load.organisations) << load.mistakes.front().message;
    organisations_ = load.organisations;
    ASSERT_TRUE(storage_.start());
    auto opened = ControlSocket::open(loop_, path());
    ASSERT_TRUE(opened) << opened.error().message;
    socket_ = std::move(*opened);
    register_room_commands(*socket_, {rooms_, repository_, [this] { return organisations_; }});
    thread_ = std::thread([this] { loop_.run(); });
  }
  void TearDown() override {
    loop_.post([this] {
      socket_.reset();
      loop_.stop();
    });
    thread_.join();
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& code, const std::string& text) const {
    std::filesystem::create_directories(folder_ + "/organisations/" + code);
    std::ofstream(folder_ + "/organisations/" + code + "/organisation.toml") << text;
  }
  std::string path() const { return folder_ + "/s"; }

  // As it is typed: "add ward3 --name Ward". The options of the settings only; --organisation as well.
  Result<json::value> room(std::vector<std::string> words) {
    const std::string command = "room." + words.front();
    words.insert(words.begin(), "room");
    const auto line = parse_command_line(words, room_calls());
    if (!line) return line.error();
    json::object arguments{{"organisation", line->invocation.named_or("organisation", "")}};
    if (!line->invocation.arguments.empty()) {
      const auto read = room_arguments(line->invocation, 1'000);
      if (!read) return read.error();
      arguments = *read;
    }
    return call_control_socket(path(), command, arguments);
  }
  static OrganisationLimits limits() {
    OrganisationLimits limits;
    limits.known = true;
    return limits;
  }

  std::string folder_;
  std::shared_ptr<const Organisations> organisations_;
  AsioLoop loop_;
  store::Storage storage_{loop_, {.url = "sqlite::memory:", .own_thread = false}};
  store::RoomRepository repository_{storage_};
  FakeMedia media_;
  EventBus bus_{loop_};
  Rooms rooms_{{loop_, media_, bus_, repository_, [](const std::string&) { return limits(); }, nullptr, {}}};
  std::unique_ptr<ControlSocket> socket_;
  std::thread thread_;
};

TEST_F(RoomCommandsTest, ARoomIsMadeChangedListedAndRemoved) {
  const auto made = room({"add", "ward3", "--name", "Ward 3", "--host-pin", "112233", "--guests", "false",
                          "--participants-max=12", "--expires", "8h"});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->at("organisation"), "north") << "the default one";
  EXPECT_EQ(made->at("host_pin"), true);
  EXPECT_EQ(made->at("guest_pin"), false);
  EXPECT_EQ(made->at("guests_allowed"), false);
  EXPECT_EQ(made->at("expires_ms"), 1'000 + 8 * 3'600'000);
  ASSERT_TRUE(room({"add", "ward3", "--organisation", "south"})) << "another organisation's alias";
  EXPECT_EQ(room({"add", "ward3"}).error().reason, "alias_taken");

  const auto changed =
      room({"set", "ward3", "--video-codec", "h264", "--guest-pin", "445566", "--expires", "0"});
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->at("name"), "Ward 3") << "what was not given stays";
  EXPECT_EQ(changed->at("video_codec"), "h264");

  const auto listed = room({"list"});
  ASSERT_TRUE(listed) << listed.error().message;
  ASSERT_EQ(listed->as_array().size(), 2U);
  EXPECT_EQ(listed->at(0), *changed) << "as it is stored";
  EXPECT_EQ(listed->at(1).at("organisation"), "south");
  EXPECT_THAT(json::serialize(*listed), testing::AllOf(Not(HasSubstr("112233")), Not(HasSubstr("445566"))));
  EXPECT_EQ(room({"list", "--organisation", "south"})->as_array().size(), 1U);

  EXPECT_TRUE(room({"remove", "ward3"}));
  EXPECT_EQ(room({"remove", "ward3"}).error().reason, "room_unknown");
  EXPECT_EQ(room({"list"})->as_array().size(), 1U);
}

TEST_F(RoomCommandsTest, MistakesSayWhatWasMeant) {
  ASSERT_TRUE(room({"add", "ward3"}));
  const auto hint = [&](std::vector<std::string> words) {
    const auto answer = room(std::move(words));
    return answer ? "no mistake" : answer.error().message + " | " + answer.error().hint;
  };
  EXPECT_EQ(hint({"set", "ward33", "--name", "x"}),
            "the organisation north has no room \"ward33\" | did you mean ward3?");
  EXPECT_EQ(hint({"list", "--organisation", "nort"}),
            "there is no organisation \"nort\" | did you mean north?");
  EXPECT_THAT(hint({"set", "defined", "--name", "x"}), HasSubstr("organisation.toml"));
  EXPECT_THAT(hint({"remove", "defined"}), HasSubstr("organisation.toml"));
  EXPECT_THAT(hint({"ad", "x"}), HasSubstr("did you mean room add?"));
  EXPECT_THAT(hint({"add", "x", "--hostpin", "1"}), HasSubstr("did you mean --host-pin?"));
  EXPECT_THAT(hint({"add", "x", "--host-pin", "12"}), HasSubstr("--host-pin must be 4 to 20 digits"));
  EXPECT_THAT(hint({"add", "x", "--host-pin", "12"}), Not(HasSubstr("12 "))) << "not even a wrong PIN";
  EXPECT_THAT(hint({"add", "x", "--guest-pin", "1234"}), HasSubstr("needs a host PIN"));
  EXPECT_THAT(hint({"add", "x", "--video-codec", "h265"}), HasSubstr("h264"));
  EXPECT_THAT(hint({"add", "x", "--guests", "yes"}), HasSubstr("true or false"));
  EXPECT_THAT(hint({"add", "X y"}), HasSubstr("small letters"));
  EXPECT_THAT(hint({"add"}), HasSubstr("room add needs ALIAS"));
}

TEST_F(RoomCommandsTest, NonsenseOnTheSocketIsRefused) {
  const auto add = [&](const char* settings) {
    return call_control_socket(path(), "room.add", {{"alias", "x"}, {"settings", json::parse(settings)}});
  };
  for (const char* settings : {R"({"name":1})", R"({"guests_allowed":"yes"})", R"({"participants_max":-1})",
                               R"({"video_codec":0})", R"({"nam":""})"})
    EXPECT_EQ(add(settings).error().reason, "room_malformed") << settings;
  EXPECT_EQ(add(R"({"nam":""})").error().hint, "did you mean name?");
  EXPECT_EQ(call_control_socket(path(), "room.add", {}).error().reason, "alias_malformed");
  EXPECT_EQ(call_control_socket(path(), "room.remove", {{"alias", 5}}).error().reason, "room_unknown");
  EXPECT_EQ(room({"list"})->as_array().size(), 0U);
}

} // namespace
} // namespace viadux
