// What policies may call: functions in C for what Lua cannot do safely or at all. lua/ has the rest of the
// standard library, in Lua. [the state's thread]
#pragma once

#include "core/policy/lua_state.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <viadux/json.hpp>

namespace viadux {

struct LibraryFunction {
  const char* name; // "net.in_subnet"
  lua_CFunction function;
  const char* arguments; // for the reference: "address, subnet"
  const char* help;
};

// Lua's own string functions where the original cannot be interrupted, and ours. For the reference too.
std::span<const LibraryFunction> text_functions();
std::span<const LibraryFunction> net_functions();
std::span<const LibraryFunction> time_functions();
std::span<const LibraryFunction> secret_functions(); // random, hash, encode, decode

// Leaves nothing; makes the tables `string`, `table`, `math`, `utf8`, `net`, `time` ... in the table at the
// top, which is then the base of every policy's environment. May raise.
void open_library(lua_State* lua);
// Leaves the table `name` of the table at index `base` on top, made if need be. May raise.
void push_library_table(lua_State* lua, int base, std::string_view name);
// Makes every table of the table at the top read-only that is not so yet: the files of a chain share them.
// May raise.
void protect_library(lua_State* lua);

// A plugin's function for policies. [policy thread] Gives the reply, or the error that is raised.
struct PluginFunction {
  std::string name; // "phone.normalise"
  std::string plugin;
  std::string help;
  std::string request_schema;
  std::string reply_schema;
  std::vector<std::string> arguments; // the request's fields, in their order
  std::function<Result<Json>(const Json& arguments)> call;
};

} // namespace viadux
