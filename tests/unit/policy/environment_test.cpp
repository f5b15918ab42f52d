#include "tests/unit/policy/fixture.hpp"

namespace viadux {
namespace {

using testing::Test;

TEST(PolicyHooks, OfTheCoreFitTheirOwnSchemas) {
  EXPECT_EQ(
      core_hooks().names(),
      (std::vector<std::string>{"admit", "avatar", "client_log", "directory", "layout", "media", "recording",
                                "registration", "retention", "service", "sms", "theme", "two_factor"}));
}

TEST(PolicyHooks, ANameIsTakenOnce) {
  PolicyHooks hooks = core_hooks();
  const auto add = [&](const char* name, const char* plugin, const char* answer = "{}") {
    const auto added = hooks.add({name, plugin, "", "", "", answer, "", 0});
    return added ? "" : added.error().reason + ": " + added.error().message;
  };
  EXPECT_EQ(add("admit", "door"), "hook_taken: it declares the hook admit, which the core has");
  EXPECT_EQ(add("door_ring", "door"), "");
  EXPECT_EQ(add("door_ring", "door"), "hook_taken: it declares the hook door_ring, which it declares twice");
  EXPECT_EQ(add("door_ring", "bell"),
            "hook_taken: it declares the hook door_ring, which the plugin door declares already");
}

TEST(PolicyEnvironment, AnswersWithWhatTheScriptSays) {
  OnePolicy policy(R"(
function hooks.admit(person)
  if person.authenticated == "none" and text.starts_with(person.room, "psyk-") then
    return { admitted = false, message = "Please use the link in your invitation." }
  end
  return parent.admit(person)
end)");
  EXPECT_EQ(policy.answer("admit", R"({"room":"psyk-12","authenticated":"none"})"),
            R"({"admitted":false,"message":"Please use the link in your invitation."})");
  EXPECT_EQ(policy.answer("admit", R"({"room":"psyk-12","authenticated":"pin"})"), R"({"admitted":true})");
  EXPECT_EQ(policy.answer("theme"), "default") << "no file of the chain has that hook";
}

TEST(PolicyEnvironment, AChildMayAskItsParentAndIsNotItsParent) {
  PolicyEnvironment environment(core_world(), {});
  const auto program = make_program(
      "ward",
      {shipped_default(),
       policy_file("region", "local word = 'region'\nfunction hooks.theme(q) return { theme = word } end\n"
                             "function hooks.admit(q) return { admitted = q.role == 'host' } end"),
       policy_file("ward",
                   "local word = 'ward'\nfunction hooks.theme(q)\n"
                   "  local above = parent.theme(q)\n  return { theme = above.theme .. '+' .. word }\nend")});
  const auto fault = environment.load(*program);
  ASSERT_FALSE(fault) << to_string(*fault);
  EXPECT_EQ(environment.decide(*core_world().hooks.find("theme"), Json(Json::Object{})).answer->dump(),
            R"({"theme":"region+ward"})");
  const PolicyVerdict inherited =
      environment.decide(*core_world().hooks.find("admit"), *Json::parse(R"({"role":"guest"})"));
  EXPECT_EQ(inherited.answer->dump(), R"({"admitted":false})");
  EXPECT_EQ(inherited.decided_in, "region/policy.lua");
}

TEST(PolicyEnvironment, AMistakeIsSaidWithItsLineAndTheRightName) {
  EXPECT_EQ(OnePolicy("function hooks.admitt(q) end").answer("admit"),
            "fault: clinic/policy.lua:1: there is no hook 'admitt'; did you mean \"admit\"?");
  EXPECT_EQ(OnePolicy("\nfunction hooks.admit(q)\n  return { admitted = q.roo == 'x' }\nend").answer("admit"),
            "fault: clinic/policy.lua:3: there is no field 'roo' here; did you mean \"room\"?");
  EXPECT_EQ(
      OnePolicy("function hooks.admit(q) return { admited = true } end").answer("admit"),
      "fault: clinic/policy.lua: admit gave an answer that cannot be used: admited: there is no such field; "
      "did you mean \"admitted\"?");
  EXPECT_EQ(OnePolicy("function hooks.admit(q) return { role = 'hots' } end").answer("admit"),
            "fault: clinic/policy.lua: admit gave an answer that cannot be used: role: must be one of: host, "
            "guest, "
            "not \"hots\" (did you mean \"host\"?)");
  EXPECT_EQ(OnePolicy("limit = 5").answer("admit"),
            "fault: clinic/policy.lua:1: write 'local limit = ...': without 'local' it would be everybody's");
  EXPECT_EQ(OnePolicy("function hooks.admit(q)\n  retrun = 1\nend\nfoo()").answer("admit"),
            "fault: clinic/policy.lua:4: 'foo' is not known here (a typing mistake, or a 'local' that is "
            "missing?)");
}

TEST(PolicyEnvironment, SyntaxErrorsHaveTheirLine) {
  const OnePolicy policy("function hooks.admit(q)\n  if q.room then\n    return {}\nend\n");
  ASSERT_TRUE(policy.fault);
  EXPECT_EQ(policy.fault->file, "clinic/policy.lua");
  EXPECT_GE(policy.fault->line, 4);
}

TEST(PolicyEnvironment, NotesAreKept) {
  OnePolicy policy("function hooks.admit(q) note('room is ' .. q.room) print(1) return {} end");
  const PolicyVerdict verdict = policy.decide("admit", R"({"room":"x"})");
  EXPECT_EQ(verdict.notes, (std::vector<std::string>{"room is x", "1"}));
  EXPECT_EQ(verdict.answer->dump(), R"({"admitted":true})") << "what is left out is the default";
}

TEST(PolicyEnvironment, AnOrganisationMayTightenWhatHappensOnFailure) {
  OnePolicy policy("close_on_failure('theme')");
  EXPECT_TRUE(policy.environment.closed_on_failure("theme"));
  EXPECT_FALSE(policy.environment.closed_on_failure("layout"));
}

} // namespace
} // namespace viadux
