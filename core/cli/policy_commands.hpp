// Control socket: policy.list, policy.trace, policy.reload. And what they and the admin page show.
#pragma once

#include "core/cli/control_socket.hpp"
#include "core/cli/server_policies.hpp"

namespace viadux {

// `tree` is read again at policy.reload.
void register_policy_commands(ControlSocket& socket, ServerPolicies& policies,
                              std::function<std::shared_ptr<const Organisations>()> tree);

using MayRead = std::function<bool(std::string_view organisation)>;
boost::json::array policy_states(const PolicyEngine& engine, const MayRead& may);
// The newest first; personal fields are masked, and what looks like a number of a person anywhere.
boost::json::array policy_traces(const PolicyEngine& engine, const MayRead& may, std::string_view hook,
                                 std::size_t most);

} // namespace viadux
