// What is left of Lua's own library, and how it is made safe: nothing that reaches files, processes, other
// code or metatables; tables that nobody can change; functions in C that charge for their work.
#include "core/policy/library.hpp"

#include <array>
#include <cstring>

namespace viadux {
namespace {

constexpr lua_Integer most_unpacked = 1000;

// Lua's own functions that are kept. What is not here is not there: load, dofile, require, io, os, debug,
// coroutine, setmetatable, rawset, collectgarbage, string.dump, string.pack, table.move, math.random.
constexpr std::array kept_base{"assert", "error",  "ipairs",   "next", "pairs",
                               "pcall",  "select", "tonumber", "type"};
constexpr std::array kept_string{"byte", "char", "len", "lower", "reverse", "sub", "upper"};
constexpr std::array kept_table{"concat", "insert", "pack", "remove"};
constexpr std::array kept_math{"abs", "ceil", "exp",        "floor", "fmod",       "huge",
                               "log", "max",  "maxinteger", "min",   "mininteger", "modf",
                               "pi",  "sqrt", "tointeger",  "type"};
constexpr std::array kept_utf8{"char", "charpattern", "codepoint", "codes", "len", "offset"};

// Calls the original, charged by the size of what it is given.
int charged(lua_State* lua) {
  std::uint64_t cost = 1;
  for (int i = 1; i <= lua_gettop(lua); ++i) {
    const int type = lua_type(lua, i);
    if (type == LUA_TSTRING) cost += lua_rawlen(lua, i) / 32;
    if (type == LUA_TTABLE) cost += lua_rawlen(lua, i) / 4;
  }
  LuaState::charge(lua, cost);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

int table_sort(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  const auto size = static_cast<std::uint64_t>(lua_rawlen(lua, 1));
  LuaState::charge(lua, size * 20); // n log n comparisons, none of which the hook sees
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 0);
  return 0;
}

int table_unpack(lua_State* lua) {
  const lua_Integer from = luaL_optinteger(lua, 2, 1);
  const lua_Integer to = lua_isnoneornil(lua, 3) ? luaL_len(lua, 1) : luaL_checkinteger(lua, 3);
  if (from > to) return 0;
  if (from < -most_unpacked || to > 1'000'000 || to - from >= most_unpacked)
    return luaL_error(lua, "table.unpack gives at most %d values", static_cast<int>(most_unpacked));
  luaL_checkstack(lua, static_cast<int>(to - from) + 1, "too many values");
  for (lua_Integer i = from; i <= to; ++i)
    lua_geti(lua, 1, i);
  return static_cast<int>(to - from) + 1;
}

// Without the address that Lua would show.
int to_text(lua_State* lua) {
  switch (lua_type(lua, 1)) {
  case LUA_TNIL:
  case LUA_TBOOLEAN:
  case LUA_TNUMBER:
  case LUA_TSTRING:
    luaL_tolstring(lua, 1, nullptr);
    return 1;
  case LUA_TNONE:
    return luaL_argerror(lua, 1, "a value is missing");
  default:
    lua_pushstring(lua, luaL_typename(lua, 1));
    return 1;
  }
}

int no_change(lua_State* lua) {
  return luaL_error(lua, "this table belongs to the library and cannot be changed");
}

// The table on top is replaced by an empty one that reads from it.
void make_read_only(lua_State* lua) {
  lua_newtable(lua);
  lua_createtable(lua, 0, 3);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, no_change);
  lua_setfield(lua, -2, "__newindex");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  lua_remove(lua, -2);
}

// From the library's table at `from` to the one on top.
template <std::size_t Count>
void keep(lua_State* lua, int from, const std::array<const char*, Count>& names, bool charge) {
  for (const char* name : names) {
    lua_getfield(lua, from, name);
    if (charge && lua_type(lua, -1) == LUA_TFUNCTION) lua_pushcclosure(lua, charged, 1);
    lua_setfield(lua, -2, name);
  }
}

int open_original(lua_State* lua, lua_CFunction open) {
  lua_pushcfunction(lua, open);
  lua_pushstring(lua, "original");
  lua_call(lua, 1, 1);
  return lua_gettop(lua);
}

void open_base(lua_State* lua, int base) {
  const int original = open_original(lua, luaopen_base);
  lua_pushvalue(lua, base);
  keep(lua, original, kept_base, false);
  lua_pushcfunction(lua, to_text);
  lua_setfield(lua, -2, "tostring");
  lua_pop(lua, 2);
}

void open_string(lua_State* lua, int base) {
  const int original = open_original(lua, luaopen_string);
  lua_newtable(lua);
  keep(lua, original, kept_string, true);
  for (const LibraryFunction& function : text_functions()) {
    const char* name = std::strchr(function.name, '.') + 1;
    if (std::strcmp(name, "format") == 0) {
      lua_getfield(lua, original, "format");
      lua_pushcclosure(lua, function.function, 1);
    } else {
      lua_pushcfunction(lua, function.function);
    }
    lua_setfield(lua, -2, name);
  }
  // ("x"):upper() looks here; the table itself is in nobody's reach.
  lua_pushliteral(lua, "");
  lua_createtable(lua, 0, 2);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  lua_pop(lua, 1);
  make_read_only(lua);
  lua_setfield(lua, base, "string");
  lua_pop(lua, 1);
}

void open_table(lua_State* lua, int base) {
  const int original = open_original(lua, luaopen_table);
  lua_newtable(lua);
  keep(lua, original, kept_table, true);
  lua_getfield(lua, original, "sort");
  lua_pushcclosure(lua, table_sort, 1);
  lua_setfield(lua, -2, "sort");
  lua_pushcfunction(lua, table_unpack);
  lua_setfield(lua, -2, "unpack");
  make_read_only(lua);
  lua_setfield(lua, base, "table");
  lua_pop(lua, 1);
}

template <std::size_t Count>
void open_kept(lua_State* lua, int base, const char* name, lua_CFunction open,
               const std::array<const char*, Count>& names) {
  const int original = open_original(lua, open);
  lua_newtable(lua);
  keep(lua, original, names, true);
  make_read_only(lua);
  lua_setfield(lua, base, name);
  lua_pop(lua, 1);
}

void open_own(lua_State* lua, int base, std::span<const LibraryFunction> functions) {
  for (const LibraryFunction& function : functions) {
    const char* dot = std::strchr(function.name, '.');
    push_library_table(lua, base, {function.name, static_cast<std::size_t>(dot - function.name)});
    lua_pushcfunction(lua, function.function);
    lua_setfield(lua, -2, dot + 1);
    lua_pop(lua, 1);
  }
}

} // namespace

void open_library(lua_State* lua) {
  const int base = lua_gettop(lua);
  luaL_checkstack(lua, 20, "no room");
  open_base(lua, base);
  open_string(lua, base);
  open_table(lua, base);
  open_kept(lua, base, "math", luaopen_math, kept_math);
  open_kept(lua, base, "utf8", luaopen_utf8, kept_utf8);
  for (const auto functions : {net_functions(), time_functions(), secret_functions()})
    open_own(lua, base, functions);
}

void push_library_table(lua_State* lua, int base, std::string_view name) {
  lua_pushlstring(lua, name.data(), name.size());
  lua_pushvalue(lua, -1);
  if (lua_rawget(lua, base) != LUA_TTABLE) {
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_pushvalue(lua, -2);
    lua_pushvalue(lua, -2);
    lua_rawset(lua, base);
  }
  lua_remove(lua, -2);
}

void protect_library(lua_State* lua) {
  const int base = lua_gettop(lua);
  lua_pushnil(lua);
  while (lua_next(lua, base) != 0) {
    const bool open = lua_type(lua, -1) == LUA_TTABLE && lua_getmetatable(lua, -1) == 0;
    lua_settop(lua, base + 2); // name and value
    if (open) {
      make_read_only(lua);
      lua_pushvalue(lua, -2);
      lua_insert(lua, -2);
      lua_rawset(lua, base); // a field that is there may be given anew on the way
    } else {
      lua_pop(lua, 1);
    }
  }
}

} // namespace viadux
