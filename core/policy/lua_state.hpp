// A Lua state that cannot cost more than it is given: memory by its allocator, instructions and CPU time by a
// hook that, once the budget is spent, raises again at every instruction, so that no pcall outlives it.
// [one thread at a time]
#pragma once

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <string>

namespace viadux {

// For one call, the parents that it calls included.
struct PolicyLimits {
  std::int64_t cpu_us = 20'000;
  std::uint64_t instructions = 2'000'000;
  std::size_t memory_bytes = std::size_t{8} * 1024 * 1024; // of the whole state
  std::int64_t wall_us = 250'000; // from asking to answering, waiting included; the engine's watchdog
};

enum class StoppedBy : std::uint8_t { nothing, instructions, cpu, memory, error };
const char* to_word(StoppedBy stopped);

class LuaState {
 public:
  explicit LuaState(const PolicyLimits& limits);
  ~LuaState();
  LuaState(const LuaState&) = delete;
  LuaState& operator=(const LuaState&) = delete;

  lua_State* lua() const { return lua_; } // null: there was no memory even for an empty one

  // Calls what lies on the stack (a function and its arguments) under a budget of its own. What it raises
  // comes as a text in fault(), "FILE:LINE: what" where it is known.
  StoppedBy call(int arguments, int results);
  const std::string& fault() const { return fault_; }
  std::uint64_t used_instructions() const { return instructions_; }
  std::int64_t used_cpu_us() const { return cpu_us_; }
  std::size_t used_memory() const { return memory_used_; }
  const PolicyLimits& limits() const { return limits_; }

  // For functions in C: work that the hook cannot see is charged as if it were instructions. Raises when the
  // budget is spent.
  static void charge(lua_State* lua, std::uint64_t instructions);
  static LuaState& of(lua_State* lua);

  // Texts that library functions build live here, not on the C stack, which an error jumps over.
  std::string scratch;
  void* owner = nullptr; // the environment, for library functions

 private:
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void watch(lua_State* lua, lua_Debug* at);
  static int describe_error(lua_State* lua);
  [[noreturn]] void stop(lua_State* lua, StoppedBy why);
  void check(lua_State* lua);

  const PolicyLimits limits_;
  std::size_t memory_used_ = 0;
  bool memory_refused_ = false;
  std::uint64_t instructions_ = 0;
  std::int64_t began_us_ = 0;
  std::int64_t cpu_began_us_ = 0;
  std::int64_t cpu_us_ = 0;
  StoppedBy stopped_ = StoppedBy::nothing;
  int depth_ = 0;
  std::string fault_;
  lua_State* lua_ = nullptr; // last: making it allocates
};

} // namespace viadux
