// What the commands that talk to the running server share.
#pragma once

#include "core/cli/control_socket.hpp"
#include "core/cli/options.hpp"

#include <string>
#include <string_view>

namespace viadux {

// Prints what went wrong; gives the exit code.
int fail(const Error& error);

// Asks the running server; where it listens stands in the configuration.
Result<boost::json::value> ask_server(const Options& options, std::string_view command,
                                      const boost::json::object& arguments);

// A member as text; "" where there is none.
std::string text_of(const boost::json::object& object, std::string_view name);
// A time in milliseconds since 1970, as UTC; "never" for 0.
std::string day_of(const boost::json::object& object, std::string_view name);

} // namespace viadux
