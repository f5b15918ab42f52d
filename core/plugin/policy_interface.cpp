#include "core/plugin/policy_interface.hpp"

#include "core/log/log.hpp"
#include "core/plugin/instance.hpp"
#include "core/policy/turn.hpp"

#include <algorithm>

namespace viadux {

PolicyInterface::PolicyInterface(PluginServices& services, PolicyAsk policies, OrganisationTree organisations,
                                 TurnAlive turn_alive)
    : HostInterface("viadux.policy"), services_(services), policies_(std::move(policies)),
      organisations_(std::move(organisations)), turn_alive_(std::move(turn_alive)) {
  add_method<documents::AskPolicy, documents::PolicyAnswer>(
      "ask", [this](PluginInstance& caller, const documents::AskPolicy& asked,
                    const MethodDone<documents::PolicyAnswer>& done) { ask(caller, asked, done); });
  add_method<documents::AskMedia, documents::MediaRules>(
      "media", [this](PluginInstance&, const documents::AskMedia& asked,
                      const MethodDone<documents::MediaRules>& done) { media(asked, done); });
}

void PolicyInterface::media(const documents::AskMedia& asked, const MethodDone<documents::MediaRules>& done) {
  if (!organisations_()->find(asked.organisation))
    return done(make_error(ErrorCode::not_found, "organisation_unknown",
                           "there is no organisation of that code", "organisation"));
  policies_("media", asked.organisation, to_json(asked.question),
            [this, alive = services_.alive, done, code = asked.organisation](const PolicyDecision& decision) {
              documents::MediaRules rules;
              if (!*alive) return;
              (void)from_json(decision.answer, rules.answer); // it fits: the engine has seen to that
              if (const Organisation* organisation = organisations_()->find(code))
                rules.ice_servers = ice_servers(*organisation, rules.answer);
              done(rules);
            });
}

std::vector<documents::IceServer> PolicyInterface::ice_servers(const Organisation& organisation,
                                                               const documents::MediaAnswer& answer) const {
  std::vector<documents::IceServer> all;
  for (const TurnServer& server : organisation.turn) {
    if (answer.turn && std::ranges::find(*answer.turn, server.name) == answer.turn->end()) continue;
    const TurnAccess access = turn_access(server, services_.loop.clock().wall_ms() / 1000);
    documents::IceServer out{{}, access.username, access.credential};
    for (const std::string& url : access.urls)
      if (!turn_alive_ || turn_alive_(server, url)) out.urls.push_back(url);
    if (!out.urls.empty()) all.push_back(std::move(out));
  }
  return all;
}

void PolicyInterface::ask(const PluginInstance& caller, const documents::AskPolicy& asked,
                          const MethodDone<documents::PolicyAnswer>& done) {
  const PolicyHook* known = services_.hooks.find(asked.hook);
  if (!known || (!known->plugin.empty() && known->plugin != caller.id()))
    return done(make_error(ErrorCode::not_found, "hook_unknown",
                           "neither the core nor the plugin " + caller.id() + " declares the hook", "hook",
                           "declare it with viadux::hook_table"));
  if (!organisations_()->find(asked.organisation))
    return done(make_error(ErrorCode::not_found, "organisation_unknown",
                           "there is no organisation of that code", "organisation"));
  if (!asked.question.is_null() && !asked.question.object())
    return done(make_error(ErrorCode::bad_argument, "field_invalid", "field 'question' must be a document",
                           "question"));
  const Json question = asked.question.object() ? asked.question : Json(Json::Object{});
  policies_(asked.hook, asked.organisation, question,
            [done, hook = asked.hook, plugin = caller.id(),
             organisation = asked.organisation](const PolicyDecision& decision) {
              documents::PolicyAnswer answer;
              answer.answer = decision.answer;
              answer.decided_by = decision.decided_by;
              answer.trace = decision.trace;
              // Neither question nor answer: they may hold personal data.
              log_debug("policy", "a hook was answered",
                        {{"hook", hook},
                         {"plugin", plugin},
                         {"organisation", organisation},
                         {"decided_by", *to_json(answer.decided_by).text()},
                         {"trace", answer.trace}});
              done(answer);
            });
}

} // namespace viadux
