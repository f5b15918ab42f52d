// All hooks by name: the core's own, and those that plugins declare. [control]
#pragma once

#include "core/plugin/declaration.hpp"

#include <map>
#include <string>
#include <string_view>

namespace viadux {

struct KnownHook {
  std::string plugin; // "" is the core
  DeclaredHook hook;
};

class HookTable {
 public:
  HookTable(); // with the core's

  // refused (hook_taken): the core or another plugin has one of that name.
  Result<void> add(const Declaration& declaration);
  const KnownHook* find(std::string_view name) const;
  const std::map<std::string, KnownHook, std::less<>>& all() const { return hooks_; }

 private:
  std::map<std::string, KnownHook, std::less<>> hooks_;
};

// The core's hooks, as core/policy declares them.
const std::vector<DeclaredHook>& core_hooks();

} // namespace viadux
