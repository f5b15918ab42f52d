// viadux policy ...: the commands for those who write policies.
#pragma once

#include "core/cli/options.hpp"

namespace viadux {

std::vector<Command> policy_calls();

} // namespace viadux
