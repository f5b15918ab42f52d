// The policies of all organisations at one moment: read from their folders, checked, swapped as a whole.
// [any thread, immutable once loaded]
#pragma once

#include "core/config/organisations.hpp"
#include "core/policy/environment.hpp"

#include <map>
#include <memory>

namespace viadux {

struct PolicySet {
  std::map<std::string, std::shared_ptr<const PolicyProgram>, std::less<>> programs; // by organisation
  const PolicyProgram* find(std::string_view organisation) const;
};

struct PolicySetLoad {
  std::shared_ptr<const PolicySet> set;
  std::size_t changed = 0; // organisations whose policy is another one now
  struct Refusal {
    std::string organisation;
    PolicyFault fault;
    bool kept_old = false; // false: there was none; its hooks answer as if it failed
  };
  std::vector<Refusal> refusals;
};

// Reads <folder>/policy.lua and policy.test.lua of each organisation and makes the chains. What is new is
// loaded, and its tests are run; one that fails is refused, and its organisation keeps what it had in
// `before` (may be null). Takes milliseconds for each changed organisation: not for the control thread while
// people meet.
PolicySetLoad load_policies(const Organisations& organisations, const PolicyWorld& world,
                            const PolicyLimits& limits, const std::shared_ptr<const PolicySet>& before);

// One chain, read from the folders. Errors: bad_argument (a file is too large or cannot be read).
Result<std::shared_ptr<const PolicyProgram>> read_program(const Organisations& organisations,
                                                          const std::string& organisation);
std::optional<PolicyFault> try_program(const PolicyProgram& program, const PolicyWorld& world,
                                       const PolicyLimits& limits);

} // namespace viadux
