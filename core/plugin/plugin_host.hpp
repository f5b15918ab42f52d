// The plugins of a server, from their files to their end. One for the process. [control]
//
//   PluginHost host(loop, metrics, readiness, options);
//   host.offer(std::make_unique<RoomsInterface>(...));    the host's own interfaces
//   host.load("build/lib/viadux/plugins");                opens every .so; a bad one costs only itself
//   host.declare(schema);                                 each plugin's section, before the configuration is
//   read host.start(configuration, [] { ... });                in the order of what they require
//   host.reload(*now, changed);                           from LiveConfiguration
//   host.drain(deadline_us, [] { host.stop([] { loop.stop(); }); });
//
// A plugin that fails, whenever it does, is named in the readiness conditions (plugin.<id>), in
// viadux_plugin_up and in the log, and the others go on.
#pragma once

#include "core/config/live_configuration.hpp"
#include "core/http/health.hpp"
#include "core/plugin/instance.hpp"
#include "core/plugin/services.hpp"

#include <memory>

namespace viadux {

class PluginHost {
 public:
  // `loop`, `metrics` and `readiness` outlive it.
  PluginHost(ControlLoop& loop, Metrics& metrics, Readiness& readiness, PluginOptions options);
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  void offer(std::unique_ptr<HostInterface> interface) { services_.interfaces.add(std::move(interface)); }
  PluginServices& services() { return services_; }
  const PluginServices& services() const { return services_; }

  // Opens every *.so of a folder; what is wrong with one is kept for plugins(), readiness and log.
  void load(const std::string& folder);
  // A plugin that is part of the program (tests, static builds). `path` is for people.
  void load(const viadux_plugin& descriptor, const std::string& path);
  // Adds the plugins' sections; those of plugins that are not loaded are let through. One whose declaration
  // the schema refuses fails.
  void declare(ConfigSchema& schema);

  // Configures and starts them, one after the other; `done` comes when each runs or has failed.
  void start(std::shared_ptr<const Configuration> configuration, std::function<void()> done);
  // Tells those whose keys are among `changed`; one that refuses keeps its old settings, and is named.
  void reload(const Configuration& now, const std::vector<std::string>& changed);
  // All at once; `done` when each has answered, or at the deadline (of the loop's clock).
  void drain(std::int64_t deadline_us, std::function<void()> done);
  // In the opposite order of the start. After `done` no plugin's code runs any more.
  void stop(std::function<void()> done);

  struct State {
    std::string id; // of a file that could not be opened: its name
    std::string version;
    std::string path;
    PluginPhase phase = PluginPhase::loaded;
    std::string trouble; // one sentence; "" when all is well
    bool required = false;
    std::vector<std::string> offers; // interfaces
    std::vector<std::string> hooks;
    std::vector<std::string> lua_functions;
  };
  std::vector<State> plugins() const;
  // For reading declarations: hooks, Lua functions, documentation.
  const std::vector<std::unique_ptr<PluginInstance>>& instances() const { return instances_; }

 private:
  struct Unopened {
    std::string name;
    std::string path;
    std::string trouble;
  };
  void add(const std::string& name, const std::string& path, Result<Declaration> declaration);
  Result<void> add_lua_functions(const Declaration& declaration);
  void refuse(const std::string& name, const std::string& path, const Error& error);
  bool is_required(const std::string& id) const;
  bool is_wanted(const std::string& id) const;
  std::vector<PluginInstance*> order();
  void start_next();
  void begin(PluginInstance& plugin);
  void fail(PluginInstance& plugin, std::string trouble, bool answers);
  void stop_next();
  void finish_stop(PluginInstance& plugin, int rounds, std::function<void()> then);
  void show(const PluginInstance& plugin);
  void collect(MetricSink& sink) const;
  void ask(PluginInstance& plugin, viadux_handler handler, std::string document, std::int64_t timeout_us,
           std::function<void(viadux_status, const Error&)> ended);

  PluginServices services_;
  Metrics& metrics_;
  Readiness& readiness_;
  std::vector<std::unique_ptr<PluginInstance>> instances_;
  std::vector<Unopened> unopened_;
  std::vector<std::string> skipped_;                 // disabled
  std::map<std::string, std::string> lua_functions_; // name -> plugin
  std::vector<std::string> required_;
  std::shared_ptr<const Configuration> configuration_;
  std::vector<PluginInstance*> queue_;   // to be started, or stopped, the next one last
  std::vector<PluginInstance*> started_; // in that order
  std::function<void()> done_;
  CollectorId collector_ = 0;
};

} // namespace viadux
