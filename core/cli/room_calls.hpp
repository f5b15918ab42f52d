// viadux room list, add, set, remove, as they are typed.
#pragma once

#include "core/cli/options.hpp"

#include <boost/json.hpp>

namespace viadux {

std::vector<Command> room_calls();

// What `room add` and `room set` send: the settings that were given. Errors (bad_argument) name the option.
// `now_ms`: what --expires counts from.
Result<boost::json::object> room_arguments(const Invocation& call, std::int64_t now_ms);

} // namespace viadux
