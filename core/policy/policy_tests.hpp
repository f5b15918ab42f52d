// The writer's own cases: policy.test.lua returns a list of
//   { name = "...", hook = "admit", input = { ... }, expect = { ... } }
// and each field of `expect` must be in the answer. [one thread at a time]
#pragma once

#include "core/policy/environment.hpp"

namespace viadux {

struct PolicyTestResult {
  std::string name;
  std::string hook;
  std::string file;
  bool passed = false;
  std::string message; // what was wrong, in one or more lines
};

struct PolicyTestRun {
  std::vector<PolicyTestResult> results;
  std::optional<PolicyFault> fault; // the test file itself cannot be read
  std::size_t failed() const;
};

// Cases of one file, asked of `environment`, whose chain ends with the file that they belong to.
PolicyTestRun run_policy_tests(const std::string& name, const std::string& text,
                               PolicyEnvironment& environment);
// Of the chain's last file, which `environment` has loaded. A case that fails is a fault.
std::optional<PolicyFault> first_failing_test(const PolicyProgram& program, PolicyEnvironment& environment);

// A question with something in every field: what a policy is tried with.
Json sample_question(const PolicyHook& hook);
// What is not given is empty, 0, false, or the first choice: a server leaves no field out.
Json complete_question(const PolicyHook& hook, const Json& given);

} // namespace viadux
