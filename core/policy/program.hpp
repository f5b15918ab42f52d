// The policy of an organisation: the files of the chain from the root of the tree to it, the shipped default
// first. Immutable, shared. [any thread]
#pragma once

#include "core/policy/lua_state.hpp"

#include <memory>
#include <string>
#include <vector>

namespace viadux {

struct PolicyFile {
  std::string organisation; // "" is the shipped default
  std::string name;         // for people: "region/policy.lua"
  std::string text;
  std::string tests;      // of policy.test.lua beside it, "" when there is none
  std::string tests_name; // "region/policy.test.lua"
};

struct PolicyProgram {
  std::string organisation;
  std::vector<std::shared_ptr<const PolicyFile>> files; // the root's first
  std::string version;                                  // 12 hex digits of the texts' hash
};

// What went wrong, for the person who wrote the file.
struct PolicyFault {
  StoppedBy stopped = StoppedBy::error;
  std::string message; // without the position
  std::string file;
  int line = 0;   // 0: not known
  int column = 0; // 0: not known
};

// "region/policy.lua:12: ..."
std::string to_string(const PolicyFault& fault);
// Takes "FILE:LINE: what" apart.
PolicyFault fault_from(StoppedBy stopped, const std::string& text);

std::shared_ptr<const PolicyProgram> make_program(std::string organisation,
                                                  std::vector<std::shared_ptr<const PolicyFile>> files);
// lua/default.lua, which every chain begins with.
std::shared_ptr<const PolicyFile> shipped_default();

inline constexpr std::size_t longest_policy = std::size_t{256} * 1024;

} // namespace viadux
