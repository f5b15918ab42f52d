// "viadux.policy": hooks are asked here, and core/policy answers. [control]
#pragma once

#include "core/config/organisations.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/services.hpp"
#include "core/policy/ask.hpp"

#include <viadux/documents/policy_hooks.hpp>

namespace viadux {

class PolicyInterface final : public HostInterface {
 public:
  using OrganisationTree = std::function<std::shared_ptr<const Organisations>()>;
  // `services` outlives it, and so does what `policies` leads to.
  // `turn_alive`: whether a TURN server's URL answers; none: all do.
  using TurnAlive = std::function<bool(const TurnServer& server, const std::string& url)>;
  PolicyInterface(PluginServices& services, PolicyAsk policies, OrganisationTree organisations,
                  TurnAlive turn_alive = {});

 private:
  void ask(const PluginInstance& caller, const documents::AskPolicy& asked,
           const MethodDone<documents::PolicyAnswer>& done);

  void media(const documents::AskMedia& asked, const MethodDone<documents::MediaRules>& done);
  std::vector<documents::IceServer> ice_servers(const Organisation& organisation,
                                                const documents::MediaAnswer& answer) const;

  PluginServices& services_;
  PolicyAsk policies_;
  OrganisationTree organisations_;
  TurnAlive turn_alive_;
};

} // namespace viadux
