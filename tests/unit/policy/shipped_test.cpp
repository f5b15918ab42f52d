// What is shipped for policy writers is itself without mistakes, and the pages show it as it is.
#include "core/policy/check.hpp"
#include "core/policy/reference.hpp"
#include "core/policy/shipped.hpp"
#include "tests/unit/policy/fixture.hpp"

#include <fstream>
#include <iterator>

namespace viadux {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> scripts(std::string_view folder) {
  std::vector<std::string> names;
  for (const ShippedLua& file : all_shipped_lua())
    if (file.name.starts_with(folder) && !file.name.ends_with(".test.lua")) names.emplace_back(file.name);
  return names;
}

TEST(ShippedPolicies, PresetsAndRecipesHaveNoMistakesAndPassTheirCases) {
  std::size_t count = 0;
  for (const char* folder : {"presets/", "recipes/"})
    for (const std::string& name : scripts(folder)) {
      const std::string tests = name.substr(0, name.size() - 4) + ".test.lua";
      ASSERT_FALSE(shipped_lua(tests).empty()) << name << " has no cases";
      const auto file = std::make_shared<PolicyFile>(
          PolicyFile{"clinic", name, std::string(shipped_lua(name)), std::string(shipped_lua(tests)), tests});
      const auto program = make_program("clinic", {shipped_default(), file});
      for (const PolicyFinding& finding : check_policy(core_world(), *program, {}))
        ADD_FAILURE() << to_string(finding);
      ++count;
    }
  EXPECT_GE(count, 16U) << "six presets and ten recipes";
}

TEST(ShippedPolicies, TheDefaultHasNoMistakes) {
  for (const PolicyFinding& finding : read_policy(core_world(), "default.lua", shipped_lua("default.lua")))
    ADD_FAILURE() << to_string(finding);
}

TEST(ShippedPolicies, ThePageShowsTheRecipesAsTheyAre) {
  const std::string page = file_text("docs/policies.md");
  ASSERT_EQ(scripts("recipes/").size(), 10U);
  for (const std::string& name : scripts("recipes/"))
    EXPECT_NE(page.find("```lua\n" + std::string(shipped_lua(name)) + "```"), std::string::npos) << name;
}

TEST(ShippedPolicies, EveryFunctionOfTheLibraryIsInTheStubsAndIsThere) {
  const std::string stubs = render_editor_stubs(core_world());
  std::string script;
  for (const LibraryEntry& entry : library_entries(core_world())) {
    EXPECT_FALSE(entry.help.empty()) << entry.name;
    if (!entry.name.starts_with("string.")) {
      EXPECT_NE(stubs.find("\nfunction " + entry.name + "("), std::string::npos) << entry.name;
    }
    script += "assert(type(" + entry.name + ") == 'function', '" + entry.name + "')\n";
  }
  const OnePolicy policy(script);
  EXPECT_FALSE(policy.fault) << to_string(*policy.fault);
}

} // namespace
} // namespace viadux
