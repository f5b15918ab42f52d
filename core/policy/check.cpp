#include "core/policy/check.hpp"

#include "core/policy/policy_tests.hpp"

#include <algorithm>
#include <regex>

namespace viadux {
namespace {

std::string_view line_of(std::string_view text, int number) {
  for (int i = 1; i < number; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Lua names the line and what it is about, last and in quotes: "near 'end'", "local 't'". The column is where
// that is in the line.
int column_of(std::string_view text, int line, const std::string& message) {
  const std::size_t end = message.rfind('\'');
  const std::size_t begin = end == std::string::npos || end == 0 ? end : message.rfind('\'', end - 1);
  if (begin != std::string::npos && end > begin + 1) {
    const std::size_t at = line_of(text, line).rfind(message.substr(begin + 1, end - begin - 1));
    if (at != std::string_view::npos) return static_cast<int>(at) + 1;
  }
  const std::size_t first = line_of(text, line).find_first_not_of(" \t");
  return first == std::string_view::npos ? 1 : static_cast<int>(first) + 1;
}

PolicyFinding finding_of(const PolicyFault& fault, const PolicyProgram& program) {
  PolicyFinding finding{fault.file, fault.line, fault.column, in_plain_words(fault.message), ""};
  for (const auto& file : program.files)
    if (file->name == fault.file && fault.line > 0 && fault.column == 0)
      finding.column = column_of(file->text, fault.line, fault.message);
  return finding;
}

bool said_already(const std::vector<PolicyFinding>& all, const PolicyFinding& finding) {
  return std::ranges::any_of(
      all, [&](const PolicyFinding& each) { return each.file == finding.file && each.line == finding.line; });
}

} // namespace

std::string to_string(const PolicyFinding& finding) {
  std::string out = finding.file;
  if (finding.line > 0) out += ":" + std::to_string(finding.line);
  if (finding.column > 0) out += ":" + std::to_string(finding.column);
  out += ": " + finding.message;
  return finding.hint.empty() ? out : out + " (" + finding.hint + ")";
}

std::string in_plain_words(const std::string& message) {
  struct Saying {
    std::regex lua;
    const char* plain;
  };
  static const std::vector<Saying> sayings = [] {
    std::vector<Saying> all;
    const auto add = [&all](const char* lua, const char* plain) { all.push_back({std::regex(lua), plain}); };
    add("attempt to index a nil value \\((?:local|field|global|upvalue) '([^']*)'\\)",
        "'$1' has no value here, so nothing can be read from it; ask first: if $1 then ... end");
    add("attempt to call a nil value \\((?:method|field|global|local|upvalue) '([^']*)'\\)",
        "there is no function '$1'");
    add("attempt to compare (\\w+) with (\\w+)",
        "a $1 and a $2 cannot be compared; is a value missing, or a number written as a text?");
    add("attempt to concatenate a nil value \\((?:local|field|global|upvalue) '([^']*)'\\)",
        "'$1' has no value here, so it cannot be joined to a text with ..");
    add("attempt to perform arithmetic on a (\\w+) value.*",
        "it is calculated with a $1; tonumber(...) makes a number of a text");
    add("'(\\w+)' expected \\(to close '(\\w+)' at line (\\d+)\\) near (.*)",
        "the '$2' of line $3 is not closed: an '$1' is missing before $4");
    add("'(\\w+)' expected near '?<eof>'?", "the file ends too soon: an '$1' is missing");
    add("'=' expected near '([^']*)'",
        "before '$1' something is missing; a comparison is written ==, an assignment =");
    add("'then' expected near '='", "a comparison is written ==, not =");
    add("'then' expected near '([^']*)'", "an 'if' needs its 'then' before '$1'");
    add("unexpected symbol near '([^']*)'", "'$1' cannot stand here");
    add("unfinished string near '?(.*?)'?$", "the text that begins with $1 has no closing quotation mark");
    add("<name> expected near '([^']*)'", "a name is missing before '$1'");
    add("<eof> expected near 'end'", "there is an 'end' too many");
    return all;
  }();
  if (message.size() > 400) return message; // regular expressions of this library are recursive
  for (const Saying& saying : sayings) {
    std::smatch match;
    if (std::regex_search(message, match, saying.lua)) return match.format(saying.plain);
  }
  return message;
}

std::vector<PolicyFinding> check_policy(const PolicyWorld& world, const PolicyProgram& program,
                                        const PolicyLimits& limits) {
  const PolicyFile& last = *program.files.back();
  PolicyEnvironment environment(world, limits);
  const auto fault = environment.load(program);
  // What is no Lua is not read any further: the rest would be guessing.
  std::vector<PolicyFinding> all = read_policy(world, last.name, last.text);
  if (fault) {
    const PolicyFinding finding = finding_of(*fault, program);
    if (!said_already(all, finding)) all.push_back(finding);
    return all;
  }
  for (const auto& [name, hook] : world.hooks.all()) {
    const PolicyVerdict verdict = environment.decide(hook, sample_question(hook));
    if (!verdict.fault || verdict.decided_in != last.name) continue;
    PolicyFinding finding = finding_of(*verdict.fault, program);
    if (finding.line == 0) finding.message = "hooks." + name + ": " + finding.message;
    if (!said_already(all, finding)) all.push_back(std::move(finding));
  }
  if (!last.tests.empty()) {
    const PolicyTestRun run = run_policy_tests(last.tests_name, last.tests, environment);
    if (run.fault) all.push_back(finding_of(*run.fault, program));
    for (const PolicyTestResult& result : run.results)
      if (!result.passed)
        all.push_back({result.file, 0, 0, "the case \"" + result.name + "\" fails: " + result.message, ""});
  }
  std::ranges::stable_sort(all, {},
                           [](const PolicyFinding& each) { return std::pair(each.line, each.column); });
  return all;
}

} // namespace viadux
