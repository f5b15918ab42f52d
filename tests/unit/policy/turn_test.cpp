#include "core/policy/turn.hpp"

#include "core/policy/turn_question.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace viadux {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Computed by openssl: printf '1433895918:viadux' | openssl dgst -sha1 -hmac north
TEST(Turn, CredentialsAreAsCoturnComputesThem) {
  TurnServer server;
  server.urls = {"turn:127.0.0.1:3478"};
  server.secret = Secret("north");
  server.lifetime_s = 3600;
  const TurnAccess access = turn_access(server, 1433895918 - 3600);
  EXPECT_EQ(access.username, "1433895918:viadux");
  EXPECT_EQ(access.credential, "svRebTjyzDZ8hk5qWd+XRHiurXc=");
}

TEST(Turn, NobodyAnswersWhereNobodyIs) {
  EXPECT_EQ(ask_turn("turn:127.0.0.1:1?transport=udp", {}), TurnState::silent);
  EXPECT_EQ(ask_turn("turn:127.0.0.1:1?transport=tcp", {}), TurnState::silent);
  EXPECT_EQ(ask_turn("turns:127.0.0.1:1", {}), TurnState::silent);
}

// The messages themselves are proven by a real coturn: tests/e2e/policy/turn.test.mjs.
TEST(Turn, AnAnswerIsReadWithinItsBounds) {
  const TurnTransaction ours{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::vector<std::uint8_t> bytes{0x01, 0x13, 0x00, 0x18, 0x21, 0x12, 0xa4, 0x42};
  bytes.insert(bytes.end(), ours.begin(), ours.end());
  const std::vector<std::uint8_t> attributes{0x00, 0x09, 0x00, 0x04, 0x00, 0x00, 0x04, 0x01, // 401
                                             0x00, 0x14, 0x00, 0x02, 'r',  'e',  0x00, 0x00, // REALM, padded
                                             0x00, 0x15, 0x00, 0x04, 'n',  'o',  'n',  'c'}; // NONCE
  bytes.insert(bytes.end(), attributes.begin(), attributes.end());
  const auto reply = read_turn_reply(bytes, ours);
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->success);
  EXPECT_EQ(reply->error, 401);
  EXPECT_EQ(reply->realm, "re");
  EXPECT_EQ(reply->nonce, "nonc");
  EXPECT_FALSE(read_turn_reply(bytes, TurnTransaction{9})) << "an answer to somebody else";
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read_turn_reply({bytes.data(), size}, ours)) << size;
  bytes[43 - 4] = 0xff; // the last attribute claims more than there is
  EXPECT_FALSE(read_turn_reply(bytes, ours));
}

std::shared_ptr<const Organisations> with_turn(const std::string& folder) {
  std::filesystem::create_directories(folder + "/demo");
  std::ofstream(folder + "/secret") << "north";
  std::ofstream(folder + "/demo/organisation.toml")
      << "name = 'Demo'\n[[turn]]\nname = 'north'\nurls = ['turn:north.example', 'turn:south.example']\n"
      << "secret = 'file:" << folder << "/secret'\n";
  const auto load = load_organisations(folder, "demo");
  for (const auto& mistake : load.mistakes)
    ADD_FAILURE() << to_string(mistake);
  std::filesystem::remove_all(folder);
  return load.organisations;
}
std::shared_ptr<const Organisations> with_turn() {
  return with_turn(
      (std::filesystem::temp_directory_path() / ("viadux-turn-" + std::to_string(getpid()))).string());
}

TEST(TurnProbe, LeavesOutWhoDoesNotRelayAndTakesItBack) {
  const auto organisations = with_turn();
  std::atomic<TurnState> south{TurnState::refuses};
  TurnProbe probe(5, [&](const std::string& url, const TurnAccess& access) {
    EXPECT_FALSE(access.credential.empty());
    return url == "turn:south.example" ? south.load() : TurnState::works;
  });
  const TurnServer& server = organisations->find("demo")->turn.front();
  EXPECT_TRUE(probe.alive(server, "turn:south.example")) << "before the first answer";
  probe.watch(*organisations);
  const auto settles = [&](bool alive) {
    for (int i = 0; i < 2000 && probe.alive(server, "turn:south.example") != alive; ++i)
      std::this_thread::sleep_for(milliseconds(5));
    return probe.alive(server, "turn:south.example") == alive;
  };
  EXPECT_TRUE(settles(false));
  EXPECT_TRUE(probe.alive(server, "turn:north.example"));
  EXPECT_EQ(probe.dead(), 1U);
  EXPECT_EQ(probe.watched(), 2U);
  south = TurnState::works;
  EXPECT_TRUE(settles(true));
}

TEST(TurnProbe, ALookupThatHangsDelaysNobodysEnd) {
  const auto organisations = with_turn();
  // Outlives the probe, as its thread does.
  struct Gate {
    std::atomic<bool> inside{false}, open{false}, gone{false};
  };
  const auto gate = std::make_shared<Gate>();
  const auto began = [&] {
    TurnProbe probe(5, [gate](const std::string&, const TurnAccess&) {
      gate->inside = true;
      while (!gate->open)
        std::this_thread::sleep_for(milliseconds(1));
      gate->gone = true;
      return TurnState::silent;
    });
    probe.watch(*organisations);
    while (!gate->inside)
      std::this_thread::sleep_for(milliseconds(1));
    return steady_clock::now();
  }(); // and here the probe ends, while its thread hangs
  EXPECT_FALSE(gate->gone);
  EXPECT_GE(steady_clock::now() - began, milliseconds(400)) << "it was waited for, a moment";
  gate->open = true;
  while (!gate->gone)
    std::this_thread::sleep_for(milliseconds(1));
}

} // namespace
} // namespace viadux
