// A policy in a state of its own, and an engine in virtual time.
#pragma once

#include "core/control/manual_loop.hpp"
#include "core/policy/engine.hpp"
#include "core/policy/policy_tests.hpp"

#include <gtest/gtest.h>

namespace viadux {

inline const PolicyWorld& core_world() {
  static const PolicyWorld world = [] {
    PolicyWorld made;
    made.hooks = core_hooks();
    return made;
  }();
  return world;
}

inline std::shared_ptr<const PolicyFile> policy_file(std::string organisation, std::string text,
                                                     std::string tests = {}) {
  return std::make_shared<PolicyFile>(PolicyFile{organisation, organisation + "/policy.lua", std::move(text),
                                                 std::move(tests), organisation + "/policy.test.lua"});
}

// One file on top of the shipped default.
inline std::shared_ptr<const PolicyProgram> program_of(const std::string& organisation,
                                                       const std::string& text) {
  return make_program(organisation, {shipped_default(), policy_file(organisation, text)});
}

struct OnePolicy {
  explicit OnePolicy(const std::string& text, const PolicyLimits& limits = {})
      : environment(core_world(), limits), fault(environment.load(*program_of("clinic", text))) {}

  PolicyVerdict decide(const std::string& hook, const std::string& question = "{}") {
    return environment.decide(*core_world().hooks.find(hook), *Json::parse(question));
  }
  // The answer, or "fault: ...".
  std::string answer(const std::string& hook, const std::string& question = "{}") {
    if (fault) return "fault: " + to_string(*fault);
    const PolicyVerdict verdict = decide(hook, question);
    if (verdict.fault) return "fault: " + to_string(*verdict.fault);
    return verdict.answer ? verdict.answer->dump() : "default";
  }

  PolicyEnvironment environment;
  std::optional<PolicyFault> fault;
};

inline std::shared_ptr<const PolicySet> set_of(std::vector<std::shared_ptr<const PolicyProgram>> programs) {
  auto set = std::make_shared<PolicySet>();
  for (auto& program : programs)
    set->programs[program->organisation] = program;
  return set;
}

} // namespace viadux
