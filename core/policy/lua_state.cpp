#include "core/policy/lua_state.hpp"

#include <cstdlib>
#include <ctime>

namespace viadux {
namespace {

// Between two looks at the clock. A single instruction can copy a few megabytes (..), so that it stays small.
constexpr int look_every = 128;

std::int64_t clock_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

} // namespace

const char* to_word(StoppedBy stopped) {
  switch (stopped) {
  case StoppedBy::instructions:
    return "instructions";
  case StoppedBy::cpu:
    return "cpu";
  case StoppedBy::memory:
    return "memory";
  case StoppedBy::error:
    return "error";
  default:
    return "nothing";
  }
}

LuaState::LuaState(const PolicyLimits& limits) : limits_(limits), lua_(lua_newstate(allocate, this)) {
  if (lua_) *static_cast<LuaState**>(lua_getextraspace(lua_)) = this;
}

LuaState::~LuaState() {
  if (lua_) lua_close(lua_);
}

LuaState& LuaState::of(lua_State* lua) {
  return **static_cast<LuaState**>(lua_getextraspace(lua));
}

void* LuaState::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  auto& state = *static_cast<LuaState*>(self);
  if (!block) old_size = 0; // it is then a kind of object, not a size
  if (new_size == 0) {
    std::free(block); // NOLINT(cppcoreguidelines-no-malloc)
    state.memory_used_ -= old_size;
    return nullptr;
  }
  if (new_size > old_size && state.memory_used_ - old_size + new_size > state.limits_.memory_bytes) {
    state.memory_refused_ = true; // Lua collects its rubbish and asks once more
    return nullptr;
  }
  void* fresh = std::realloc(block, new_size); // NOLINT(cppcoreguidelines-no-malloc)
  if (fresh) {
    state.memory_used_ = state.memory_used_ - old_size + new_size;
    state.memory_refused_ = false;
  }
  return fresh;
}

void LuaState::stop(lua_State* lua, StoppedBy why) {
  if (stopped_ == StoppedBy::nothing) stopped_ = why;
  lua_sethook(lua, watch, LUA_MASKCOUNT, 1); // whatever catches this meets the next one at once
  luaL_error(lua, "%s", why == StoppedBy::cpu ? "the policy took too long" : "the policy did too much");
  std::abort(); // luaL_error never returns
}

void LuaState::check(lua_State* lua) {
  if (stopped_ != StoppedBy::nothing) stop(lua, stopped_);
  if (instructions_ > limits_.instructions) stop(lua, StoppedBy::instructions);
  // CPU time is never more than time on the wall, and that costs no system call to read.
  if (clock_us(CLOCK_MONOTONIC) - began_us_ <= limits_.cpu_us) return;
  if (clock_us(CLOCK_THREAD_CPUTIME_ID) - cpu_began_us_ > limits_.cpu_us) stop(lua, StoppedBy::cpu);
}

void LuaState::watch(lua_State* lua, lua_Debug* /*at*/) {
  LuaState& state = of(lua);
  state.instructions_ += look_every;
  state.check(lua);
}

void LuaState::charge(lua_State* lua, std::uint64_t instructions) {
  LuaState& state = of(lua);
  if (state.depth_ == 0) return; // the library itself is being made
  state.instructions_ += instructions;
  if (instructions >= look_every || state.stopped_ != StoppedBy::nothing) state.check(lua);
}

int LuaState::describe_error(lua_State* lua) {
  if (lua_type(lua, 1) == LUA_TSTRING) return 1;
  // No metamethod is asked: what was raised is not trusted.
  lua_pushfstring(lua, "raised a value that is no text (%s)", luaL_typename(lua, 1));
  return 1;
}

StoppedBy LuaState::call(int arguments, int results) {
  const bool outermost = depth_++ == 0;
  if (outermost) {
    stopped_ = StoppedBy::nothing;
    instructions_ = 0;
    memory_refused_ = false;
    began_us_ = clock_us(CLOCK_MONOTONIC);
    cpu_began_us_ = clock_us(CLOCK_THREAD_CPUTIME_ID);
    lua_sethook(lua_, watch, LUA_MASKCOUNT, look_every);
  }
  const int handler = lua_gettop(lua_) - arguments;
  lua_pushcfunction(lua_, describe_error);
  lua_insert(lua_, handler);
  const int status = lua_pcall(lua_, arguments, results, handler);
  lua_remove(lua_, handler);
  --depth_;
  if (outermost) {
    lua_sethook(lua_, nullptr, 0, 0);
    cpu_us_ = clock_us(CLOCK_THREAD_CPUTIME_ID) - cpu_began_us_;
  }
  if (status == LUA_OK) return StoppedBy::nothing;
  std::size_t size = 0;
  const char* text = lua_type(lua_, -1) == LUA_TSTRING ? lua_tolstring(lua_, -1, &size) : nullptr;
  fault_ = text ? std::string(text, size < 2000 ? size : 2000) : "it failed while it was failing";
  lua_pop(lua_, 1);
  if (stopped_ != StoppedBy::nothing) return stopped_;
  if (status == LUA_ERRMEM) return StoppedBy::memory;
  return StoppedBy::error;
}

} // namespace viadux
