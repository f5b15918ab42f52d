// A hook: a question that an organisation's policy is asked before something happens. All of them, the core's
// and the plugins', are in one table; checks, reference, editor stubs and the engine read it. [any thread,
// immutable once all plugins have declared theirs]
#pragma once

#include "core/policy/schema.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace viadux {

// What counts when a policy fails: closed is the careful answer, open is as if there were no policy.
enum class OnFailure : std::uint8_t { closed, open };

struct PolicyHook {
  std::string name;
  std::string plugin; // "" is the core
  std::string help;
  PolicySchema question;
  PolicySchema answer;
  Json default_answer = Json(Json::Object{}); // where no policy says anything
  Json closed_answer = Json(Json::Object{});  // the careful one
  OnFailure on_failure = OnFailure::closed;
  std::int64_t cache_ms = 0; // how long the same question may have the same answer; 0 asks each time

  const Json& failure_answer(bool closed) const {
    return closed || on_failure == OnFailure::closed ? closed_answer : default_answer;
  }
};

// What a plugin's descriptor or a document of the core says of a hook, as JSON texts.
struct HookText {
  std::string name;
  std::string plugin;
  std::string help;
  std::string question_schema; // "" is any table
  std::string answer_schema;
  std::string default_answer;
  std::string closed_answer; // "": the hook is open on failure
  std::int64_t cache_ms = 0;
};

class PolicyHooks {
 public:
  // bad_argument (schema_malformed, or the default does not fit the schema), refused (hook_taken).
  Result<void> add(const HookText& text);
  const PolicyHook* find(std::string_view name) const;
  const std::map<std::string, PolicyHook, std::less<>>& all() const { return hooks_; }
  std::vector<std::string> names() const;

 private:
  std::map<std::string, PolicyHook, std::less<>> hooks_;
};

// The core's own. Their documents are in <viadux/documents/policy.hpp> and policy_hooks.hpp.
PolicyHooks core_hooks();

} // namespace viadux
