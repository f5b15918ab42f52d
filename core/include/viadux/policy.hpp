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
#include <viadux/documents/policy_hooks.hpp>
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

// The hook "media", for who opens a session: what to apply to it, and TURN servers for the client. Where it
// cannot be asked at all, the careful answer counts, as the core has it where a policy fails.
inline Task<documents::MediaRules> ask_media(Host host, documents::MediaQuestion question) {
  documents::AskMedia ask;
  ask.organisation = question.organisation;
  ask.question = std::move(question);
  const auto rules = co_await host.call<documents::MediaRules>("viadux.policy", "media", ask);
  if (rules) co_return rules.value();
  documents::MediaRules careful;
  careful.answer = documents::MediaAnswer::on_failure();
  co_return careful;
}

// What the policy says of a session that is about to be opened. Limits that it has already only get narrower.
inline void apply(const documents::MediaAnswer& policy, documents::OpenSession& open) {
  const auto narrow = [](std::int64_t& limit, const std::optional<std::int64_t>& most) {
    if (most && (limit == 0 || *most < limit)) limit = *most;
  };
  narrow(open.max_send_bps, policy.max_send_bps);
  narrow(open.max_receive_bps, policy.max_receive_bps);
  if (policy.codecs) open.codecs = *policy.codecs;
  open.dscp_audio = policy.dscp_audio;
  open.dscp_video = policy.dscp_video;
}

} // namespace viadux
