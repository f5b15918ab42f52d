#include "core/plugin/policy_interface.hpp"

#include "core/http/text.hpp"
#include "core/log/log.hpp"
#include "core/plugin/instance.hpp"

namespace viadux {

PolicyInterface::PolicyInterface(PluginServices& services, Metrics& metrics, OrganisationTree organisations)
    : HostInterface("viadux.policy"), services_(services),
      decisions_(metrics.counter({"viadux_policy_decisions_total",
                                  "Answers to hooks, by hook and by who decided.",
                                  {{"hook", {}}, {"decided_by", {"default", "policy"}}}})),
      organisations_(std::move(organisations)) {
  for (const auto& [name, known] : services_.hooks.all()) // at 0 before somebody asks
    (void)decisions_.with({name, "default"});
  add_method<documents::AskPolicy, documents::PolicyAnswer>(
      "ask", [this](PluginInstance& caller, const documents::AskPolicy& asked,
                    const MethodDone<documents::PolicyAnswer>& done) { done(ask(caller, asked)); });
}

Result<documents::PolicyAnswer> PolicyInterface::ask(const PluginInstance& caller,
                                                     const documents::AskPolicy& asked) {
  const KnownHook* known = services_.hooks.find(asked.hook);
  if (!known || (!known->plugin.empty() && known->plugin != caller.id()))
    return make_error(ErrorCode::not_found, "hook_unknown",
                      "neither the core nor the plugin " + caller.id() + " declares the hook", "hook",
                      "declare it with viadux::hook_table");
  if (!organisations_()->find(asked.organisation))
    return make_error(ErrorCode::not_found, "organisation_unknown", "there is no organisation of that code",
                      "organisation");
  if (!asked.question.is_null() && !asked.question.object())
    return make_error(ErrorCode::bad_argument, "field_invalid", "field 'question' must be a document",
                      "question");
  documents::PolicyAnswer answer = decide(known->hook);
  decisions_.with({asked.hook, *to_json(answer.decided_by).text()}).add();
  // Neither question nor answer: they may hold personal data.
  log_debug("policy", "a hook was answered",
            {{"hook", asked.hook},
             {"plugin", caller.id()},
             {"organisation", asked.organisation},
             {"decided_by", *to_json(answer.decided_by).text()},
             {"trace", answer.trace}});
  return answer;
}

documents::PolicyAnswer PolicyInterface::decide(const DeclaredHook& hook) {
  documents::PolicyAnswer out;
  const auto by_default = Json::parse(hook.default_answer); // was checked when the plugin was loaded
  if (by_default) out.answer = by_default.value();
  out.trace = hex64(random64());
  return out;
}

} // namespace viadux
