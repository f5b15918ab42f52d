// time.*: what time it is where people are.
#include "core/policy/library.hpp"
#include "core/policy/time_zone.hpp"

#include <array>
#include <ctime>
#include <map>
#include <mutex>

namespace viadux {
namespace {

// Zones that have been asked for: reading a file for each decision would be slow.
std::optional<TimeZone> zone_of(const char* name) {
  static std::mutex mutex;
  static std::map<std::string, std::optional<TimeZone>> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  auto zone = TimeZone::named(name);
  if (known.size() < 200) known.emplace(name, zone);
  return zone;
}

void set_number(lua_State* lua, const char* name, lua_Integer value) {
  lua_pushinteger(lua, value);
  lua_setfield(lua, -2, name);
}

int time_at(lua_State* lua) {
  const lua_Integer at = luaL_checkinteger(lua, 1);
  const char* name = luaL_optstring(lua, 2, "Europe/Copenhagen");
  if (at < 0 || at > 253'402'300'799)
    return luaL_error(lua, "this is no time: seconds since 1970 are wanted");
  const std::optional<TimeZone> zone = zone_of(name);
  if (!zone) return luaL_error(lua, "there is no time zone '%s'; write it as Europe/Copenhagen", name);
  const WallTime wall = zone->at(at);
  lua_createtable(lua, 0, 9);
  set_number(lua, "year", wall.year);
  set_number(lua, "month", wall.month);
  set_number(lua, "day", wall.day);
  set_number(lua, "hour", wall.hour);
  set_number(lua, "minute", wall.minute);
  set_number(lua, "second", wall.second);
  set_number(lua, "weekday", wall.weekday);
  set_number(lua, "minutes", static_cast<lua_Integer>(wall.hour) * 60 + wall.minute);
  set_number(lua, "offset", wall.offset_s);
  return 1;
}

int time_now(lua_State* lua) {
  lua_settop(lua, 1);
  lua_pushinteger(lua, static_cast<lua_Integer>(std::time(nullptr)));
  lua_insert(lua, 1);
  return time_at(lua);
}

int time_seconds(lua_State* lua) {
  lua_pushinteger(lua, static_cast<lua_Integer>(std::time(nullptr)));
  return 1;
}

constexpr std::array functions{
    LibraryFunction{
        "time.now", time_now, "[zone]",
        "The time now, by default in Europe/Copenhagen: a table with year, month, day, hour, minute, "
        "second, weekday (1 is Monday), minutes (since midnight) and offset (seconds)."},
    LibraryFunction{"time.at", time_at, "seconds [, zone]", "The same for a time in seconds since 1970."},
    LibraryFunction{"time.seconds", time_seconds, "", "Seconds since 1970."},
};

} // namespace

std::span<const LibraryFunction> time_functions() {
  return functions;
}

} // namespace viadux
