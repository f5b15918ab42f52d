// PluginHost's second half: configure, start, reload, drain, stop. Every step is asked of the plugin and
// answered later; a step that fails, throws or is never answered ends that plugin alone.
#include "core/log/log.hpp"
#include "core/plugin/plugin_host.hpp"
#include "core/plugin/settings.hpp"

#include <algorithm>
#include <viadux/documents/error.hpp>

namespace viadux {
namespace {

std::string sentence_of(const char* step, const Error& error) {
  std::string text = std::string("its ") + step + " failed: ";
  text += error.message.empty() ? (error.reason.empty() ? "it gave no reason" : error.reason) : error.message;
  if (!error.field.empty()) text += " (" + error.field + ")";
  return text;
}

} // namespace

void PluginHost::ask(PluginInstance& plugin, viadux_handler handler, std::string document,
                     std::int64_t timeout_us, std::function<void(viadux_status, const Error&)> ended) {
  if (!handler) { // an optional step that the plugin does not have
    services_.soon([ended = std::move(ended)] { ended(VIADUX_OK, Error()); });
    return;
  }
  services_.dispatcher.ask(plugin, handler, std::move(document), timeout_us,
                           [ended = std::move(ended)](viadux_status status, const std::string& reply) {
                             ended(status, status == VIADUX_OK ? Error() : read_error(status, reply));
                           });
}

void PluginHost::start(std::shared_ptr<const Configuration> configuration, std::function<void()> done) {
  configuration_ = std::move(configuration);
  done_ = std::move(done);
  queue_ = order();
  std::ranges::reverse(queue_);
  // On the loop: this may be called at set-up, before it runs, and plugins are entered on the control thread
  // only.
  services_.soon([this] { start_next(); });
}

void PluginHost::start_next() {
  if (queue_.empty()) {
    services_.soon(std::exchange(done_, nullptr));
    return;
  }
  PluginInstance& plugin = *queue_.back();
  queue_.pop_back();
  // A provider may have failed since the order was made.
  for (const std::string& name : plugin.declaration().required) {
    const PluginOffer* offer = services_.interfaces.find_offer(name);
    if (services_.interfaces.find_own(name) || (offer && offer->plugin->phase() == PluginPhase::running))
      continue;
    if (offer && offer->plugin == &plugin) continue;
    fail(plugin, "it requires the interface " + name + ", whose plugin is not running", false);
    return start_next();
  }
  begin(plugin);
}

void PluginHost::begin(PluginInstance& plugin) {
  plugin.set_phase(PluginPhase::starting);
  if (const auto created = plugin.create(); !created) {
    fail(plugin, created.error().message, false);
    return services_.soon([this] { start_next(); });
  }
  const std::int64_t timeout_us = services_.options.life_timeout_us;
  const viadux_plugin& functions = plugin.declaration().functions;
  const auto started = [this, &plugin](viadux_status status, const Error& error) {
    if (status == VIADUX_OK) {
      plugin.set_phase(PluginPhase::running);
      started_.push_back(&plugin);
      show(plugin);
      log_info("plugin", "a plugin runs",
               {{"plugin", plugin.id()}, {"version", plugin.declaration().version}});
    } else {
      fail(plugin, sentence_of("start", error), status != VIADUX_TIMEOUT);
    }
    start_next();
  };
  const auto configured = [this, &plugin, started, timeout_us, start = functions.start](viadux_status status,
                                                                                        const Error& error) {
    if (status == VIADUX_OK) return ask(plugin, start, "{}", timeout_us, started);
    fail(plugin, sentence_of("configure", error), status != VIADUX_TIMEOUT);
    start_next();
  };
  ask(plugin, functions.configure, settings_document(plugin.declaration(), *configuration_), timeout_us,
      configured);
}

// `answers`: its code still behaves, so its instance may be ended properly. One that hangs is never entered
// again.
void PluginHost::fail(PluginInstance& plugin, std::string trouble, bool answers) {
  log_error("plugin", "a plugin failed", {{"plugin", plugin.id()}, {"why", trouble}});
  plugin.fail(std::move(trouble));
  show(plugin);
  plugin.close_doors();
  if (!plugin.alive()) return;
  services_.dispatcher.end_all_of(plugin);
  services_.handles.close_all(plugin);
  services_.interfaces.plugin_stopped(plugin);
  if (answers) finish_stop(plugin, 0, [] {});
}

void PluginHost::reload(const Configuration& now, const std::vector<std::string>& changed) {
  if (std::ranges::find(changed, "plugins.required") != changed.end()) {
    required_ = now.get_list("plugins.required");
    for (const auto& plugin : instances_)
      show(*plugin);
  }
  for (PluginInstance* plugin : started_) {
    if (plugin->phase() != PluginPhase::running) continue;
    const bool concerned = std::ranges::any_of(
        changed, [&](const std::string& key) { return key.starts_with(plugin->id() + "."); });
    if (!concerned) continue;
    const auto ended = [this, plugin](viadux_status status, const Error& error) {
      // It runs on with what it had; /readyz says so until a later reload goes well.
      if (plugin->phase() != PluginPhase::running) return;
      plugin->set_trouble(status == VIADUX_OK ? std::string() : sentence_of("reload", error));
      show(*plugin);
      if (status != VIADUX_OK) {
        log_error("plugin", "a plugin refused its new settings",
                  {{"plugin", plugin->id()}, {"why", plugin->trouble()}});
      }
    };
    ask(*plugin, plugin->declaration().functions.reload, settings_document(plugin->declaration(), now),
        services_.options.life_timeout_us, ended);
  }
}

void PluginHost::drain(std::int64_t deadline_us, std::function<void()> done) {
  const auto left = std::make_shared<std::size_t>(1);
  const auto one_less = [this, left, done = std::move(done)] {
    if (--*left == 0) services_.soon(done);
  };
  const std::int64_t timeout_us = std::max<std::int64_t>(deadline_us - services_.loop.clock().now_us(), 1);
  for (PluginInstance* plugin : started_) {
    if (plugin->phase() != PluginPhase::running) continue;
    plugin->set_phase(PluginPhase::draining);
    show(*plugin);
    ++*left;
    ask(*plugin, plugin->declaration().functions.drain,
        "{\"deadline_us\":" + std::to_string(deadline_us) + "}", timeout_us,
        [one_less](viadux_status, const Error&) { one_less(); });
  }
  one_less();
}

void PluginHost::stop(std::function<void()> done) {
  done_ = std::move(done);
  queue_ = std::exchange(started_, {}); // the last one started is the last in the queue: it stops first
  stop_next();
}

void PluginHost::stop_next() {
  if (queue_.empty()) {
    services_.soon(std::exchange(done_, nullptr));
    return;
  }
  PluginInstance& plugin = *queue_.back();
  queue_.pop_back();
  if (!plugin.alive()) return stop_next();
  plugin.set_phase(PluginPhase::stopping);
  show(plugin);
  ask(plugin, plugin.declaration().functions.stop, "{}", services_.options.life_timeout_us,
      [this, &plugin](viadux_status status, const Error& error) {
        if (status != VIADUX_OK) {
          const std::string why = sentence_of("stop", error);
          log_warning("plugin", "a plugin did not stop well", {{"plugin", plugin.id()}, {"why", why}});
        }
        plugin.close_doors();
        services_.dispatcher.end_all_of(plugin);
        services_.handles.close_all(plugin);
        services_.interfaces.plugin_stopped(plugin);
        plugin.set_phase(PluginPhase::stopped);
        show(plugin);
        if (status == VIADUX_TIMEOUT) return stop_next();
        finish_stop(plugin, 0, [this] { stop_next(); });
      });
}

// The instance goes when nothing is on its way into it: calls that were cancelled tell it so first, and posts
// that were taken run. A plugin that goes on calling is left as it is after a while.
void PluginHost::finish_stop(PluginInstance& plugin, int rounds, std::function<void()> then) {
  constexpr int rounds_max = 1000;
  if (rounds == rounds_max) {
    log_warning("plugin", "a plugin goes on calling after its stop", {{"plugin", plugin.id()}});
    return then();
  }
  const bool quiet = plugin.open_calls == 0 && plugin.posts_waiting() == 0;
  services_.soon([this, &plugin, rounds, quiet, then = std::move(then)] {
    if (!quiet) return finish_stop(plugin, rounds + 1, then);
    plugin.destroy();
    then();
  });
}

} // namespace viadux
