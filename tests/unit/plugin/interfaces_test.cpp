// The host's own interfaces, over the real meeting, bus, tokens and an SQLite in memory; only media is not
// real.
#include "core/auth/memory_tokens.hpp"
#include "core/log/capture.hpp"
#include "core/plugin/auth_interface.hpp"
#include "core/plugin/events_interface.hpp"
#include "core/plugin/media_interface.hpp"
#include "core/plugin/policy_interface.hpp"
#include "core/plugin/policy_world.hpp"
#include "core/plugin/rooms_interface.hpp"
#include "core/plugin/store_interface.hpp"
#include "core/policy/engine.hpp"
#include "meeting/fake_media.hpp"
#include "plugin/harness.hpp"

#include <filesystem>
#include <fstream>
#include <viadux/documents/events.hpp>

namespace viadux::plugin_test {
namespace {

std::shared_ptr<const Organisations> demo_organisation() {
  const auto folder =
      std::filesystem::temp_directory_path() / ("viadux_plugin_test_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "demo");
  std::ofstream(folder / "demo/organisation.toml") << "name = 'Demo'\ndomains = ['example.org']\n";
  const auto load = load_organisations(folder.string(), "demo");
  for (const auto& mistake : load.mistakes)
    ADD_FAILURE() << to_string(mistake);
  std::filesystem::remove_all(folder);
  return load.organisations;
}

class Offered : public PluginHarness {
 public:
  void SetUp() override {
    log_.emplace();
    ASSERT_TRUE(storage_.start());
    host_.load(folder("sound")); // a second plugin, which owns nothing of the first one's
    host_.offer(
        std::make_unique<RoomsInterface>(RoomsInterface::Parts{rooms_, auth_, [this] { return tree_; }, {}}));
    host_.offer(std::make_unique<MediaInterface>(MediaInterface::Parts{
        host_.services(), rooms_, [](SessionId session, const auto& done) { done(statistics(session)); },
        [](const auto&) -> Result<std::unique_ptr<TrackPort>> {
          return make_error(ErrorCode::unsupported, "no_media", "there is no engine here");
        }}));
    host_.offer(std::make_unique<EventsInterface>(bus_, host_.services()));
    host_.offer(std::make_unique<AuthInterface>(auth_));
    world_ = make_policy_world(host_);
    PolicyOptions options;
    options.lanes.own_thread = false;
    policies_.emplace(loop_, metrics_, world_, options);
    const PolicyAsk ask = [this](std::string_view hook, const std::string& organisation, const Json& question,
                                 const PolicyDone& done) {
      policies_->ask(hook, organisation, question, done);
      loop_.post([this] { policies_->run_all(); });
    };
    host_.offer(std::make_unique<PolicyInterface>(host_.services(), ask, [this] { return tree_; }));
    host_.offer(std::make_unique<StoreInterface>(plugin_rows_, loop_));
    start();
    auth_.start([](const Result<void>&) {});
    loop_.run();
  }
  void TearDown() override {
    if (!stopped_) stop();
  }
  // Creates a room with PINs and admits somebody as host.
  Reply admit(const std::string& more = R"(,"pin":"1234")") {
    if (!made_) {
      const Reply room =
          call_now("viadux.rooms", "create",
                   R"({"to":{"address":"team@example.org"},"host_pin":"1234","guest_pin":"9999"})");
      EXPECT_EQ(room.status, VIADUX_OK) << room.document;
      made_ = true;
    }
    return call_now("viadux.rooms", "admit",
                    R"({"to":{"address":"Team","http_host":"example.org"},"source_address":"192.0.2.7")" +
                        more + "}");
  }
  static std::string ref(const char* name, const std::string& handle) {
    return std::string("{\"") + name + "\":\"" + handle + "\"}";
  }
  std::string open(const std::string& participant) {
    const Reply reply = call_now("viadux.media", "open",
                                 R"({"participant":")" + participant + R"(","offer":"+audio -video"})");
    EXPECT_EQ(reply.status, VIADUX_OK) << reply.document;
    return reply.field("session");
  }

  // As Session::statistics() writes it; tests/plugin/tape.sh shows the real one.
  static Result<std::string> statistics(SessionId session) {
    return R"({"session":)" + std::to_string(session) +
           R"(,"worker":1,"connected":true,"rtt_us":21000,"target_bps":900000,"limit":3,"loss":0.05,)"
           R"("new_one":{},"tracks":[{"track":4294967297,"packets":7,"encodings":[{"active":true,"width":320}]}],)"
           R"("slots":[{"slot":2,"track":0,"encoding":null,"temporal":1,"switches":3}]})";
  }

  std::optional<LogCapture> log_;
  FakeMedia media_;
  PolicyWorld world_;
  std::optional<PolicyEngine> policies_;
  store::Storage storage_{loop_, {.url = "sqlite::memory:", .own_thread = false}};
  store::RoomRepository room_rows_{storage_};
  store::PluginRepository plugin_rows_{storage_};
  EventBus bus_{loop_};
  Rooms rooms_{{loop_,
                media_,
                bus_,
                room_rows_,
                [](const std::string&) {
                  OrganisationLimits limits;
                  limits.known = true;
                  return limits;
                },
                nullptr,
                {}}};
  std::shared_ptr<const Organisations> tree_ = demo_organisation();
  MemoryTokens tokens_{loop_};
  Auth auth_{loop_, tokens_, tree_};
  bool made_ = false;
};

TEST_F(Offered, FindsTheOrganisationByWhatWasDialled) {
  EXPECT_EQ(admit().field("role"), "host");
  const Reply found = call_now("viadux.rooms", "find", R"({"to":{"address":"sip:TEAM@Example.org"}})");
  EXPECT_EQ(found.field("alias"), "team");
  EXPECT_EQ(found.field("organisation"), "demo");
  EXPECT_EQ(found.field("participants"), "1");
  EXPECT_EQ(found.document.find("1234"), std::string::npos) << "a PIN came out";
  EXPECT_EQ(call_now("viadux.rooms", "find", R"({"to":{"address":"a b"}})").field("reason"),
            "address_malformed");
  EXPECT_EQ(call_now("viadux.rooms", "find", R"({"to":{}})").field("field"), "to.address");
}

TEST_F(Offered, ChecksPinsAndTokens) {
  EXPECT_EQ(admit(R"(,"pin":"9999")").field("role"), "guest");
  EXPECT_EQ(admit(R"(,"pin":"0000")").field("reason"), "pin_wrong");
  EXPECT_EQ(admit("").field("reason"), "pin_required");
  EXPECT_EQ(admit(R"(,"token":"vdx_invented")").field("reason"), "token_unknown");
  std::string token;
  NewToken wanted;
  wanted.role = PrincipalRole::operator_;
  wanted.organisation = "demo";
  wanted.label = "test";
  auth_.create(wanted, [&token](Result<CreatedToken> made) { token = made->token.reveal(); });
  loop_.run();
  EXPECT_EQ(admit(R"(,"token":")" + token + "\"").field("role"), "host");
  EXPECT_EQ(
      call_now("viadux.auth", "check", R"({"token":")" + token + R"(","source":"192.0.2.1"})").field("role"),
      "operator");
  EXPECT_EQ(call_now("viadux.auth", "check",
                     R"({"token":")" + token +
                         R"(","source":"192.0.2.1","needed":"policy_writer","organisation":"demo"})")
                .field("reason"),
            "role_missing");
}

TEST_F(Offered, OpensAndSteersSessions) {
  const std::string participant = admit().field("participant");
  const std::string session = open(participant);
  EXPECT_EQ(session.size(), 16U);
  EXPECT_EQ(
      call_now("viadux.media", "candidates", R"({"session":")" + session + R"(","fragment":"a=x"})").status,
      VIADUX_OK);
  EXPECT_EQ(call_now("viadux.media", "update", R"({"session":")" + session + R"(","offer":"+audio"})").status,
            VIADUX_OK);
  EXPECT_EQ(call_now("viadux.media", "open", R"({"participant":")" + participant + R"(","offer":"bad"})")
                .field("reason"),
            "sdp_malformed");
  EXPECT_EQ(call_now("viadux.media", "close", ref("session", session)).status, VIADUX_OK);
  EXPECT_EQ(call_now("viadux.media", "close", ref("session", session)).status, VIADUX_GONE);
  EXPECT_EQ(instance("caller").counters().stale_handles, 1U);
}

TEST_F(Offered, TellsASessionsStatistics) {
  const std::string session = open(admit().field("participant"));
  const Reply reply = call_now("viadux.media", "statistics", ref("session", session));
  const auto told = read_document<documents::SessionStatistics>(reply.document);
  ASSERT_TRUE(told) << reply.document;
  EXPECT_EQ(write_handle(told->session), session);
  EXPECT_EQ(told->rtt_us, 21'000);
  EXPECT_EQ(told->limit, documents::EstimateLimit::loss);
  EXPECT_EQ(told->tracks.at(0).track.value, 4'294'967'297U);
  EXPECT_EQ(told->tracks.at(0).encodings.at(0).width, 320);
  EXPECT_EQ(told->tracks.at(0).cap_bps, std::nullopt);
  EXPECT_FALSE(told->slots.at(0).track);
  EXPECT_EQ(told->slots.at(0).encoding, std::nullopt);
  EXPECT_EQ(told->slots.at(0).temporal, 1);
  EXPECT_EQ(call_now("viadux.media", "statistics", ref("session", "00000000000000ff")).field("reason"),
            "session_gone");
}

TEST_F(Offered, ASessionOfAnotherPluginIsGone) {
  const std::string session = open(admit().field("participant"));
  const Reply by_other = call_now(
      "test.sound", "relay", R"({"interface":"viadux.media","method":"close","text":"x","deadline_us":0})");
  EXPECT_EQ(by_other.status, VIADUX_BAD_ARGUMENT); // no session named at all
  EXPECT_EQ(media_.sessions.size(), 1U);
  EXPECT_EQ(call_now("viadux.media", "close", ref("session", "00000000000000ff")).status, VIADUX_GONE);
}

TEST_F(Offered, AHostMovesNobodyIntoAnothersRoom) {
  const Reply host = admit();
  const Reply guest = admit(R"(,"pin":"9999")");
  ASSERT_EQ(call_now("viadux.rooms", "create", R"({"to":{"address":"other@example.org"}})").status,
            VIADUX_OK);
  const Reply other =
      call_now("viadux.rooms", "admit",
               R"({"to":{"address":"other","http_host":"example.org"},"source_address":"192.0.2.8"})");
  ASSERT_EQ(other.status, VIADUX_OK) << other.document;
  const std::string by = R"(,"by":")" + host.field("participant") + R"("})";
  const auto move = [&](const std::string& to, const std::string& end) {
    return call_now("viadux.rooms", "move",
                    R"({"participant":")" + guest.field("participant") + R"(","room":")" + to + R"(")" + end);
  };
  EXPECT_EQ(move(other.field("room"), by).field("reason"), "host_only");
  const Reply breakout = call_now("viadux.rooms", "create_breakout",
                                  R"({"room":")" + host.field("room") + R"(","name":"one")" + by);
  ASSERT_EQ(breakout.status, VIADUX_OK) << breakout.document;
  EXPECT_EQ(move(breakout.field("room"), by).status, VIADUX_OK);
  EXPECT_EQ(move(host.field("room"), by).status, VIADUX_OK);
  EXPECT_EQ(move(other.field("room"), "}").status, VIADUX_OK) << "the server may";
}

TEST_F(Offered, ASourceOfIpv6GuessesByItsNetwork) {
  ASSERT_EQ(admit().status, VIADUX_OK);
  const auto guess = [&](const std::string& source) {
    const std::string asked =
        R"({"to":{"address":"Team","http_host":"example.org"},"pin":"0000","source_address":")";
    return call_now("viadux.rooms", "admit", asked + source + R"("})").field("reason");
  };
  for (int i = 1; i <= 5; ++i)
    EXPECT_EQ(guess("2001:db8:0:1::" + std::to_string(i)), "pin_wrong");
  EXPECT_EQ(guess("2001:db8:0:1::6"), "pin_slowed");
  EXPECT_EQ(guess("2001:db8:0:2::1"), "pin_wrong");
}

TEST_F(Offered, EachChoosesWhatItHearsAndAHostWhatSomebodySpeaksIn) {
  const std::string host = admit().field("participant");
  const std::string guest = admit(R"(,"pin":"9999")").field("participant");
  const std::string other = admit(R"(,"pin":"9999")").field("participant");
  const auto set = [&](const std::string& by, const std::string& who, const std::string& what) {
    const Reply reply = call_now("viadux.rooms", "set_participant",
                                 R"({"participant":")" + who + R"(","by":")" + by + R"(",)" + what + "}");
    return reply.status == VIADUX_OK ? std::string("done")
                                     : reply.field("reason") + " " + reply.field("field");
  };
  EXPECT_EQ(set(guest, guest, R"("hears":"ar")"), "done");
  EXPECT_EQ(set(guest, guest, R"("speaks_in":"ar")"), "host_only ");
  EXPECT_EQ(set(guest, other, R"("hears":"ar")"), "host_only ");
  EXPECT_EQ(set(host, other, R"("speaks_in":"ar","hears":"da")"), "done");
  EXPECT_EQ(set(host, host, R"("speaks_in":"ar")"), "done");
  EXPECT_EQ(set(host, guest, R"("speaks_in":"Arabic")"), "channel_malformed speaks_in");
  EXPECT_EQ(set(host, guest, R"("hears":"seventeen-letters")"), "field_invalid hears");
  const Reply told = call_now("viadux.rooms", "participant", ref("participant", other));
  EXPECT_EQ(told.field("speaks_in") + " " + told.field("hears"), "ar da");
  EXPECT_EQ(call_now("viadux.rooms", "participant", ref("participant", guest)).field("speaks_in"), "");
}

TEST_F(Offered, SteersParticipantsAndRooms) {
  const Reply in = admit();
  const std::string participant = in.field("participant");
  const std::string room = in.field("room");
  EXPECT_EQ(call_now("viadux.rooms", "set_participant",
                     R"({"participant":")" + participant + R"(","audio_muted":true,"role":"guest"})")
                .status,
            VIADUX_OK);
  const Reply told = call_now("viadux.rooms", "participant", ref("participant", participant));
  EXPECT_EQ(told.field("audio_muted"), "true");
  EXPECT_EQ(told.field("role"), "guest");
  EXPECT_EQ(told.field("protocol"), "caller");
  EXPECT_EQ(call_now("viadux.rooms", "set_running", R"({"room":")" + room + R"(","locked":true})").status,
            VIADUX_OK);
  EXPECT_EQ(call_now("viadux.rooms", "list").field("rooms"), "[\"" + room + "\"]");
  EXPECT_EQ(call_now("viadux.rooms", "leave", ref("participant", participant)).status, VIADUX_OK);
  EXPECT_EQ(call_now("viadux.rooms", "leave", ref("participant", participant)).field("reason"),
            "participant_gone");
  EXPECT_EQ(call_now("viadux.rooms", "set_running", R"({"room":"00000000000000aa","locked":true})").status,
            VIADUX_GONE);
}

TEST_F(Offered, EventsComeBeforeTheDoneOfTheCallThatCausedThem) {
  admit();
  static std::vector<std::string> seen;
  seen.clear();
  const auto* events =
      static_cast<const viadux_events*>(table()->get_interface(table()->context, to_text(VIADUX_EVENTS)));
  ASSERT_TRUE(events);
  const auto note = [](void*, viadux_handle, viadux_text document) {
    const auto event = read_document<documents::Event>(to_view(document));
    ASSERT_TRUE(event) << to_view(document);
    seen.push_back(event->type);
  };
  viadux_handle subscription = 0;
  ASSERT_EQ(events->subscribe(table()->context, {}, note, nullptr, &subscription),
            static_cast<viadux_status>(VIADUX_OK));
  table()->call(
      table()->context, to_text("viadux.rooms"), to_text("admit"),
      to_text(R"({"to":{"address":"team@example.org"},"pin":"1234"})"), 0,
      [](void*, viadux_call, viadux_status, viadux_text) { seen.push_back("done"); }, nullptr);
  loop_.advance(10'000);
  ASSERT_GE(seen.size(), 2U);
  EXPECT_EQ(seen.front(), "participant_joined");
  EXPECT_EQ(seen.back(), "done");
  EXPECT_EQ(table()->close(table()->context, subscription), static_cast<viadux_status>(VIADUX_OK));
  seen.clear();
  admit();
  EXPECT_TRUE(seen.empty());
}

TEST_F(Offered, SnapshotTellsTheStateAndItsId) {
  const Reply in = admit(R"(,"pin":"1234","display_name":"Åse")");
  const Reply snapshot = call_now("viadux.events", "snapshot", ref("room", in.field("room")));
  const auto document = read_document<documents::Snapshot>(snapshot.document);
  ASSERT_TRUE(document) << snapshot.document;
  EXPECT_GE(document->id, 1);
  documents::Participant participant;
  ASSERT_TRUE(from_json(document->state.find("participants")->array()->at(0), participant));
  EXPECT_EQ(participant.display_name, "Åse");
  EXPECT_EQ(participant.role, documents::Role::host);
}

TEST_F(Offered, KeepsThingsForEachPluginAlone) {
  EXPECT_EQ(call_now("viadux.store", "put", R"({"key":"a","value":{"x":[1,2]}})").status, VIADUX_OK);
  EXPECT_EQ(call_now("viadux.store", "get", R"({"key":"a"})").field("value"), R"({"x":[1,2]})");
  EXPECT_EQ(call_now("viadux.store", "list", R"({"prefix":"a"})").field("entries"),
            R"([{"key":"a","value":{"x":[1,2]},"expires_ms":0}])");
  EXPECT_EQ(call_now("viadux.store", "erase", R"({"key":"a"})").status, VIADUX_OK);
  EXPECT_EQ(call_now("viadux.store", "get", R"({"key":"a"})").status, VIADUX_NOT_FOUND);
  EXPECT_EQ(call_now("viadux.store", "put", R"({"key":""})").field("field"), "key");
}

TEST_F(Offered, AHookAnswersItsDefaultWithATraceAndIsCounted) {
  const auto ask = [this](const char* organisation, const char* hook) {
    return call_now("test.sound", "asks",
                    std::string(R"({"interface":")") + organisation + R"(","method":")" + hook +
                        R"(","text":"x"})");
  };
  const std::string first = ask("demo", "sound_may_say").field("text");
  const std::string second = ask("demo", "sound_may_say").field("text");
  EXPECT_EQ(first.size(), std::string("allowed 0123456789abcdef").size()) << first;
  EXPECT_NE(first, second) << "each decision has a trace of its own";
  EXPECT_TRUE(metric(R"(viadux_policy_decisions_total{decided_by="default",hook="sound_may_say"} 2)"))
      << metrics_.serialize();
  EXPECT_EQ(ask("nowhere", "sound_may_say").field("reason"), "organisation_unknown");
  EXPECT_EQ(ask("demo", "sound_may_dance").field("reason"), "hook_unknown");
  EXPECT_EQ(
      call_now("viadux.policy", "ask", R"({"hook":"sound_may_say","organisation":"demo"})").field("reason"),
      "hook_unknown")
      << "it is another plugin's";
}

TEST_F(Offered, TheCoresHooksAnswerTheirDefaults) {
  const auto answer = [this](const char* hook) {
    return call_now("viadux.policy", "ask",
                    std::string(R"({"hook":")") + hook +
                        R"(","organisation":"demo","question":{"room":"x"}})")
        .field("answer");
  };
  EXPECT_EQ(answer("service"), R"({"action":"as_dialled"})");
  EXPECT_EQ(answer("admit"), R"({"admitted":true})");
  EXPECT_EQ(call_now("viadux.policy", "ask", R"({"hook":"admit","organisation":"demo","question":[1]})")
                .field("field"),
            "question");
}

TEST_F(Offered, WhoCameByAPluginLeavesWhenItStops) {
  open(admit().field("participant"));
  admit();
  EXPECT_EQ(rooms_.participants(), 2U);
  EXPECT_EQ(media_.sessions.size(), 1U);
  stop();
  EXPECT_EQ(rooms_.participants(), 0U);
  EXPECT_TRUE(media_.sessions.empty());
}

} // namespace
} // namespace viadux::plugin_test
