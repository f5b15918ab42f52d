// What the commands for policy writers share: the organisations, and what policies may be asked and call,
// without a running server.
#pragma once

#include "core/cli/loading.hpp"
#include "core/control/asio_loop.hpp"
#include "core/plugin/plugin_host.hpp"
#include "core/policy/policy_set.hpp"

namespace viadux {

class PolicyTools {
 public:
  // Loads configuration, organisations and plugins' declarations; what is wrong is printed, and then it is
  // not ready().
  explicit PolicyTools(const Options& options);
  bool ready() const { return loaded_.configuration != nullptr; }

  const PolicyWorld& world() const { return world_; }
  const PolicyLimits& limits() const { return limits_; }
  const Organisations& organisations() const { return *loaded_.organisations; }
  const std::string& folder() const; // of all organisations

  // The chain that ends with a file (of an organisation's folder, or any), or with an organisation's own;
  // with neither, the default organisation's.
  Result<std::shared_ptr<const PolicyProgram>> program(const std::string& organisation,
                                                       const std::string& file) const;

 private:
  AsioLoop loop_; // never run: the plugins are only asked what they declare
  Metrics metrics_;
  Readiness readiness_;
  Loaded loaded_;
  std::unique_ptr<PluginHost> plugins_;
  PolicyWorld world_;
  PolicyLimits limits_;
};

} // namespace viadux
