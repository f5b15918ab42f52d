#include "tests/unit/policy/fixture.hpp"

namespace viadux {
namespace {

using documents::DecidedBy;

class Engine : public testing::Test {
 protected:
  Engine() {
    PolicyOptions options;
    options.lanes.own_thread = false;
    options.lanes.queue = 4;
    engine_ = std::make_unique<PolicyEngine>(loop_, metrics_, core_world(), options);
  }
  // Asks and lets the policy run.
  PolicyDecision ask(const std::string& hook, const std::string& organisation,
                     const std::string& question = "{}") {
    std::optional<PolicyDecision> got;
    engine_->ask(hook, organisation, *Json::parse(question),
                 [&](const PolicyDecision& decision) { got = decision; });
    EXPECT_FALSE(got) << "never from inside the call";
    engine_->run_all();
    loop_.run();
    EXPECT_TRUE(got);
    return got.value_or(PolicyDecision{});
  }
  void use(const std::string& organisation, const std::string& text) {
    programs_[organisation] = program_of(organisation, text);
    std::vector<std::shared_ptr<const PolicyProgram>> all;
    for (const auto& [code, program] : programs_)
      all.push_back(program);
    engine_->swap(set_of(all));
  }

  ManualLoop loop_;
  Metrics metrics_;
  std::unique_ptr<PolicyEngine> engine_;
  std::map<std::string, std::shared_ptr<const PolicyProgram>> programs_;
};

TEST_F(Engine, TwoOrganisationsAnswerTheSameQuestionEachInItsWay) {
  use("north", "function hooks.admit(q) return { admitted = q.authenticated ~= 'none' } end");
  use("south", "function hooks.admit(q) return { display_name = text.mask_number(q.display_name) } end");
  const std::string question = R"({"display_name":"+45 12 34 56 78","authenticated":"none"})";
  EXPECT_EQ(ask("admit", "north", question).answer.dump(), R"({"admitted":false})");
  EXPECT_EQ(ask("admit", "south", question).answer.find("display_name")->dump(), R"("••••••••78")");
  EXPECT_EQ(ask("admit", "north", question).decided_by, DecidedBy::policy);
  EXPECT_EQ(ask("theme", "north").decided_by, DecidedBy::by_default);
}

TEST_F(Engine, AFailureIsAnsweredCloselyWhereTheHookIsClosed) {
  use("north", "function hooks.admit(q) error('oh') end function hooks.theme(q) error('oh') end\n"
               "function hooks.recording(q) return { allowed = 1 } end");
  const PolicyDecision admit = ask("admit", "north");
  EXPECT_EQ(admit.decided_by, DecidedBy::failure);
  EXPECT_EQ(admit.answer.dump(), R"({"admitted":true,"lobby":true})");
  EXPECT_EQ(ask("recording", "north").answer.dump(), R"({"allowed":false,"start":false})");
  EXPECT_EQ(ask("theme", "north").answer.dump(), "{}") << "a picture that is missing hurts nobody";
  EXPECT_EQ(engine_->organisations().at("north").last_failure, "north/policy.lua:1: oh");
}

TEST_F(Engine, TheBreakerOpensAfterFiveFailuresAndAnotherOrganisationDoesNotNotice) {
  use("north", "function hooks.admit(q) while true do end end");
  use("south", "function hooks.admit(q) return { role = 'guest' } end");
  std::vector<std::pair<std::string, bool>> alarms;
  engine_->on_alarm(
      [&](const std::string& organisation, bool open) { alarms.emplace_back(organisation, open); });
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask("admit", "north").decided_by, DecidedBy::failure);
  EXPECT_EQ(alarms, (std::vector<std::pair<std::string, bool>>{{"north", true}}));
  const std::int64_t cpu_before = engine_->organisations().at("north").cpu_us;
  EXPECT_EQ(ask("admit", "north").decided_by, DecidedBy::failure);
  EXPECT_EQ(engine_->organisations().at("north").cpu_us, cpu_before) << "it is not even asked";
  EXPECT_EQ(ask("admit", "south").decided_by, DecidedBy::policy);
  loop_.advance(29'000'000);
  EXPECT_EQ(engine_->traces().back().failure, "");
  (void)ask("admit", "north");
  EXPECT_NE(engine_->traces().back().failure.find("too often"), std::string::npos);
  loop_.advance(1'000'001);
  (void)ask("admit", "north");
  EXPECT_EQ(alarms.back(), (std::pair<std::string, bool>{"north", false}));
  EXPECT_EQ(engine_->traces().back().failure.find("too often"), std::string::npos) << "it is asked again";
}

TEST_F(Engine, AMendedPolicyIsAskedAtOnce) {
  use("north", "function hooks.admit(q) error('oh') end");
  for (int i = 0; i < 6; ++i)
    (void)ask("admit", "north");
  EXPECT_TRUE(engine_->organisations().at("north").breaker_open);
  use("north", "function hooks.admit(q) return { lobby = true } end");
  EXPECT_EQ(ask("admit", "north").decided_by, DecidedBy::policy);
}

TEST_F(Engine, WhoGetsNoAnswerInTimeGetsTheFailureAnswerAndThatAlone) {
  use("north", "function hooks.admit(q) return {} end");
  int answers = 0;
  std::optional<PolicyDecision> got;
  engine_->ask("admit", "north", Json(Json::Object{}), [&](const PolicyDecision& decision) {
    ++answers;
    got = decision;
  });
  loop_.advance(249'000);
  EXPECT_EQ(answers, 0);
  loop_.advance(1'000);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->decided_by, DecidedBy::failure);
  engine_->run_all(); // now the policy answers, too late
  loop_.run();
  EXPECT_EQ(answers, 1);
}

TEST_F(Engine, WhatComesTooLateForWhoeverAskedIsNotRun) {
  use("north", "local n = 0 function hooks.admit(q) n = n + 1 return { display_name = 'd' .. n } end");
  for (int i = 0; i < 3; ++i)
    engine_->ask("admit", "north", Json(Json::Object{}), [](const auto&) {});
  loop_.advance(249'000);
  std::string in_time;
  engine_->ask("admit", "north", Json(Json::Object{}),
               [&](const PolicyDecision& decision) { in_time = decision.answer.dump(); });
  loop_.advance(1'000);
  engine_->run_all();
  loop_.run();
  EXPECT_EQ(in_time, R"({"admitted":true,"display_name":"d1"})") << "the first that is run at all";
}

TEST_F(Engine, AFullQueueIsAFailureOfItsOwnOrganisationAlone) {
  use("north", "");
  use("south", "");
  int failed = 0;
  int answered = 0;
  const auto count = [&](const PolicyDecision& decision) {
    ++(decision.decided_by == DecidedBy::failure ? failed : answered);
  };
  for (int i = 0; i < 7; ++i)
    engine_->ask("admit", "north", Json(Json::Object{}), count);
  engine_->ask("admit", "south", Json(Json::Object{}), count);
  engine_->run_all();
  loop_.run();
  EXPECT_EQ(failed, 3);
  EXPECT_EQ(answered, 5);
}

TEST_F(Engine, OrganisationsAreServedInTurn) {
  use("north", "");
  use("south", "");
  std::string order;
  for (int i = 0; i < 3; ++i)
    engine_->ask("admit", "north", Json(Json::Object{}), [&](const auto&) { order += 'n'; });
  engine_->ask("admit", "south", Json(Json::Object{}), [&](const auto&) { order += 's'; });
  engine_->run_all();
  loop_.run();
  EXPECT_EQ(order, "nsnn");
}

TEST_F(Engine, TheSameQuestionIsAnsweredFromTheCacheWhereTheHookSaysSo) {
  use("north", "local n = 0 function hooks.theme(q) n = n + 1 return { theme = 't' .. n } end\n"
               "function hooks.admit(q) n = n + 1 return { display_name = 'd' .. n } end");
  const std::string first = ask("theme", "north", R"({"room":"a"})").answer.dump();
  const std::string trace = engine_->traces().back().id;
  const PolicyDecision again = ask("theme", "north", R"({"room":"a"})");
  EXPECT_EQ(again.answer.dump(), first);
  EXPECT_EQ(again.trace, trace) << "it is that decision";
  EXPECT_EQ(engine_->traces().size(), 1U) << "and none to read twice";
  EXPECT_NE(ask("theme", "north", R"({"room":"b"})").answer.dump(), first);
  loop_.advance(61'000'000);
  EXPECT_NE(ask("theme", "north", R"({"room":"a"})").answer.dump(), first);
  EXPECT_NE(ask("admit", "north").answer.dump(), ask("admit", "north").answer.dump())
      << "admit is asked each time";
  use("north", "function hooks.theme(q) return { theme = 'new' } end");
  EXPECT_EQ(ask("theme", "north", R"({"room":"a"})").answer.dump(), R"({"theme":"new"})")
      << "a reload empties it";
}

TEST_F(Engine, AnUnknownOrganisationOrHookHasDefaults) {
  EXPECT_EQ(ask("admit", "nowhere").answer.dump(), R"({"admitted":true})");
  EXPECT_EQ(ask("no_such_hook", "nowhere").answer.dump(), "{}");
}

TEST_F(Engine, WhatAPolicyKeepsDoesNotEatUpItsMemoryForEver) {
  use("north",
      "local kept = {} function hooks.admit(q) for i = 1, 2000 do kept[#kept + 1] = { i } end return {} end");
  for (int i = 0; i < 300; ++i)
    ASSERT_EQ(ask("admit", "north").decided_by, DecidedBy::policy) << i << engine_->traces().back().failure;
}

} // namespace
} // namespace viadux
