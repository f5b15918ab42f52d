// string.find, match, gmatch, gsub, rep and format as Lua's manual has them, bounded.
#include "core/policy/library.hpp"
#include "core/policy/pattern.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace viadux {
namespace {

constexpr std::uint64_t most_steps = 400'000; // some 2 ms
constexpr std::size_t most_repeated = std::size_t{64} * 1024;
constexpr bool is_special(char c) {
  return std::string_view("^$*+?.([%-").find(c) != std::string_view::npos;
}

std::string_view argument(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, index, &size);
  return {text, size};
}

// Where to begin: 1 is the first; negative counts from the end.
std::size_t begin_at(lua_Integer init, std::size_t size) {
  if (init > 0) return static_cast<std::size_t>(init) - 1;
  if (init == 0 || -init > static_cast<lua_Integer>(size)) return 0;
  return size - static_cast<std::size_t>(-init);
}

void raise_if_wrong(lua_State* lua, const PatternMatch& match, std::uint64_t charged) {
  if (match.error()) luaL_error(lua, "%s", match.error());
  LuaState::charge(lua, (match.steps() - charged) / 4);
}

void push_capture(lua_State* lua, const PatternMatch& match, int index, const char* begin, const char* from,
                  const char* to) {
  if (index >= match.captures()) {
    if (index != 0) luaL_error(lua, "the pattern has no capture %%%d", index + 1);
    lua_pushlstring(lua, from, static_cast<std::size_t>(to - from));
    return;
  }
  const PatternMatch::Capture& capture = match.capture(index);
  if (capture.size == PatternMatch::position)
    lua_pushinteger(lua, capture.at - begin + 1);
  else if (capture.size < 0)
    luaL_error(lua, "the pattern has a ( without its )");
  else
    lua_pushlstring(lua, capture.at, static_cast<std::size_t>(capture.size));
}

int push_captures(lua_State* lua, const PatternMatch& match, const char* begin, const char* from,
                  const char* to, bool whole) {
  const int count = match.captures() == 0 && whole ? 1 : match.captures();
  luaL_checkstack(lua, count, "too many captures");
  for (int i = 0; i < count; ++i)
    push_capture(lua, match, i, begin, from, to);
  return count;
}

int find_or_match(lua_State* lua, bool find) {
  const std::string_view text = argument(lua, 1);
  std::string_view pattern = argument(lua, 2);
  const std::size_t init = begin_at(luaL_optinteger(lua, 3, 1), text.size());
  if (init > text.size()) {
    lua_pushnil(lua);
    return 1;
  }
  if (find && (lua_toboolean(lua, 4) != 0 || std::ranges::none_of(pattern, is_special))) {
    LuaState::charge(lua, text.size() / 32);
    const std::size_t at = text.find(pattern, init);
    if (at == std::string_view::npos) {
      lua_pushnil(lua);
      return 1;
    }
    const auto before = static_cast<lua_Integer>(at);
    lua_pushinteger(lua, before + 1);
    lua_pushinteger(lua, before + static_cast<lua_Integer>(pattern.size()));
    return 2;
  }
  const bool anchored = pattern.starts_with('^');
  if (anchored) pattern.remove_prefix(1);
  PatternMatch match(text, pattern, most_steps);
  const char* const end = text.data() + text.size();
  for (const char* from = text.data() + init; from <= end; ++from) {
    if (const char* to = match.at(from)) {
      raise_if_wrong(lua, match, 0);
      if (!find) return push_captures(lua, match, text.data(), from, to, true);
      lua_pushinteger(lua, from - text.data() + 1);
      lua_pushinteger(lua, to - text.data());
      return push_captures(lua, match, text.data(), from, to, false) + 2;
    }
    if (anchored || match.error()) break;
  }
  raise_if_wrong(lua, match, 0);
  lua_pushnil(lua);
  return 1;
}

int text_find(lua_State* lua) {
  return find_or_match(lua, true);
}

int text_match(lua_State* lua) {
  return find_or_match(lua, false);
}

int next_match(lua_State* lua) {
  const std::string_view text = argument(lua, lua_upvalueindex(1));
  const std::string_view pattern = argument(lua, lua_upvalueindex(2));
  const auto start = static_cast<std::size_t>(lua_tointeger(lua, lua_upvalueindex(3)));
  const lua_Integer last_end = lua_tointeger(lua, lua_upvalueindex(4));
  PatternMatch match(text, pattern, most_steps);
  for (std::size_t at = start; at <= text.size(); ++at) {
    const char* from = text.data() + at;
    const char* to = match.at(from);
    if (match.error()) break;
    if (!to || to - text.data() == last_end) continue; // an empty match right after another is none
    lua_pushinteger(lua, to - text.data());
    lua_replace(lua, lua_upvalueindex(3));
    lua_pushinteger(lua, to - text.data());
    lua_replace(lua, lua_upvalueindex(4));
    raise_if_wrong(lua, match, 0);
    return push_captures(lua, match, text.data(), from, to, true);
  }
  raise_if_wrong(lua, match, 0);
  return 0;
}

int text_gmatch(lua_State* lua) {
  (void)argument(lua, 1);
  (void)argument(lua, 2);
  lua_settop(lua, 2);
  lua_pushinteger(lua, 0);
  lua_pushinteger(lua, -1);
  lua_pushcclosure(lua, next_match, 4);
  return 1;
}

void add_text_replacement(lua_State* lua, luaL_Buffer* out, const PatternMatch& match, std::string_view with,
                          const char* begin, const char* from, const char* to) {
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] != '%') {
      luaL_addchar(out, with[i]);
      continue;
    }
    const char next = ++i < with.size() ? with[i] : '\0';
    if (next == '%') {
      luaL_addchar(out, '%');
    } else if (next == '0') {
      luaL_addlstring(out, from, static_cast<std::size_t>(to - from));
    } else if (next >= '1' && next <= '9') {
      push_capture(lua, match, next - '1', begin, from, to);
      luaL_tolstring(lua, -1, nullptr);
      lua_remove(lua, -2);
      luaL_addvalue(out);
    } else {
      luaL_error(lua, "in a replacement, %% is followed by a digit or another %%");
    }
  }
}

// false or nil keeps what was there.
void add_value_replacement(lua_State* lua, luaL_Buffer* out, const PatternMatch& match, const char* begin,
                           const char* from, const char* to) {
  if (lua_type(lua, 3) == LUA_TFUNCTION) {
    lua_pushvalue(lua, 3);
    const int count = push_captures(lua, match, begin, from, to, true);
    lua_call(lua, count, 1);
  } else {
    push_capture(lua, match, 0, begin, from, to);
    lua_gettable(lua, 3);
  }
  if (lua_toboolean(lua, -1) == 0) {
    lua_pop(lua, 1);
    luaL_addlstring(out, from, static_cast<std::size_t>(to - from));
    return;
  }
  if (lua_isstring(lua, -1) == 0)
    luaL_error(lua, "a replacement must be a text, not a %s", luaL_typename(lua, -1));
  luaL_addvalue(out);
}

int text_gsub(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  std::string_view pattern = argument(lua, 2);
  const int kind = lua_type(lua, 3);
  luaL_argexpected(lua,
                   kind == LUA_TSTRING || kind == LUA_TNUMBER || kind == LUA_TTABLE || kind == LUA_TFUNCTION,
                   3, "text, table or function");
  const auto most = luaL_optinteger(lua, 4, static_cast<lua_Integer>(text.size()) + 1);
  const bool anchored = pattern.starts_with('^');
  if (anchored) pattern.remove_prefix(1);
  const std::string_view with =
      kind == LUA_TSTRING || kind == LUA_TNUMBER ? argument(lua, 3) : std::string_view();
  PatternMatch match(text, pattern, most_steps);
  luaL_Buffer out;
  luaL_buffinit(lua, &out);
  const char* from = text.data();
  const char* const end = from + text.size();
  const char* last_end = nullptr;
  lua_Integer count = 0;
  std::uint64_t charged = 0;
  while (count < most) {
    const char* to = match.at(from);
    raise_if_wrong(lua, match, charged);
    charged = match.steps();
    if (to && to != last_end) {
      ++count;
      if (kind == LUA_TSTRING || kind == LUA_TNUMBER)
        add_text_replacement(lua, &out, match, with, text.data(), from, to);
      else
        add_value_replacement(lua, &out, match, text.data(), from, to);
      from = last_end = to;
    } else if (from < end) {
      luaL_addchar(&out, *from);
      ++from;
    } else {
      break;
    }
    if (anchored) break;
  }
  if (from < end) luaL_addlstring(&out, from, static_cast<std::size_t>(end - from));
  luaL_pushresult(&out);
  lua_pushinteger(lua, count);
  return 2;
}

// The original repeats an empty text a billion times, and is deaf meanwhile.
int text_rep(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  const lua_Integer times = luaL_checkinteger(lua, 2);
  std::size_t size = 0;
  const char* between = luaL_optlstring(lua, 3, "", &size);
  const std::string_view separator(between, size);
  const std::size_t step = text.size() + separator.size();
  if (times <= 0 || step == 0) {
    lua_pushliteral(lua, "");
    return 1;
  }
  if (step > most_repeated || static_cast<std::uint64_t>(times) > most_repeated / step)
    return luaL_error(lua, "string.rep makes texts of at most 65536 bytes");
  LuaState::charge(lua, step * static_cast<std::size_t>(times) / 64);
  luaL_Buffer out;
  luaL_buffinit(lua, &out);
  for (lua_Integer i = 0; i < times; ++i) {
    luaL_addlstring(&out, text.data(), text.size());
    if (i + 1 < times) luaL_addlstring(&out, separator.data(), separator.size());
  }
  luaL_pushresult(&out);
  return 1;
}

// %p would tell addresses.
int text_format(lua_State* lua) {
  const std::string_view format = argument(lua, 1);
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    while (i < format.size() && std::strchr("-+ #0123456789.", format[i]) != nullptr)
      ++i;
    if (i < format.size() && format[i] == 'p') return luaL_error(lua, "%%p is not for policies");
  }
  LuaState::charge(lua, format.size() / 16);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 1);
  return 1;
}

constexpr std::array functions{
    LibraryFunction{"string.find", text_find, "text, pattern [, from [, plain]]",
                    "Where the pattern is in the text: two positions, or nil."},
    LibraryFunction{"string.match", text_match, "text, pattern [, from]",
                    "What the pattern finds in the text, or nil."},
    LibraryFunction{"string.gmatch", text_gmatch, "text, pattern",
                    "For loops over all that the pattern finds."},
    LibraryFunction{"string.gsub", text_gsub, "text, pattern, replacement [, most]",
                    "The text with what the pattern finds replaced, and how often that was."},
    LibraryFunction{"string.rep", text_rep, "text, times [, between]", "The text so many times."},
    LibraryFunction{"string.format", text_format, "format, ...", "A text with values put in: %s, %d, %02d."},
};

} // namespace

std::span<const LibraryFunction> text_functions() {
  return functions;
}

} // namespace viadux
