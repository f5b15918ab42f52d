// The organisation's policy, asked where this API has what a hook decides on. Where it cannot be asked at
// all, the hook's careful answer counts, as the core has it where a policy fails. [control]
#pragma once

#include "state.hpp"

#include <viadux/documents/policy_hooks.hpp>
#include <viadux/policy.hpp>

namespace client {

// Of a participant's sound and picture: limits, and TURN servers with names and passwords of its own.
viadux::Task<viadux::documents::MediaRules> media_rules(State& state, MemberRef me);
// As the API's `turn` has them.
viadux::Json turn_json(const std::vector<viadux::documents::IceServer>& servers);

// Whether `me` may change what all in `room` see. `wanted`: the layout, where one is asked for.
viadux::Task<viadux::documents::LayoutAnswer> layout_rules(State& state, MemberRef me, viadux::Handle room,
                                                           viadux::documents::LayoutChange change,
                                                           std::string wanted);

// "ward@north.example" -> "ward" and "north.example"; without a domain that of the Host header counts.
struct DialledParts {
  std::string local;
  std::string domain;
};
DialledParts parts_of(const std::string& address, const std::string& http_host);

template <viadux::Document Answer, viadux::Document Question>
viadux::Task<Answer> decided(viadux::Host host, std::string hook, std::string organisation,
                             Question question) {
  const auto said = co_await viadux::ask_policy<Answer>(host, std::move(hook), std::move(organisation),
                                                        std::move(question));
  if (said) co_return said->answer;
  if constexpr (requires { Answer::on_failure(); }) co_return Answer::on_failure();
  co_return Answer();
}

} // namespace client
