// The command line.
#pragma once

#include "core/cli/options.hpp"

namespace viadux {

// All of them, in the order of the help (commands.cpp). A new command is a line there.
const std::vector<Command>& commands();

std::string version_line(); // "viadux 0.1.0\n"

// What main() does. Exit codes: 0 well, 1 it failed, 2 the command line was not understood.
int cli_main(int argc, char** argv);

} // namespace viadux
