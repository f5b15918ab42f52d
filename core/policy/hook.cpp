#include "core/policy/hook.hpp"

namespace viadux {
namespace {

Result<Json> parsed(const std::string& text) {
  return Json::parse(text.empty() ? "{}" : text);
}

Result<PolicySchema> schema_of(const std::string& text) {
  const auto json = parsed(text);
  if (!json) return json.error();
  auto schema = PolicySchema::read(*json);
  if (schema) schema->type = PolicySchema::Type::table;
  return schema;
}

} // namespace

Result<void> PolicyHooks::add(const HookText& text) {
  if (const PolicyHook* other = find(text.name))
    return make_error(ErrorCode::refused, "hook_taken",
                      "it declares the hook " + text.name + ", which " +
                          (other->plugin.empty() ? std::string("the core has")
                           : other->plugin == text.plugin
                               ? std::string("it declares twice")
                               : "the plugin " + other->plugin + " declares already"));
  PolicyHook hook{text.name, text.plugin, text.help, {}, {}, {}, {}, OnFailure::open, text.cache_ms};
  auto question = schema_of(text.question_schema);
  if (!question) return question.error();
  auto answer = schema_of(text.answer_schema);
  if (!answer) return answer.error();
  const auto by_default = parsed(text.default_answer);
  if (!by_default) return by_default.error();
  const auto closed = parsed(text.closed_answer.empty() ? text.default_answer : text.closed_answer);
  if (!closed) return closed.error();
  hook.question = std::move(*question);
  hook.answer = std::move(*answer);
  hook.default_answer = *by_default;
  hook.closed_answer = *closed;
  if (!text.closed_answer.empty()) hook.on_failure = OnFailure::closed;
  for (const Json* given : {&hook.default_answer, &hook.closed_answer})
    if (const auto fault = fault_in(*given, hook.answer))
      return make_error(ErrorCode::bad_argument, "default_malformed",
                        "the hook " + text.name + " has a default that breaks its own schema: " + *fault);
  hooks_.emplace(text.name, std::move(hook));
  return {};
}

const PolicyHook* PolicyHooks::find(std::string_view name) const {
  const auto found = hooks_.find(name);
  return found == hooks_.end() ? nullptr : &found->second;
}

std::vector<std::string> PolicyHooks::names() const {
  std::vector<std::string> all;
  all.reserve(hooks_.size());
  for (const auto& [name, hook] : hooks_)
    all.push_back(name);
  return all;
}

} // namespace viadux
