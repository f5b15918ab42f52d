// Scripts that try to hurt: each costs its own organisation an answer, and nobody else anything.
#include "tests/unit/policy/fixture.hpp"

#include <chrono>

namespace viadux {
namespace {

// Which limit is met first depends on the machine; tests of each by itself are below.
enum class Ends : std::uint8_t { as_an_error, at_a_limit, either };

struct Attack {
  const char* name;
  const char* script;
  Ends ends;
};

std::ostream& operator<<(std::ostream& out, const Attack& attack) {
  return out << attack.name;
}

class Attacked : public testing::TestWithParam<Attack> {};

// Much more than 20 ms of CPU time, since the machine is shared; much less than anything that does not end.
constexpr auto patience = std::chrono::seconds(10);

TEST_P(Attacked, IsStoppedAndTheStateLives) {
  const std::string text =
      std::string(GetParam().script) + "\nfunction hooks.theme(q) return { theme = 'well' } end";
  OnePolicy policy(text);
  ASSERT_FALSE(policy.fault) << to_string(*policy.fault);
  for (int round = 0; round < 3; ++round) {
    const auto began = std::chrono::steady_clock::now();
    const PolicyVerdict verdict = policy.decide("admit", R"({"room":"x","display_name":"aaaaaaaa"})");
    EXPECT_LT(std::chrono::steady_clock::now() - began, patience);
    ASSERT_TRUE(verdict.fault) << verdict.answer->dump();
    const bool error = verdict.fault->stopped == StoppedBy::error;
    if (GetParam().ends != Ends::either) {
      EXPECT_EQ(error, GetParam().ends == Ends::as_an_error) << to_string(*verdict.fault);
    }
    EXPECT_EQ(policy.answer("theme"), R"({"theme":"well"})") << "the next question is answered as ever";
    EXPECT_LT(policy.environment.used_memory(), std::size_t{8} * 1024 * 1024);
  }
}

const Attack attacks[] = {
    {"endless_loop", "function hooks.admit(q) while true do end end", Ends::at_a_limit},
    {"endless_loop_in_pcall",
     "function hooks.admit(q) while true do pcall(function() while true do end end) end end",
     Ends::at_a_limit},
    {"endless_recursion", "local function f() return 1 + f() end\nfunction hooks.admit(q) return f() end",
     Ends::either},
    {"endless_tail_calls", "local function f() return f() end\nfunction hooks.admit(q) return f() end",
     Ends::at_a_limit},
    {"memory_bomb", "function hooks.admit(q) local t = {} while true do t[#t + 1] = {} end end",
     Ends::at_a_limit},
    {"memory_bomb_in_pcall",
     "function hooks.admit(q) local t = {} while true do pcall(function() while true do t[#t + 1] = {} end "
     "end) end end",
     Ends::at_a_limit},
    {"doubling_text", "function hooks.admit(q) local s = 'x' while true do s = s .. s end end",
     Ends::at_a_limit},
    {"rep_bomb", "function hooks.admit(q) return { message = string.rep('x', 1 << 40) } end",
     Ends::as_an_error},
    {"rep_of_nothing", "function hooks.admit(q) return { message = ('x'):rep(1 << 62, '') } end",
     Ends::as_an_error},
    {"rep_in_a_loop", "function hooks.admit(q) while true do local s = string.rep('x', 65536) end end",
     Ends::at_a_limit},
    {"pattern_bomb_find",
     "function hooks.admit(q) return string.find(string.rep('a', 300), 'a*a*a*a*a*b') end",
     Ends::as_an_error},
    {"pattern_bomb_match", "function hooks.admit(q) return ('a'):rep(5000):match('(.-)(.-)(.-)(.-)b') end",
     Ends::as_an_error},
    {"pattern_bomb_gsub", "function hooks.admit(q) return ('a'):rep(5000):gsub('.-.-.-b', 'x') end",
     Ends::as_an_error},
    {"pattern_bomb_gmatch", "function hooks.admit(q) for a in ('a'):rep(9000):gmatch('a*a*a*b') do end end",
     Ends::as_an_error},
    {"pattern_bombs_in_pcall",
     "function hooks.admit(q) local s = ('a'):rep(300) while true do pcall(string.find, s, 'a*a*a*a*b') end "
     "end",
     Ends::at_a_limit},
    {"deep_pattern", "function hooks.admit(q) return ('x'):find(('(x?'):rep(500)) end", Ends::as_an_error},
    {"sort_bomb",
     "function hooks.admit(q) local t = {} for i = 1, 200000 do t[i] = i % 7 end while true do table.sort(t) "
     "end end",
     Ends::at_a_limit},
    {"insert_at_the_front",
     "function hooks.admit(q) local t = {} for i = 1, 1e7 do table.insert(t, 1, i) end end",
     Ends::at_a_limit},
    {"unpack_bomb", "function hooks.admit(q) return table.unpack({}, 1, 1e8) end", Ends::as_an_error},
    {"concat_bomb",
     "function hooks.admit(q) local t = {} for i = 1, 1000 do t[i] = ('x'):rep(60000) end return "
     "table.concat(t) end",
     Ends::at_a_limit},
    {"error_object", "function hooks.admit(q) error({ admitted = true }) end", Ends::as_an_error},
    {"error_nil", "function hooks.admit(q) error(nil) end", Ends::as_an_error},
    {"error_function", "function hooks.admit(q) error(function() while true do end end) end",
     Ends::as_an_error},
    {"circular_answer", "function hooks.admit(q) local t = {} t.rights = t return t end", Ends::as_an_error},
    {"huge_answer",
     "function hooks.admit(q) local t = {} for i = 1, 5000 do t['k' .. i] = i end return t end",
     Ends::either},
    {"function_as_answer", "function hooks.admit(q) return { admitted = print } end", Ends::as_an_error},
    {"infinite_number", "function hooks.admit(q) return { admitted = 1 / 0 } end", Ends::as_an_error},
    {"os_execute", "function hooks.admit(q) os.execute('touch /tmp/viadux-attack') end", Ends::as_an_error},
    {"io_open", "function hooks.admit(q) return io.open('/etc/passwd'):read('a') end", Ends::as_an_error},
    {"load_bytecode", "function hooks.admit(q) return load('\\27Lua')() end", Ends::as_an_error},
    {"dump", "function hooks.admit(q) return string.dump(hooks.admit) end", Ends::as_an_error},
    {"require", "function hooks.admit(q) return require('os') end", Ends::as_an_error},
    {"debug", "function hooks.admit(q) return debug.getregistry() end", Ends::as_an_error},
    {"coroutine", "function hooks.admit(q) return coroutine.wrap(function() while true do end end)() end",
     Ends::as_an_error},
    {"collect_garbage", "function hooks.admit(q) collectgarbage('stop') end", Ends::as_an_error},
    {"metatable_with_gc",
     "function hooks.admit(q) setmetatable({}, { __gc = function() while true do end end }) end",
     Ends::as_an_error},
    {"string_metatable", "function hooks.admit(q) getmetatable('').__index = nil end", Ends::as_an_error},
    {"string_library", "function hooks.admit(q) string.match = function() return 'x' end end",
     Ends::as_an_error},
    {"library_by_insert", "function hooks.admit(q) table.insert(string, 'x') end", Ends::as_an_error},
    {"own_library", "function hooks.admit(q) text.trim = nil end", Ends::as_an_error},
    {"parent_table", "function hooks.admit(q) parent.admit = nil end", Ends::as_an_error},
    {"raw_access", "function hooks.admit(q) rawset(string, 'match', nil) end", Ends::as_an_error},
    {"address_by_format", "function hooks.admit(q) return { message = ('%p'):format(hooks) } end",
     Ends::as_an_error},
    {"hook_from_inside", "function hooks.admit(q) hooks.media = function() end end", Ends::as_an_error},
    {"json_of_a_circle",
     "function hooks.admit(q) local t = {} t.t = t return { message = encode.json(t) } end",
     Ends::as_an_error},
    {"long_unknown_field", "function hooks.admit(q) return q[('x'):rep(60000)] end", Ends::as_an_error},
    {"strange_keys", "function hooks.admit(q) return { [true] = 1 } end", Ends::as_an_error},
};

INSTANTIATE_TEST_SUITE_P(Policy, Attacked, testing::ValuesIn(attacks),
                         [](const auto& info) { return info.param.name; });

TEST(PolicyAttack, BytecodeIsNotLoadedAsAFile) {
  EXPECT_NE(OnePolicy(std::string("\x1bLua\x54\0\x19\x93", 8)).answer("admit").find("fault: "),
            std::string::npos);
}

TEST(PolicyAttack, AFileThatNeverEndsIsRefusedAndSoIsOneThatIsTooLarge) {
  const OnePolicy endless("while true do end");
  ASSERT_TRUE(endless.fault);
  EXPECT_NE(endless.fault->stopped, StoppedBy::error);
  const OnePolicy large("-- " + std::string(longest_policy, 'x'));
  ASSERT_TRUE(large.fault);
}

TEST(PolicyAttack, InstructionsAreLimitedByThemselves) {
  PolicyLimits limits;
  limits.cpu_us = 60'000'000;
  OnePolicy policy("function hooks.admit(q) while true do pcall(function() while true do end end) end end",
                   limits);
  const PolicyVerdict verdict = policy.decide("admit");
  ASSERT_TRUE(verdict.fault);
  EXPECT_EQ(verdict.fault->stopped, StoppedBy::instructions);
  EXPECT_LT(verdict.instructions, limits.instructions + 100'000);
}

TEST(PolicyAttack, MemoryIsLimitedByItself) {
  PolicyLimits limits;
  limits.cpu_us = 60'000'000;
  limits.instructions = ~std::uint64_t{0} / 2;
  OnePolicy policy("function hooks.admit(q) local t = {} while true do t[#t + 1] = {} end end", limits);
  const PolicyVerdict verdict = policy.decide("admit");
  ASSERT_TRUE(verdict.fault);
  EXPECT_EQ(verdict.fault->stopped, StoppedBy::memory);
  EXPECT_LT(policy.environment.used_memory(), std::size_t{1} * 1024 * 1024) << "and it is given back";
}

TEST(PolicyAttack, CpuTimeIsLimitedWhereInstructionsAreNot) {
  PolicyLimits limits;
  limits.instructions = ~std::uint64_t{0} / 2;
  OnePolicy policy("function hooks.admit(q) while true do end end", limits);
  const auto began = std::chrono::steady_clock::now();
  const PolicyVerdict verdict = policy.decide("admit");
  ASSERT_TRUE(verdict.fault);
  EXPECT_EQ(verdict.fault->stopped, StoppedBy::cpu);
  EXPECT_GE(verdict.cpu_us, 20'000);
  EXPECT_LT(verdict.cpu_us, 60'000);
  EXPECT_LT(std::chrono::steady_clock::now() - began, patience);
}

// A single instruction that copies megabytes: what the limits can overshoot by.
TEST(PolicyAttack, LargeTextsOvershootTheLimitByLittle) {
  OnePolicy policy("function hooks.admit(q) local s = 'x' for i = 1, 20 do s = s .. s end\n"
                   "  local n = 0 while true do local t = s .. 'y' n = n + #t end end");
  const PolicyVerdict verdict = policy.decide("admit");
  ASSERT_TRUE(verdict.fault);
  EXPECT_EQ(verdict.fault->stopped, StoppedBy::cpu);
  EXPECT_LT(verdict.cpu_us, 200'000);
}

// What one file of a chain does to its names and to the library is not seen by the other.
TEST(PolicyAttack, AChildCannotChangeItsParent) {
  PolicyEnvironment environment(core_world(), {});
  const auto program = make_program(
      "ward",
      {shipped_default(),
       policy_file("region",
                   "function hooks.admit(q) return { admitted = string.match(q.room, '^open') ~= nil } end"),
       policy_file("ward", "string = { match = function() return 'yes' end }\n"
                           "function hooks.admit(q)\n"
                           "  pcall(function() text.trim = nil end)\n"
                           "  return parent.admit(q)\nend")});
  const auto fault = environment.load(*program);
  ASSERT_FALSE(fault) << to_string(*fault);
  EXPECT_EQ(environment.decide(*core_world().hooks.find("admit"), *Json::parse(R"({"room":"secret"})"))
                .answer->dump(),
            R"({"admitted":false})");
}

} // namespace
} // namespace viadux
