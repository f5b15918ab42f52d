#include "core/policy/lua_values.hpp"

#include <cmath>

namespace viadux {
namespace {

constexpr int deepest = 12;
constexpr std::size_t most_values = 4000;
constexpr std::size_t most_text = 65'536;

int unknown_field(lua_State* lua) {
  const auto* schema = static_cast<const PolicySchema*>(lua_touserdata(lua, lua_upvalueindex(1)));
  const char* name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  if (schema->field(name)) return 0; // known, and not given this time: nil
  LuaState& state = LuaState::of(lua);
  state.scratch = meant(name, schema->names());
  if (state.scratch.empty()) {
    for (const PolicySchema& known : schema->fields)
      state.scratch.append(state.scratch.empty() ? "there are: " : ", ").append(known.name);
  }
  return luaL_error(lua, "there is no field '%s' here; %s", name, state.scratch.c_str());
}

// The metatable of a schema's tables, made once for each state.
void set_strict(lua_State* lua, const PolicySchema* schema) {
  if (lua_rawgetp(lua, LUA_REGISTRYINDEX, schema) != LUA_TTABLE) {
    lua_pop(lua, 1);
    lua_createtable(lua, 0, 2);
    lua_pushlightuserdata(lua, const_cast<PolicySchema*>(schema));
    lua_pushcclosure(lua, unknown_field, 1);
    lua_setfield(lua, -2, "__index");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable");
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, schema);
  }
  lua_setmetatable(lua, -2);
}

class Reader {
 public:
  explicit Reader(lua_State* lua) : lua_(lua) {}

  Result<Json> read(int index, const PolicySchema* schema, int depth) {
    if (++values_ > most_values) return wrong("has more than 4000 values");
    switch (lua_type(lua_, index)) {
    case LUA_TNIL:
      return Json();
    case LUA_TBOOLEAN:
      return Json(lua_toboolean(lua_, index) != 0);
    case LUA_TNUMBER:
      return read_number(index, schema);
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* text = lua_tolstring(lua_, index, &size);
      if (size > most_text) return wrong("has a text longer than 65536 bytes");
      return Json(std::string(text, size));
    }
    case LUA_TTABLE:
      return read_table(index, schema, depth);
    default:
      return wrong(std::string("holds a ") + lua_typename(lua_, lua_type(lua_, index)));
    }
  }

 private:
  static Error wrong(const std::string& what) {
    return make_error(ErrorCode::bad_argument, "answer_malformed", "the answer " + what);
  }

  Result<Json> read_number(int index, const PolicySchema* schema) const {
    if (lua_isinteger(lua_, index)) return Json(static_cast<std::int64_t>(lua_tointeger(lua_, index)));
    const double number = lua_tonumber(lua_, index);
    if (!std::isfinite(number)) return wrong("holds a number that is none");
    const bool whole = schema && schema->type == PolicySchema::Type::integer;
    if (whole && number == std::floor(number) && std::fabs(number) < 9e15)
      return Json(static_cast<std::int64_t>(number)); // 10 / 2 is 5.0 in Lua
    return Json(number);
  }

  Result<Json> read_table(int index, const PolicySchema* schema, int depth) {
    if (depth > deepest) return wrong("has tables in tables in tables, too deep");
    if (!lua_checkstack(lua_, 4)) return wrong("is too deep");
    const int table = lua_absindex(lua_, index);
    const auto length = static_cast<std::size_t>(lua_rawlen(lua_, table));
    if (length > 0 || (schema && schema->type == PolicySchema::Type::list))
      return read_list(table, length, schema, depth);
    Json::Object members;
    lua_pushnil(lua_);
    while (lua_next(lua_, table) != 0) {
      if (lua_type(lua_, -2) != LUA_TSTRING) {
        lua_pop(lua_, 2);
        return wrong("has a field whose name is no text");
      }
      std::size_t size = 0;
      const char* text = lua_tolstring(lua_, -2, &size);
      std::string name(text, size);
      auto value = read(-1, schema ? schema->field(name) : nullptr, depth + 1);
      if (!value) {
        lua_pop(lua_, 2);
        return value;
      }
      members.emplace_back(std::move(name), std::move(*value));
      lua_pop(lua_, 1);
    }
    return Json(std::move(members));
  }

  Result<Json> read_list(int table, std::size_t length, const PolicySchema* schema, int depth) {
    if (length > most_values) return wrong("has a list of more than 4000 items");
    const PolicySchema* item = schema && !schema->item.empty() ? &schema->item.front() : nullptr;
    Json::Array items;
    for (std::size_t i = 1; i <= length; ++i) {
      lua_rawgeti(lua_, table, static_cast<lua_Integer>(i));
      auto value = read(-1, item, depth + 1);
      lua_pop(lua_, 1);
      if (!value) return value;
      items.push_back(std::move(*value));
    }
    std::size_t members = 0; // a list with names beside it is a mistake that would be lost silently
    lua_pushnil(lua_);
    while (lua_next(lua_, table) != 0) {
      lua_pop(lua_, 1);
      if (++members > length) {
        lua_pop(lua_, 1);
        return wrong("has a table that is both a list and has names");
      }
    }
    return Json(std::move(items));
  }

  lua_State* lua_;
  std::size_t values_ = 0;
};

} // namespace

void push_value(lua_State* lua, const Json& value, const PolicySchema* schema) {
  luaL_checkstack(lua, 6, "too deep");
  if (const bool* flag = value.boolean()) return lua_pushboolean(lua, *flag ? 1 : 0);
  if (const std::int64_t* whole = value.integer()) return lua_pushinteger(lua, *whole);
  if (value.is_number()) return lua_pushnumber(lua, value.number());
  if (const std::string* text = value.text()) {
    lua_pushlstring(lua, text->data(), text->size());
    return;
  }
  if (const Json::Array* items = value.array()) {
    const PolicySchema* item = schema && !schema->item.empty() ? &schema->item.front() : nullptr;
    lua_createtable(lua, static_cast<int>(items->size()), 0);
    for (std::size_t i = 0; i < items->size(); ++i) {
      push_value(lua, (*items)[i], item);
      lua_rawseti(lua, -2, static_cast<lua_Integer>(i) + 1);
    }
    return;
  }
  if (const Json::Object* members = value.object()) {
    lua_createtable(lua, 0, static_cast<int>(members->size()));
    for (const auto& [name, member] : *members) {
      lua_pushlstring(lua, name.data(), name.size());
      push_value(lua, member, schema ? schema->field(name) : nullptr);
      lua_rawset(lua, -3);
    }
    if (schema && !schema->fields.empty()) set_strict(lua, schema);
    return;
  }
  lua_pushnil(lua);
}

Result<Json> read_value(lua_State* lua, int index, const PolicySchema* schema) {
  return Reader(lua).read(index, schema, 0);
}

} // namespace viadux
