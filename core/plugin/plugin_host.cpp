#include "core/plugin/plugin_host.hpp"

#include "core/log/log.hpp"
#include "core/plugin/library.hpp"
#include "core/plugin/settings.hpp"
#include "core/plugin/start_order.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

namespace viadux {

PluginHost::PluginHost(ControlLoop& loop, Metrics& metrics, Readiness& readiness, PluginOptions options)
    : services_(loop, std::move(options)), metrics_(metrics), readiness_(readiness),
      required_(services_.options.required) {
  services_.on_fault = [this](PluginInstance& plugin) { show(plugin); };
  collector_ = metrics_.add_collector([this](MetricSink& sink) { collect(sink); });
  // A required plugin that is not even there must show.
  for (const std::string& id : required_) {
    readiness_.set("plugin." + id, false, "it is required, and not loaded", true);
  }
}

PluginHost::~PluginHost() {
  for (const auto& plugin : instances_)
    plugin->close_doors(); // threads of one that was not stopped
  metrics_.remove_collector(collector_);
}

bool PluginHost::is_required(const std::string& id) const {
  return std::ranges::find(required_, id) != required_.end();
}

bool PluginHost::is_wanted(const std::string& id) const {
  const auto& [enabled, disabled] = std::tie(services_.options.enabled, services_.options.disabled);
  if (!enabled.empty() && std::ranges::find(enabled, id) == enabled.end()) return false;
  return std::ranges::find(disabled, id) == disabled.end();
}

void PluginHost::load(const std::string& folder) {
  const auto paths = find_libraries(folder);
  if (!paths) return refuse(folder, folder, paths.error());
  for (const std::string& path : paths.value()) {
    const std::string name = std::filesystem::path(path).stem().string();
    if (is_wanted(name)) {
      add(name, path, open_library(path));
    } else {
      skipped_.push_back(name); // not even opened
    }
  }
}

void PluginHost::load(const viadux_plugin& descriptor, const std::string& path) {
  add(path, path, read_declaration(descriptor));
}

void PluginHost::add(const std::string& name, const std::string& path, Result<Declaration> declaration) {
  if (!declaration) return refuse(name, path, declaration.error());
  const std::string id = declaration->id;
  for (const auto& other : instances_) {
    if (other->id() != id) continue;
    return refuse(name, path,
                  make_error(ErrorCode::refused, "plugin_twice",
                             "its id is " + id + ", and so is that of " + other->path()));
  }
  instances_.push_back(std::make_unique<PluginInstance>(services_, std::move(declaration).value(), path));
  PluginInstance& plugin = *instances_.back();
  Result<void> offered;
  for (const DeclaredOffer& offer : plugin.declaration().offers) {
    if (offered) offered = services_.interfaces.add_offer(plugin, offer);
  }
  for (const HookText& hook : plugin.declaration().hooks) {
    if (offered) offered = services_.hooks.add(hook);
  }
  if (offered) offered = add_lua_functions(plugin.declaration());
  if (!offered) return fail(plugin, offered.error().message, false);
  if (const auto declared = plugin.series().declare(metrics_, plugin.declaration()); !declared) {
    fail(plugin, declared.error().message, false);
  }
}

// What a policy calls must be one thing, whichever plugins are loaded.
Result<void> PluginHost::add_lua_functions(const Declaration& declaration) {
  for (const DeclaredLuaFunction& function : declaration.lua_functions) {
    const auto [place, added] = lua_functions_.emplace(function.name, declaration.id);
    if (added) continue;
    return make_error(ErrorCode::refused, "lua_function_taken",
                      "it declares the Lua function " + function.name + ", which the plugin " +
                          place->second + " declares already");
  }
  return {};
}

void PluginHost::refuse(const std::string& name, const std::string& path, const Error& error) {
  const std::string trouble = error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
  log_error("plugin", "a plugin was not loaded",
            {{"plugin", name}, {"path", path}, {"reason", error.reason}, {"why", trouble}});
  readiness_.set("plugin." + name, false, trouble, is_required(name));
  unopened_.push_back({name, path, trouble});
}

void PluginHost::declare(ConfigSchema& schema) {
  // A plugin that is away, or broken, must not make its section of the file a mistake.
  for (const std::string& name : skipped_)
    schema.tolerate(name);
  for (const Unopened& file : unopened_)
    schema.tolerate(file.name);
  for (const auto& plugin : instances_) {
    auto section = config_section(plugin->declaration());
    const auto declared =
        section ? schema.declare(std::move(section).value()) : Result<void>(section.error());
    if (!declared) fail(*plugin, declared.error().message, false);
  }
}

std::vector<PluginInstance*> PluginHost::order() {
  std::vector<OrderedPlugin> plugins;
  std::vector<PluginInstance*> places;
  std::vector<std::string> own;
  for (const auto& plugin : instances_) {
    if (plugin->phase() != PluginPhase::loaded) continue;
    const Declaration& declared = plugin->declaration();
    OrderedPlugin item{declared.id, {}, declared.required, declared.wanted};
    for (const DeclaredOffer& offer : declared.offers)
      item.offers.push_back(offer.name);
    plugins.push_back(std::move(item));
    places.push_back(plugin.get());
    for (const auto* names : {&declared.required, &declared.wanted}) {
      for (const std::string& name : *names) {
        if (services_.interfaces.find_own(name)) own.push_back(name);
      }
    }
  }
  const StartOrder order = start_order(plugins, own);
  for (const auto& [place, why] : order.refused)
    fail(*places[place], why, false);
  std::vector<PluginInstance*> result;
  result.reserve(order.order.size());
  for (const std::size_t place : order.order)
    result.push_back(places[place]);
  return result;
}

std::vector<PluginHost::State> PluginHost::plugins() const {
  std::vector<State> states;
  states.reserve(instances_.size() + unopened_.size());
  for (const auto& plugin : instances_) {
    const Declaration& declared = plugin->declaration();
    State state{plugin->id(),
                declared.version,
                plugin->path(),
                plugin->phase(),
                plugin->trouble(),
                is_required(plugin->id()),
                {},
                {},
                {}};
    for (const auto& offer : declared.offers)
      state.offers.push_back(offer.name);
    for (const auto& hook : declared.hooks)
      state.hooks.push_back(hook.name);
    for (const auto& function : declared.lua_functions)
      state.lua_functions.push_back(function.name);
    states.push_back(std::move(state));
  }
  for (const Unopened& file : unopened_) {
    states.push_back(
        {file.name, "", file.path, PluginPhase::failed, file.trouble, is_required(file.name), {}, {}, {}});
  }
  return states;
}

void PluginHost::show(const PluginInstance& plugin) {
  const bool runs = plugin.phase() == PluginPhase::running;
  std::string message = plugin.trouble().empty() ? std::string(to_word(plugin.phase())) : plugin.trouble();
  // It serves all the same; but who looks here shall see who misbehaves.
  if (const std::string faults = plugin.faults(); !faults.empty()) message += "; " + faults;
  readiness_.set("plugin." + plugin.id(), runs && plugin.trouble().empty(), message,
                 is_required(plugin.id()));
}

void PluginHost::collect(MetricSink& sink) const {
  const auto each = [&](const char* name, const char* help, auto value) {
    for (const auto& plugin : instances_) {
      sink.counter(name, help, {{"plugin", plugin->id()}},
                   static_cast<double>(value(plugin->counters()).load()));
    }
  };
  for (const auto& plugin : instances_) {
    sink.gauge("viadux_plugin_up", "1 while the plugin runs.", {{"plugin", plugin->id()}},
               plugin->phase() == PluginPhase::running ? 1 : 0);
    sink.counter("viadux_plugin_callback_seconds_total", "Time the control thread spent in the plugin.",
                 {{"plugin", plugin->id()}}, static_cast<double>(plugin->counters().callback_us) * 1e-6);
  }
  for (const Unopened& file : unopened_) {
    sink.gauge("viadux_plugin_up", "1 while the plugin runs.", {{"plugin", file.name}}, 0);
  }
  using C = PluginCounters;
  each("viadux_plugin_callbacks_total", "Callbacks into the plugin.",
       [](C& c) -> auto& { return c.callbacks; });
  each("viadux_plugin_slow_callbacks_total", "Callbacks that took over 10 ms.",
       [](C& c) -> auto& { return c.slow_callbacks; });
  each("viadux_plugin_exceptions_total", "Exceptions caught in or from the plugin.",
       [](C& c) -> auto& { return c.exceptions; });
  each("viadux_plugin_calls_total", "Calls that the plugin made.", [](C& c) -> auto& { return c.calls; });
  each("viadux_plugin_unanswered_total", "Requests that the plugin did not answer in time.",
       [](C& c) -> auto& { return c.calls_timed_out; });
  each("viadux_plugin_answers_dropped_total", "Answers that came twice or too late.",
       [](C& c) -> auto& { return c.answers_dropped; });
  each("viadux_plugin_posts_refused_total", "Posts refused because too many waited.",
       [](C& c) -> auto& { return c.posts_refused; });
  each("viadux_plugin_stale_handles_total", "Uses of a handle that is gone.",
       [](C& c) -> auto& { return c.stale_handles; });
  each("viadux_plugin_misuses_total", "Control functions called on a foreign thread.",
       [](C& c) -> auto& { return c.misuses; });
  each("viadux_plugin_log_lines_dropped_total", "Log lines over the plugin's limit.",
       [](C& c) -> auto& { return c.log_dropped; });
}

} // namespace viadux
