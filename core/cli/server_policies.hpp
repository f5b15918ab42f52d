// The policies of a running server: their engine, and how they are loaded anew. [control]
#pragma once

#include "core/config/configuration.hpp"
#include "core/plugin/plugin_host.hpp"
#include "core/policy/engine.hpp"
#include "core/policy/folder_watch.hpp"
#include "core/policy/turn.hpp"

#include <atomic>
#include <thread>

namespace viadux {

PolicyOptions policy_options(const Configuration& configuration);

class ServerPolicies {
 public:
  // Once all plugins are loaded. `loop`, `metrics` and `readiness` outlive it.
  ServerPolicies(ControlLoop& loop, Metrics& metrics, Readiness& readiness, const PluginHost& plugins,
                 const Configuration& configuration);
  ~ServerPolicies();
  ServerPolicies(const ServerPolicies&) = delete;
  ServerPolicies& operator=(const ServerPolicies&) = delete;

  PolicyEngine& engine() { return engine_; }
  const TurnProbe& turn() const { return turn_; }
  // At start: waits until all are loaded.
  void load(const std::shared_ptr<const Organisations>& organisations);
  // Later: on a thread of its own, since checking takes time; what is good is swapped in, `done` with what
  // was refused. One that is asked for while another runs comes right after it.
  using Reloaded = std::function<void(const PolicySetLoad&)>;
  void reload(std::shared_ptr<const Organisations> organisations, Reloaded done = {});

 private:
  void take(const PolicySetLoad& load);
  void watch(const std::shared_ptr<const Organisations>& organisations);
  void show();

  ControlLoop& loop_;
  Metrics& metrics_;
  Readiness& readiness_;
  const bool watches_;
  const PolicyWorld world_;
  const PolicyOptions options_;
  PolicyEngine engine_;
  TurnProbe turn_;
  CollectorId collector_ = 0;
  std::thread loader_;
  bool loading_ = false;
  std::shared_ptr<const Organisations> next_;
  std::vector<Reloaded> next_done_;
  std::vector<Reloaded> done_;
  std::map<std::string, std::string> refused_; // organisation -> why
  std::set<std::string> broken_;               // breakers that are open
  std::shared_ptr<std::atomic<bool>> alive_ =
      std::make_shared<std::atomic<bool>>(true); // the loader reads it, too
  std::shared_ptr<const Organisations> tree_;    // that is watched
  std::vector<std::string> watched_;
  std::unique_ptr<FolderWatch> watch_; // last: its thread ends first
};

} // namespace viadux
