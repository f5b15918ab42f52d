// One organisation's policy, loaded: a Lua state with a table of its own for each file of the chain. Nothing
// in it reaches another organisation's. [one thread at a time]
#pragma once

#include "core/policy/hook.hpp"
#include "core/policy/library.hpp"
#include "core/policy/program.hpp"

#include <optional>
#include <set>
#include <span>

namespace viadux {

// What a plugin adds to the library, and what may be asked; both outlive every environment.
struct PolicyWorld {
  PolicyHooks hooks;
  std::vector<PluginFunction> functions;
};

struct PolicyVerdict {
  std::optional<Json> answer;       // none: no file of the chain has this hook, or it gave nil
  std::optional<PolicyFault> fault; // then there is no answer
  std::vector<std::string> notes;   // what it wrote with note()
  std::string decided_in;           // the file whose hook was asked
  std::uint64_t instructions = 0;
  std::int64_t cpu_us = 0;
};

class PolicyEnvironment {
 public:
  PolicyEnvironment(const PolicyWorld& world, const PolicyLimits& limits);

  // Runs each file once, under the limits of a call. Not again after a fault.
  std::optional<PolicyFault> load(const PolicyProgram& program);
  // The answer is complete: what the policy leaves out is the hook's default.
  PolicyVerdict decide(const PolicyHook& hook, const Json& question);
  bool defines(std::string_view hook) const { return deepest_.contains(std::string(hook)); }
  // The chain wants it closed on failure, though the hook is open.
  bool closed_on_failure(std::string_view hook) const { return closed_.contains(std::string(hook)); }
  // Runs a file that returns a table (a test file); the table as a document.
  Result<Json> evaluate(const std::string& name, const std::string& text);
  // Garbage that a policy keeps leaves too little for the next call: make a new one.
  bool worn() const;
  std::size_t used_memory() const { return state_.used_memory(); }

  // For the functions in C that policies call.
  void add_note(std::string_view text);
  const PolicyWorld& world() const { return world_; }

 private:
  struct Hooked {
    std::size_t layer = 0;
    int reference = LUA_NOREF;
  };
  struct Call;

  static int make_base(lua_State* lua);
  static int make_layer(lua_State* lua);
  static int enter(lua_State* lua);
  static int define_hook(lua_State* lua);
  static int no_global(lua_State* lua);
  static int no_new_global(lua_State* lua);
  static int parent_hook(lua_State* lua);
  static int default_answer(lua_State* lua);
  static int note(lua_State* lua);
  static int close_on_failure(lua_State* lua);
  static int plugin_function(lua_State* lua);
  static Result<Json> plugin_arguments(lua_State* lua, const PluginFunction& function);
  static PolicyEnvironment& of(lua_State* lua);
  int hook_below(std::string_view name, std::size_t layer) const; // LUA_NOREF: none
  std::optional<PolicyFault> load_file(const PolicyFile& file);
  PolicyFault fault(StoppedBy stopped) const;

  const PolicyWorld& world_;
  LuaState state_;
  int base_ = LUA_NOREF;
  bool loading_ = false;
  std::size_t layer_ = 0;
  std::vector<std::shared_ptr<const PolicyFile>> files_;
  std::vector<std::map<std::string, int, std::less<>>> layers_; // hook -> function, by file
  std::map<std::string, Hooked, std::less<>> deepest_;
  std::set<std::string> closed_;
  std::vector<std::string> notes_;
};

} // namespace viadux
