// The page for policy writers, at /policy/: versions, last failures, decisions by hook, timings, the last
// decisions. It asks for a token of the role policy_writer, and shows what that token's organisations are.
#pragma once

#include "core/auth/auth.hpp"
#include "core/http/server.hpp"
#include "core/policy/engine.hpp"

namespace viadux {

// All of them outlive the server.
Result<void> add_policy_page(HttpServer& http, Auth& auth, const PolicyEngine& engine);

} // namespace viadux
