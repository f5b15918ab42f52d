// What policy writers read, made from the tables that the engine itself uses, so that it cannot be wrong.
// [any thread]
#pragma once

#include "core/policy/environment.hpp"

namespace viadux {

struct LibraryEntry {
  std::string name; // "text.trim"
  std::string arguments;
  std::string help;
};
// The functions in C, those of lua/standard.lua, and the plugins'; by name.
std::vector<LibraryEntry> library_entries(const PolicyWorld& world);

// docs/policy-reference.md
std::string render_policy_reference(const PolicyWorld& world);
// viadux.lua: annotations for LuaLS, so that an editor completes and explains.
std::string render_editor_stubs(const PolicyWorld& world);

} // namespace viadux
