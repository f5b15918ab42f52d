#include "core/policy/policy_tests.hpp"

#include <algorithm>

namespace viadux {
namespace {

constexpr std::size_t most_cases = 500;

// None, or what differs: each field of `expected` must be in `got`.
std::optional<std::string> difference(const Json& expected, const Json& got, const std::string& path) {
  const std::string at = path.empty() ? "the answer" : path;
  if (const Json::Object* members = expected.object()) {
    for (const auto& [name, value] : *members) {
      const Json* there = got.find(name);
      std::string inner = path;
      if (!inner.empty()) inner += '.';
      inner += name;
      if (!there) return inner + " should be " + value.dump() + ", but is not there";
      if (auto differs = difference(value, *there, inner)) return differs;
    }
    return std::nullopt;
  }
  if (expected.is_number() && got.is_number() && expected.number() == got.number()) return std::nullopt;
  if (expected.dump() == got.dump()) return std::nullopt;
  return at + " should be " + expected.dump() + ", but is " + got.dump();
}

std::string text_in(const Json& test, std::string_view name) {
  const Json* value = test.find(name);
  return value && value->text() ? *value->text() : std::string();
}

PolicyTestResult run_case(const Json& test, std::size_t number, PolicyEnvironment& environment) {
  PolicyTestResult result;
  result.hook = text_in(test, "hook");
  result.name = text_in(test, "name");
  if (result.name.empty()) result.name = "case " + std::to_string(number);
  static const std::vector<std::string> fields{"name", "hook", "input", "expect", "fails"};
  if (test.object())
    for (const auto& [name, value] : *test.object())
      if (std::ranges::find(fields, name) == fields.end()) {
        result.message = "a case has no field \"" + name + "\"; " + meant(name, fields);
        return result;
      }
  const PolicyHook* hook = environment.world().hooks.find(result.hook);
  const Json* input = test.find("input");
  const Json* expected = test.find("expect");
  if (!hook) {
    result.message = result.hook.empty() ? "a case needs hook = \"...\""
                                         : "there is no hook \"" + result.hook + "\"; " +
                                               meant(result.hook, environment.world().hooks.names());
    return result;
  }
  const Json question = input ? *input : Json(Json::Object{});
  const Json asked = question.array() && question.array()->empty() ? Json(Json::Object{}) : question;
  if (const auto fault = fault_in(asked, hook->question)) {
    result.message = "input: " + *fault;
    return result;
  }
  const PolicyVerdict verdict = environment.decide(*hook, complete_question(*hook, asked));
  if (verdict.fault) {
    result.message = to_string(*verdict.fault);
    return result;
  }
  const Json& answer = verdict.answer ? *verdict.answer : hook->default_answer;
  if (!expected) {
    result.message = "a case needs expect = { ... }";
    return result;
  }
  if (const auto fault = fault_in(*expected, hook->answer); fault && expected->object()) {
    result.message = "expect: " + *fault;
    return result;
  }
  const auto differs = difference(*expected, answer, "");
  result.passed = !differs;
  if (differs) result.message = *differs + "\n  the whole answer: " + answer.dump();
  return result;
}

} // namespace

std::size_t PolicyTestRun::failed() const {
  return static_cast<std::size_t>(std::ranges::count(results, false, &PolicyTestResult::passed));
}

PolicyTestRun run_policy_tests(const std::string& name, const std::string& text,
                               PolicyEnvironment& environment) {
  PolicyTestRun run;
  const Result<Json> cases = environment.evaluate(name, text);
  if (!cases) {
    run.fault = fault_from(StoppedBy::error, cases.error().message);
    if (run.fault->file.empty()) run.fault->file = name;
    return run;
  }
  const Json::Array* list = cases->array();
  if (!list || list->size() > most_cases) {
    run.fault =
        PolicyFault{StoppedBy::error,
                    "the file must give a list of at most 500 cases: return { {...}, {...} }", name, 0, 0};
    return run;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    run.results.push_back(run_case((*list)[i], i + 1, environment));
    run.results.back().file = name;
  }
  return run;
}

std::optional<PolicyFault> first_failing_test(const PolicyProgram& program, PolicyEnvironment& environment) {
  if (program.files.empty()) return std::nullopt;
  const PolicyFile& last = *program.files.back();
  if (last.tests.empty() || last.organisation != program.organisation) return std::nullopt;
  const PolicyTestRun run = run_policy_tests(last.tests_name, last.tests, environment);
  if (run.fault) return run.fault;
  for (const PolicyTestResult& result : run.results)
    if (!result.passed)
      return PolicyFault{StoppedBy::error, "the case \"" + result.name + "\" fails: " + result.message,
                         last.tests_name, 0, 0};
  return std::nullopt;
}

namespace {

// A value for each field: texts that may be anything are `text`, numbers that may be anything are `number`.
Json sample(const PolicySchema& schema, std::string_view text, double number) {
  switch (schema.type) {
  case PolicySchema::Type::boolean:
    return Json(false);
  case PolicySchema::Type::integer:
    return Json(static_cast<std::int64_t>(std::max(number, schema.least.value_or(number))));
  case PolicySchema::Type::number:
    return Json(std::max(number, schema.least.value_or(number)));
  case PolicySchema::Type::text:
    return Json(schema.choices.empty() ? std::string(text) : schema.choices.front());
  case PolicySchema::Type::list:
    return Json(Json::Array{});
  case PolicySchema::Type::table: {
    Json::Object members;
    for (const PolicySchema& field : schema.fields)
      members.emplace_back(field.name, sample(field, text, number));
    return Json(std::move(members));
  }
  default:
    return Json(std::string(text));
  }
}

} // namespace

Json sample_question(const PolicyHook& hook) {
  return sample(hook.question, "example", 1);
}

Json complete_question(const PolicyHook& hook, const Json& given) {
  return overlaid(sample(hook.question, "", 0), given);
}

} // namespace viadux
