#include "core/policy/environment.hpp"

#include "core/policy/lua_values.hpp"
#include "core/policy/shipped.hpp"

#include <algorithm>

namespace viadux {
namespace {

constexpr std::size_t most_notes = 20;
constexpr std::size_t longest_note = 200;

} // namespace

struct PolicyEnvironment::Call {
  int function = LUA_NOREF;
  const Json* question = nullptr;
  const PolicySchema* schema = nullptr;
};

PolicyEnvironment& PolicyEnvironment::of(lua_State* lua) {
  return *static_cast<PolicyEnvironment*>(LuaState::of(lua).owner);
}

PolicyEnvironment::PolicyEnvironment(const PolicyWorld& world, const PolicyLimits& limits)
    : world_(world), state_(limits) {
  state_.owner = this;
}

// ---- what policies see

int PolicyEnvironment::note(lua_State* lua) {
  luaL_checkany(lua, 1);
  lua_settop(lua, 1);
  if (lua_type(lua, 1) == LUA_TTABLE)
    lua_pushliteral(lua, "a table");
  else
    luaL_tolstring(lua, 1, nullptr);
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, -1, &size);
  LuaState::charge(lua, 10);
  of(lua).add_note({text, std::min(size, longest_note)});
  return 0;
}

void PolicyEnvironment::add_note(std::string_view text) {
  if (notes_.size() < most_notes) notes_.emplace_back(text);
}

int PolicyEnvironment::close_on_failure(lua_State* lua) {
  PolicyEnvironment& self = of(lua);
  const char* name = luaL_checkstring(lua, 1);
  if (!self.loading_)
    return luaL_error(lua, "close_on_failure belongs at the top of the file, outside of hooks");
  if (!self.world_.hooks.find(name)) {
    LuaState& state = LuaState::of(lua);
    state.scratch = meant(name, self.world_.hooks.names());
    return luaL_error(lua, "there is no hook '%s'; %s", name, state.scratch.c_str());
  }
  self.closed_.insert(name);
  return 0;
}

int PolicyEnvironment::define_hook(lua_State* lua) {
  PolicyEnvironment& self = of(lua);
  const char* name = luaL_checkstring(lua, 2);
  if (!self.loading_) return luaL_error(lua, "hooks are made once, at the top of the file");
  if (!self.world_.hooks.find(name)) {
    LuaState& state = LuaState::of(lua);
    state.scratch = meant(name, self.world_.hooks.names());
    return luaL_error(lua, "there is no hook '%s'; %s", name, state.scratch.c_str());
  }
  if (lua_type(lua, 3) != LUA_TFUNCTION)
    return luaL_error(lua, "hooks.%s must be a function, not a %s", name, luaL_typename(lua, 3));
  auto& layer = self.layers_.back();
  if (layer.contains(name)) return luaL_error(lua, "this file has the hook '%s' twice", name);
  lua_settop(lua, 3);
  layer[name] = luaL_ref(lua, LUA_REGISTRYINDEX);
  self.deepest_[name] = {self.layer_, layer[name]};
  return 0;
}

int PolicyEnvironment::no_global(lua_State* lua) {
  const char* name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  return luaL_error(lua, "'%s' is not known here (a typing mistake, or a 'local' that is missing?)", name);
}

int PolicyEnvironment::no_new_global(lua_State* lua) {
  const char* name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  return luaL_error(lua, "write 'local %s = ...': without 'local' it would be everybody's", name);
}

int PolicyEnvironment::hook_below(std::string_view name, std::size_t layer) const {
  for (std::size_t i = layer; i-- > 0;)
    if (const auto at = layers_[i].find(name); at != layers_[i].end()) return at->second;
  return LUA_NOREF;
}

// parent.admit: the hook of the nearest file above that has it, else what the hook says by itself.
int PolicyEnvironment::parent_hook(lua_State* lua) {
  PolicyEnvironment& self = of(lua);
  const auto layer = static_cast<std::size_t>(lua_tointeger(lua, lua_upvalueindex(1)));
  const char* name = luaL_checkstring(lua, 2);
  const PolicyHook* hook = self.world_.hooks.find(name);
  if (!hook) {
    LuaState& state = LuaState::of(lua);
    state.scratch = meant(name, self.world_.hooks.names());
    return luaL_error(lua, "there is no hook '%s'; %s", name, state.scratch.c_str());
  }
  if (const int above = self.hook_below(name, layer); above != LUA_NOREF) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, above);
    return 1;
  }
  lua_pushlightuserdata(lua, const_cast<PolicyHook*>(hook));
  lua_pushcclosure(lua, default_answer, 1);
  return 1;
}

int PolicyEnvironment::default_answer(lua_State* lua) {
  const auto* hook = static_cast<const PolicyHook*>(lua_touserdata(lua, lua_upvalueindex(1)));
  push_value(lua, hook->default_answer, nullptr);
  return 1;
}

// ---- making it

int PolicyEnvironment::make_base(lua_State* lua) {
  PolicyEnvironment& self = of(lua);
  lua_newtable(lua);
  open_library(lua);
  const int base = lua_gettop(lua);
  for (const char* name : {"note", "print"}) {
    lua_pushcfunction(lua, note);
    lua_setfield(lua, base, name);
  }
  lua_pushcfunction(lua, close_on_failure);
  lua_setfield(lua, base, "close_on_failure");
  const std::string_view standard = shipped_lua("standard.lua");
  if (luaL_loadbufferx(lua, standard.data(), standard.size(), "=standard.lua", "t") != LUA_OK)
    return lua_error(lua);
  lua_pushvalue(lua, base);
  lua_setupvalue(lua, -2, 1);
  lua_call(lua, 0, 0);
  for (const PluginFunction& function : self.world_.functions) {
    const std::size_t dot = function.name.find('.');
    push_library_table(lua, base, std::string_view(function.name).substr(0, dot));
    lua_pushlightuserdata(lua, const_cast<PluginFunction*>(&function));
    lua_pushcclosure(lua, plugin_function, 1);
    lua_setfield(lua, -2, function.name.c_str() + dot + 1);
    lua_pop(lua, 1);
  }
  lua_settop(lua, base);
  protect_library(lua);
  self.base_ = luaL_ref(lua, LUA_REGISTRYINDEX);
  return 0;
}

// A file's own globals: the library copied (so that what one file does to its names is its own affair),
// `hooks` and `parent`. Gives the table.
int PolicyEnvironment::make_layer(lua_State* lua) {
  PolicyEnvironment& self = of(lua);
  lua_newtable(lua);
  const int layer = lua_gettop(lua);
  lua_rawgeti(lua, LUA_REGISTRYINDEX, self.base_);
  lua_pushnil(lua);
  while (lua_next(lua, -2) != 0) {
    lua_pushvalue(lua, -2);
    lua_insert(lua, -2);
    lua_rawset(lua, layer);
  }
  lua_settop(lua, layer);
  lua_newtable(lua); // hooks
  lua_createtable(lua, 0, 2);
  lua_pushcfunction(lua, define_hook);
  lua_setfield(lua, -2, "__newindex");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  lua_setfield(lua, layer, "hooks");
  lua_newtable(lua); // parent
  lua_createtable(lua, 0, 3);
  lua_pushinteger(lua, static_cast<lua_Integer>(self.layer_));
  lua_pushcclosure(lua, parent_hook, 1);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, no_new_global);
  lua_setfield(lua, -2, "__newindex");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  lua_setfield(lua, layer, "parent");
  lua_createtable(lua, 0, 3);
  lua_pushcfunction(lua, no_global);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, no_new_global);
  lua_setfield(lua, -2, "__newindex");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  return 1;
}

PolicyFault PolicyEnvironment::fault(StoppedBy stopped) const {
  PolicyFault out = fault_from(stopped, state_.fault());
  const PolicyLimits& limits = state_.limits();
  if (stopped == StoppedBy::cpu)
    out.message = "the policy took longer than " + std::to_string(limits.cpu_us / 1000) + " ms";
  if (stopped == StoppedBy::instructions)
    out.message =
        "the policy did more than " + std::to_string(limits.instructions) + " steps (a loop without an end?)";
  if (stopped == StoppedBy::memory)
    out.message =
        "the policy wanted more than " + std::to_string(limits.memory_bytes / 1024) + " KiB of memory";
  return out;
}

std::optional<PolicyFault> PolicyEnvironment::load(const PolicyProgram& program) {
  lua_State* lua = state_.lua();
  if (!lua) return PolicyFault{StoppedBy::memory, "there is no memory for a policy", "", 0, 0};
  lua_pushcfunction(lua, make_base);
  if (const StoppedBy stopped = state_.call(0, 0); stopped != StoppedBy::nothing) return fault(stopped);
  for (const auto& file : program.files) {
    files_.push_back(file);
    layers_.emplace_back();
    layer_ = layers_.size() - 1;
    if (auto failed = load_file(*file)) return failed;
  }
  return std::nullopt;
}

std::optional<PolicyFault> PolicyEnvironment::load_file(const PolicyFile& file) {
  lua_State* lua = state_.lua();
  if (file.text.size() > longest_policy)
    return PolicyFault{StoppedBy::memory, "the file is larger than 256 KiB", file.name, 0, 0};
  lua_settop(lua, 0);
  lua_pushcfunction(lua, make_layer);
  if (const StoppedBy stopped = state_.call(0, 1); stopped != StoppedBy::nothing) return fault(stopped);
  const std::string chunk = "@" + file.name;
  // "t": text only. Bytecode is not checked by Lua, and can do anything.
  const int status = luaL_loadbufferx(lua, file.text.data(), file.text.size(), chunk.c_str(), "t");
  if (status != LUA_OK) {
    std::size_t size = 0;
    const char* text = lua_tolstring(lua, -1, &size);
    PolicyFault out = fault_from(status == LUA_ERRMEM ? StoppedBy::memory : StoppedBy::error,
                                 text ? std::string(text, size) : "it cannot be read");
    if (out.file.empty()) out.file = file.name;
    lua_settop(lua, 0);
    return out;
  }
  lua_insert(lua, 1);
  lua_setupvalue(lua, 1, 1);
  loading_ = true;
  const StoppedBy stopped = state_.call(0, 0);
  loading_ = false;
  lua_settop(lua, 0);
  if (stopped == StoppedBy::nothing) return std::nullopt;
  PolicyFault out = fault(stopped);
  if (out.file.empty()) out.file = file.name;
  return out;
}

// ---- deciding

int PolicyEnvironment::enter(lua_State* lua) {
  const auto* call = static_cast<const Call*>(lua_touserdata(lua, 1));
  lua_rawgeti(lua, LUA_REGISTRYINDEX, call->function);
  push_value(lua, *call->question, call->schema);
  lua_call(lua, 1, 1);
  return 1;
}

PolicyVerdict PolicyEnvironment::decide(const PolicyHook& hook, const Json& question) {
  PolicyVerdict verdict;
  const auto found = deepest_.find(hook.name);
  if (found == deepest_.end()) return verdict;
  verdict.decided_in = files_[found->second.layer]->name;
  lua_State* lua = state_.lua();
  notes_.clear();
  Call call{found->second.reference, &question, &hook.question};
  lua_settop(lua, 0);
  lua_pushcfunction(lua, enter);
  lua_pushlightuserdata(lua, &call);
  const StoppedBy stopped = state_.call(1, 1);
  verdict.instructions = state_.used_instructions();
  verdict.cpu_us = state_.used_cpu_us();
  verdict.notes = std::move(notes_);
  if (stopped != StoppedBy::nothing) {
    verdict.fault = fault(stopped);
    if (verdict.fault->file.empty()) verdict.fault->file = verdict.decided_in;
    lua_settop(lua, 0);
    lua_gc(lua, LUA_GCCOLLECT);
    return verdict;
  }
  if (lua_isnil(lua, -1)) return lua_settop(lua, 0), verdict;
  auto answer = read_value(lua, -1, &hook.answer);
  lua_settop(lua, 0);
  std::optional<std::string> wrong;
  if (!answer)
    wrong = answer.error().message;
  else
    wrong = fault_in(*answer, hook.answer);
  if (wrong)
    verdict.fault =
        PolicyFault{StoppedBy::error, hook.name + " gave an answer that cannot be used: " + *wrong,
                    verdict.decided_in, 0, 0};
  else
    verdict.answer = overlaid(hook.default_answer, *answer);
  return verdict;
}

Result<Json> PolicyEnvironment::evaluate(const std::string& name, const std::string& text) {
  const auto failed = [](const PolicyFault& fault) {
    return make_error(ErrorCode::bad_argument, "policy_fault", to_string(fault));
  };
  lua_State* lua = state_.lua();
  lua_settop(lua, 0);
  lua_pushcfunction(lua, make_layer);
  if (const StoppedBy stopped = state_.call(0, 1); stopped != StoppedBy::nothing)
    return failed(fault(stopped));
  const std::string chunk = "@" + name;
  if (luaL_loadbufferx(lua, text.data(), text.size(), chunk.c_str(), "t") != LUA_OK) {
    std::size_t size = 0;
    const char* said = lua_tolstring(lua, -1, &size);
    const PolicyFault out =
        fault_from(StoppedBy::error, said ? std::string(said, size) : "it cannot be read");
    lua_settop(lua, 0);
    return failed(out);
  }
  lua_insert(lua, 1);
  lua_setupvalue(lua, 1, 1);
  if (const StoppedBy stopped = state_.call(0, 1); stopped != StoppedBy::nothing)
    return failed(fault(stopped));
  auto value = read_value(lua, -1, nullptr);
  lua_settop(lua, 0);
  return value;
}

bool PolicyEnvironment::worn() const {
  return state_.used_memory() > state_.limits().memory_bytes / 2;
}

// ---- plugins' functions

// One table, or the request's fields in their order.
Result<Json> PolicyEnvironment::plugin_arguments(lua_State* lua, const PluginFunction& function) {
  if (lua_type(lua, 1) == LUA_TTABLE) return read_value(lua, 1, nullptr);
  Json out{Json::Object{}};
  const auto given = static_cast<std::size_t>(lua_gettop(lua));
  if (given > function.arguments.size())
    return make_error(ErrorCode::bad_argument, "too_many",
                      "takes at most " + std::to_string(function.arguments.size()) + " values");
  for (std::size_t i = 0; i < given; ++i) {
    auto value = read_value(lua, static_cast<int>(i) + 1, nullptr);
    if (!value) return value;
    out.set(function.arguments[i], std::move(*value));
  }
  return out;
}

int PolicyEnvironment::plugin_function(lua_State* lua) {
  const auto* function = static_cast<const PluginFunction*>(lua_touserdata(lua, lua_upvalueindex(1)));
  LuaState& state = LuaState::of(lua);
  LuaState::charge(lua, 2000); // some microseconds that the hook cannot see
  bool well = false;
  {
    const Result<Json> arguments = plugin_arguments(lua, *function);
    const Result<Json> reply = arguments ? function->call(*arguments) : arguments;
    well = reply.has_value();
    state.scratch = well ? reply->dump() : function->name + ": " + reply.error().message;
  }
  if (!well) return luaL_error(lua, "%s", state.scratch.c_str());
  // By way of the text: pushing may raise, and what lives on this stack would be lost.
  auto* kept = static_cast<Json*>(lua_newuserdatauv(lua, sizeof(Json), 0));
  new (kept) Json();
  lua_createtable(lua, 0, 1);
  lua_pushcfunction(lua, [](lua_State* at) {
    static_cast<Json*>(lua_touserdata(at, 1))->~Json();
    return 0;
  });
  lua_setfield(lua, -2, "__gc");
  lua_setmetatable(lua, -2);
  {
    auto parsed = Json::parse(state.scratch);
    if (parsed) *kept = std::move(*parsed);
  }
  push_value(lua, *kept, nullptr);
  return 1;
}

} // namespace viadux
