#include "core/policy/pattern.hpp"
#include "core/policy/time_zone.hpp"
#include "tests/unit/policy/fixture.hpp"

namespace viadux {
namespace {

// What an expression gives, as JSON.
std::string value(const std::string& expression) {
  OnePolicy policy("function hooks.admit(q) return { message = encode.json({ " + expression + " }) } end");
  const std::string answer = policy.answer("admit");
  const auto json = Json::parse(answer);
  if (!json || !json->find("message")) return answer;
  return *json->find("message")->text();
}

TEST(PolicyLibrary, Texts) {
  EXPECT_EQ(value("text.trim('  a b ')"), R"(["a b"])");
  EXPECT_EQ(value("text.head('æøå', 2), text.tail('æøå', 2), text.length('æøå'), text.reverse('aæ')"),
            R"(["æø","øå",3,"æa"])");
  EXPECT_EQ(value("text.lower('ÆBLE')"), R"(["æble"])");
  EXPECT_EQ(value("text.split('a,b,,c')"), R"([["a","b","","c"]])");
  EXPECT_EQ(value("text.digits('+45 12-34'), text.at_least('ab', 3, 'x'), text.contains('a.b', '.')"),
            R"(["451234","x",true])");
  EXPECT_EQ(value("list.first_match('ward-7', { '^icu', '^ward' }), list.merged({ a = 1 }, { a = 2 }).a"),
            R"(["^ward",2])");
  EXPECT_EQ(value("text.plain_link('https://eur01.safelinks.protection.outlook.com/"
                  "?url=https%3A%2F%2Fx.dk%2Fa&data=1')"),
            R"(["https://x.dk/a"])");
}

// The same as Lua's own, which the engine does not use.
TEST(PolicyLibrary, Patterns) {
  EXPECT_EQ(value("('key = value'):match('^(%w+)%s*=%s*(%w+)$')"), R"(["key","value"])");
  EXPECT_EQ(value("('hello world'):find('o w'), ('a.b'):find('.', 1, true)"), R"([5,2,2])");
  EXPECT_EQ(value("('f(a(b)c)d'):match('%b()'), ('THE (quick) fox'):find('%f[%a]%a+%f[%A]')"),
            R"x(["(a(b)c)",1,3])x");
  EXPECT_EQ(value("('abc'):gsub('%w', '%0%0'), ('hello'):gsub('', '-')"), R"(["aabbcc","-h-e-l-l-o-",6])");
  EXPECT_EQ(value("('abab'):gsub('a', { a = 'x' }, 1)"), R"(["xbab",1])");
  EXPECT_EQ(value("('$name is $age'):gsub('%$(%w+)', function(w) return '<' .. w .. '>' end)"),
            R"(["<name> is <age>",2])");
  EXPECT_EQ(
      value("('  x'):match('^%s*$'), ('aXb'):match('%u'), ('[a]'):match('[]]'), ('a-b'):match('[a%-]+')"),
      R"([null,"X","]","a-"])");
  EXPECT_EQ(value("('abcabc'):match('(a)(b)(c)%1%2%3'), ('x'):match('()x()')"), R"(["a",1,2])");
  EXPECT_EQ(value("('äö'):find('ö'), ('aaa'):match('a-b'), ('aaab'):match('a-b'), ('ab'):match('a?b?c?')"),
            R"([3,null,"aaab","ab"])");
  EXPECT_EQ(value("(function() local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t[#t+1] = k .. "
                  "v end return t end)()"),
            R"([["a1","b2"]])");
}

TEST(PolicyLibrary, NetworksOfBothKinds) {
  EXPECT_EQ(value("net.in_subnet('10.1.2.3', '10.0.0.0/8'), net.in_subnet('11.1.2.3', '10.0.0.0/8')"),
            "[true,false]");
  EXPECT_EQ(value("net.in_subnet('2001:db8:45::1', { '10.0.0.0/8', '2001:db8::/32' }), "
                  "net.in_subnet('::ffff:10.0.0.1', '10.0.0.0/8')"),
            "[true,true]");
  EXPECT_EQ(value("net.in_subnet('', '0.0.0.0/0'), net.version('::1'), net.version('x')"), "[false,6]");
  EXPECT_NE(value("net.in_subnet('10.0.0.1', '10.0.0.0/33')").find("from 0 to 32"), std::string::npos);
}

TEST(PolicyLibrary, HashesAndCodings) {
  EXPECT_EQ(value("hash.sha256('abc'):sub(1, 8), hash.md5('abc')"),
            R"(["ba7816bf","900150983cd24fb0d6963f7d28e17f72"])");
  EXPECT_EQ(value("encode.base64('hello'), decode.base64('aGVsbG8='), decode.base64('?')"),
            R"(["aGVsbG8=","hello"])");
  EXPECT_EQ(value("encode.url('a b/æ'), decode.url('a%20b%2')"), R"(["a%20b%2F%C3%A6","a b%2"])");
  EXPECT_EQ(value("#random.pin(8), random.pin():match('^%d%d%d%d%d$') ~= nil, #random.uuid()"),
            "[8,true,36]");
}

// The files of a chain share what plugins offer: an organisation below must not change it for the one above.
TEST(PolicyLibrary, APluginsFunctionsAreNobodysToChange) {
  PolicyWorld world = core_world();
  world.functions.push_back(
      {"phone.kind", "phone", "", "{}", "{}", {}, [](const Json&) -> Result<Json> { return Json("home"); }});
  PolicyEnvironment environment(world, {});
  const auto fault = environment.load(*make_program(
      "clinic",
      {shipped_default(), policy_file("region", "function hooks.sms(q) return { sender = phone.kind() } end"),
       policy_file("clinic", "pcall(function() phone.kind = function() return 'evil' end end)")}));
  ASSERT_FALSE(fault) << to_string(*fault);
  const PolicyVerdict verdict = environment.decide(*world.hooks.find("sms"), Json(Json::Object{}));
  ASSERT_FALSE(verdict.fault) << to_string(*verdict.fault);
  EXPECT_EQ(*verdict.answer->find("sender")->text(), "home");
}

TEST(PolicyLibrary, TimeWhereThePeopleAre) {
  // 2026-03-29 01:00 UTC: the clock in Copenhagen goes from 2 to 3.
  EXPECT_EQ(value("time.at(1774746000 - 1).hour, time.at(1774746000).hour, time.at(1774746000).weekday"),
            "[1,3,7]");
  EXPECT_EQ(value("time.at(1774746000 - 1, 'America/Nuuk').hour, time.at(0, 'UTC').year"), "[22,1970]");
  EXPECT_EQ(value("time.between({ minutes = 23 * 60 }, '21:00', '07:00'), time.between({ minutes = 480 }, "
                  "'21:00', '07:00')"),
            "[true,false]");
  EXPECT_NE(value("time.now('Europe/Copenhaven')").find("no time zone"), std::string::npos);
  EXPECT_NE(value("time.now('../../etc/passwd')").find("no time zone"), std::string::npos);
}

TEST(TimeZone, RulesOfTheSouthAndWithoutSummer) {
  const auto sydney = TimeZone::from_rule("AEST-10AEDT,M10.1.0,M4.1.0/3");
  ASSERT_TRUE(sydney);
  EXPECT_EQ(sydney->at(1767225600).hour, 11) << "January is summer there";
  EXPECT_EQ(sydney->at(1782864000).hour, 10);
  const auto plain = TimeZone::from_rule("<+0530>-5:30");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->at(0).hour, 5);
  EXPECT_EQ(plain->at(0).minute, 30);
  for (const char* rule : {"", "X", "CET", "CET-1CEST", "CET-1CEST,M3", "CET-1CEST,M13.1.0,M10.5.0", "<+05"})
    EXPECT_FALSE(TimeZone::from_rule(rule)) << rule;
}

} // namespace
} // namespace viadux
