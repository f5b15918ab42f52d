// Documents to Lua's tables and back. [the state's thread]
#pragma once

#include "core/policy/lua_state.hpp"
#include "core/policy/schema.hpp"

namespace viadux {

// Pushes it; may raise. Tables of a schema are strict: reading a field that the schema does not know raises,
// with the nearest right name. `schema` may be null, and outlives the state.
void push_value(lua_State* lua, const Json& value, const PolicySchema* schema);

// What lies at `index`; raises nothing, asks no metamethod. bad_argument: it holds functions, is too large,
// too deep, or goes in a circle. An empty table is a list where the schema says so.
Result<Json> read_value(lua_State* lua, int index, const PolicySchema* schema);

} // namespace viadux
