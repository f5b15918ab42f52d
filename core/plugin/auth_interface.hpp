// "viadux.auth": who calls, for plugins that serve APIs. [control]
#pragma once

#include "core/auth/auth.hpp"
#include "core/plugin/interfaces.hpp"

namespace viadux {

class AuthInterface final : public HostInterface {
 public:
  explicit AuthInterface(Auth& auth); // outlives it
};

} // namespace viadux
