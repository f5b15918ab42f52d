// What is wrong with a policy, said so that somebody who has never programmed can mend it. [any thread]
#pragma once

#include "core/policy/environment.hpp"

namespace viadux {

struct PolicyFinding {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  std::string hint; // "did you mean \"admit\"?"
};

// "region/policy.lua:12:8: there is no hook 'admitt' (did you mean \"admit\"?)"
std::string to_string(const PolicyFinding& finding);

// Without running it: unknown hooks, names, functions and fields, texts that a field can never have, names
// that lack `local`. `file` is for people.
std::vector<PolicyFinding> read_policy(const PolicyWorld& world, const std::string& file,
                                       std::string_view text);

// All there is to say of the chain's last file: read, compiled, loaded, each hook asked once, its tests run.
std::vector<PolicyFinding> check_policy(const PolicyWorld& world, const PolicyProgram& program,
                                        const PolicyLimits& limits);

// Lua's message in plain words: "attempt to index a nil value (local 'x')" -> "'x' has no value here ...".
std::string in_plain_words(const std::string& message);

} // namespace viadux
