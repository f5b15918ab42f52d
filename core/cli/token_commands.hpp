// `viadux token …`: the server's side of it. [control]
#pragma once

#include "core/auth/auth.hpp"
#include "core/cli/control_socket.hpp"

namespace viadux {

// Registers token.new {role, organisation, label, lifetime_ms}, token.list {organisation} and token.revoke
// {id}. `auth` lives longer than `socket`.
void register_token_commands(ControlSocket& socket, Auth& auth);

} // namespace viadux
