// How the rest of the core asks a policy. [control]
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <viadux/documents/policy.hpp>

namespace viadux {

struct PolicyDecision {
  Json answer; // complete, and as the hook's schema says
  documents::DecidedBy decided_by = documents::DecidedBy::by_default;
  std::string trace; // 16 hex digits
};

using PolicyDone = std::function<void(const PolicyDecision&)>;
// Answers exactly once, never from inside the call.
using PolicyAsk = std::function<void(std::string_view hook, const std::string& organisation, Json question,
                                     PolicyDone done)>;

} // namespace viadux
