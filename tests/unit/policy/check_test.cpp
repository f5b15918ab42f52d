#include "core/policy/check.hpp"
#include "tests/unit/policy/fixture.hpp"

namespace viadux {
namespace {

// All findings, one a line.
std::string check(const std::string& text, const std::string& tests = {}) {
  const auto program = make_program("clinic", {shipped_default(), policy_file("clinic", text, tests)});
  std::string out;
  for (const PolicyFinding& finding : check_policy(core_world(), *program, {}))
    out += to_string(finding) + "\n";
  return out;
}

TEST(PolicyCheck, AGoodPolicyHasNoFindings) {
  EXPECT_EQ(check(R"(
local vip = { "anna", "bo" }
local function known(name) return list.contains(vip, text.lower(name)) end
function hooks.admit(person)
  for i, each in ipairs(vip) do note(i .. each) end
  local q = person
  if known(person.display_name) and q.role == "guest" or #person.room > 3 then
    return { admitted = true, role = "host", rights = { send_audio = false } }
  end
  goto done
  ::done::
  repeat local x = 1 until x == 1
  return parent.admit(person)
end)"),
            "");
}

TEST(PolicyCheck, UnknownHooksNamesFieldsAndFunctionsAreFoundWithoutBeingRun) {
  EXPECT_EQ(check("function hooks.admitt(person)\nend\n"),
            "clinic/policy.lua:1:16: there is no hook 'admitt' (did you mean \"admit\"?)\n");
  EXPECT_EQ(check("function hooks.admit(person)\n  if person.room == 'never' then return { x = "
                  "person.protocoll } end\nend"),
            "clinic/policy.lua:2:43: the answer has no field 'x' (there are: admitted, bypass_lock, "
            "display_name, hears, lobby, "
            "message, rights, role, speaks_in)\n"
            "clinic/policy.lua:2:54: the question has no field 'protocoll' (did you mean \"protocol\"?)\n");
  EXPECT_EQ(
      check(
          "function hooks.admit(person)\n  if person.room == 'never' then text.trimm(pesron.room) end\nend"),
      "clinic/policy.lua:2:39: there is no function 'text.trimm' (did you mean \"trim\"?)\n"
      "clinic/policy.lua:2:45: 'pesron' is not known here (did you mean \"person\"?)\n");
  EXPECT_EQ(check("function hooks.admit(person)\n  if false then total = 1 end\nend"),
            "clinic/policy.lua:2:17: 'total' would be everybody's (write 'local total = ...')\n");
  EXPECT_EQ(
      check(
          "function hooks.admit(q) if q.room == 'x' then return { rights = { send_adio = false } } end end"),
      "clinic/policy.lua:1:67: the answer has no field 'send_adio' (did you mean \"send_audio\"?)\n");
  EXPECT_EQ(check("function hooks.admit(q) return parent.admin(q) end").substr(0, 69),
            "clinic/policy.lua:1:39: there is no hook 'admin' (did you mean \"admit");
}

TEST(PolicyCheck, TextsThatAFieldNeverHasAreFound) {
  EXPECT_EQ(
      check("function hooks.admit(q)\n  if q.authenticated == 'pinn' then return { role = 'gest' } end\nend"),
      "clinic/policy.lua:2:25: 'authenticated' is never \"pinn\" (did you mean \"pin\"?)\n"
      "clinic/policy.lua:2:53: role: must be one of: host, guest, not \"gest\" (did you mean \"guest\"?)\n");
}

TEST(PolicyCheck, SyntaxIsSaidInPlainWordsWithAColumn) {
  EXPECT_EQ(check("function hooks.admit(q)\n  if q.room = 'x' then return {} end\nend"),
            "clinic/policy.lua:2:13: a comparison is written ==, not =\n");
  EXPECT_EQ(
      check("function hooks.admit(q)\n  if q.locked then\n    return {}\nend\n").substr(0, 100),
      "clinic/policy.lua:5:1: the 'function' of line 1 is not closed: an 'end' is missing before <eof>\n");
}

TEST(PolicyCheck, WhatFailsOnlyWhenItRunsIsFoundByAnExample) {
  EXPECT_EQ(check("function hooks.admit(q)\n  local t\n  return { message = t.x }\nend"),
            "clinic/policy.lua:3:22: 't' has no value here, so nothing can be read from it; ask first: if t "
            "then ... "
            "end\n");
  EXPECT_NE(check("function hooks.theme(q) while true do end end").find("theme"), std::string::npos);
}

TEST(PolicyCheck, TheWritersCasesAreRun) {
  EXPECT_EQ(
      check("function hooks.admit(q) return { admitted = false } end",
            "return { { name = 'comes in', hook = 'admit', input = {}, expect = { admitted = true } } }"),
      "clinic/policy.test.lua: the case \"comes in\" fails: admitted should be true, but is false\n  the "
      "whole "
      "answer: {\"admitted\":false}\n");
  EXPECT_NE(check("", "return { { hook = 'admit', inptu = {} } }").find("did you mean \"input\"?"),
            std::string::npos);
  EXPECT_NE(
      check("", "return { { hook = 'admit', input = { roome = 'x' }, expect = {} } }").find("\"room\"?"),
      std::string::npos);
}

TEST(PolicyCheck, BrokenTextsOfAnyKindEndTheReading) {
  for (const char* text :
       {"", "\"", "[[", "--[[", "function", "function hooks.", "return {{{{{{", "local", "for", "if x",
        "a.b:c", "((((((", "hooks.admit = ", "x = = 1", "\x1bLua", "goto", "::", "local x <"})
    (void)read_policy(core_world(), "x", text);
  (void)read_policy(core_world(), "x", "return " + std::string(100'000, '('));
  (void)read_policy(core_world(), "x", "x = " + std::string(100'000, '-') + "1");
}

} // namespace
} // namespace viadux
