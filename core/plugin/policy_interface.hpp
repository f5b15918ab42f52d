// "viadux.policy": hooks are asked here. No policies are run yet: each hook answers the default that it was
// declared with. What runs them will stand behind decide(), and nothing changes for who asks. [control]
#pragma once

#include "core/config/organisations.hpp"
#include "core/metrics/metrics.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/services.hpp"

#include <viadux/documents/policy.hpp>

namespace viadux {

class PolicyInterface final : public HostInterface {
 public:
  using OrganisationTree = std::function<std::shared_ptr<const Organisations>()>;
  // `services` and `metrics` outlive it.
  PolicyInterface(PluginServices& services, Metrics& metrics, OrganisationTree organisations);

 private:
  Result<documents::PolicyAnswer> ask(const PluginInstance& caller, const documents::AskPolicy& asked);
  static documents::PolicyAnswer decide(const DeclaredHook& hook);

  PluginServices& services_;
  CounterFamily decisions_;
  OrganisationTree organisations_;
};

} // namespace viadux
