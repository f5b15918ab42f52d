// viadux/policy.hpp - asks an organisation's policy, for plugins in C++. [control]
//
//   static constexpr auto hooks() {
//     return viadux::hook_table(viadux::hook<MayRing, Ring>("door_ring", "Whether somebody may ring."));
//   }
//   const auto decision = co_await viadux::ask_policy<Ring>(host(), "door_ring", organisation, question);
//   if (!decision || !decision->answer.allowed) ...
//
// What it means and what can go wrong is said in <viadux/documents/policy.hpp>.
#pragma once

#include <viadux/documents/policy.hpp>
#include <viadux/host.hpp>

namespace viadux {

template <Document Answer>
struct Decision {
  Answer answer;
  documents::DecidedBy decided_by = documents::DecidedBy::by_default;
  std::string trace;
};

// The deadline is on the clock of now_us(); 0 is the host's default.
template <Document Answer, Document Question>
Task<Result<Decision<Answer>>> ask_policy(Host host, std::string hook, std::string organisation,
                                          Question question, std::int64_t deadline_us = 0) {
  documents::AskPolicy ask;
  ask.hook = std::move(hook);
  ask.organisation = std::move(organisation);
  ask.question = to_json(question);
  const auto reply = co_await host.call<documents::PolicyAnswer>("viadux.policy", "ask", ask, deadline_us);
  if (!reply) co_return reply.error();
  Decision<Answer> decision;
  if (const auto read = from_json(reply->answer, decision.answer); !read) co_return read.error();
  decision.decided_by = reply->decided_by;
  decision.trace = reply->trace;
  co_return decision;
}

} // namespace viadux
