#include "core/cli/server_policies.hpp"

#include "core/log/log.hpp"
#include "core/plugin/policy_world.hpp"

#include <chrono>
#include <utility>

namespace viadux {

PolicyOptions policy_options(const Configuration& configuration) {
  PolicyOptions options;
  PolicyLimits& limits = options.lanes.limits;
  limits.cpu_us = configuration.get_int("policy.cpu_limit") * 1000;
  limits.wall_us = configuration.get_int("policy.wall_limit") * 1000;
  limits.instructions = static_cast<std::uint64_t>(configuration.get_int("policy.instructions"));
  limits.memory_bytes = static_cast<std::size_t>(configuration.get_int("policy.memory"));
  options.lanes.queue = static_cast<std::size_t>(configuration.get_int("policy.queue"));
  options.lanes.environments = static_cast<std::size_t>(configuration.get_int("policy.environments"));
  return options;
}

ServerPolicies::ServerPolicies(ControlLoop& loop, Metrics& metrics, Readiness& readiness,
                               const PluginHost& plugins, const Configuration& configuration)
    : loop_(loop), metrics_(metrics), readiness_(readiness), watches_(configuration.get_bool("policy.watch")),
      world_(make_policy_world(plugins)), options_(policy_options(configuration)),
      engine_(loop, metrics, world_, options_) {
  collector_ = metrics_.add_collector([this](MetricSink& sink) {
    sink.gauge("viadux_turn_servers", "Addresses of TURN servers that are asked whether they answer.", {},
               static_cast<double>(turn_.watched()));
    sink.gauge("viadux_turn_servers_silent", "Those that do not answer; clients are not sent there.", {},
               static_cast<double>(turn_.dead()));
  });
  engine_.on_alarm([this](const std::string& organisation, bool open) {
    if (open)
      broken_.insert(organisation);
    else
      broken_.erase(organisation);
    show();
  });
}

ServerPolicies::~ServerPolicies() {
  metrics_.remove_collector(collector_);
  watch_.reset();
  *alive_ = false;
  if (loader_.joinable()) loader_.join();
}

void ServerPolicies::load(const std::shared_ptr<const Organisations>& organisations) {
  take(load_policies(*organisations, world_, options_.lanes.limits, nullptr));
  watch(organisations);
}

// Again when the folders have become others.
void ServerPolicies::watch(const std::shared_ptr<const Organisations>& organisations) {
  turn_.watch(*organisations);
  if (!watches_) return;
  std::vector<std::string> folders;
  for (const Organisation* organisation : organisations->all())
    folders.push_back(organisation->folder);
  tree_ = organisations;
  if (folders == watched_) return;
  watched_ = folders;
  watch_ = std::make_unique<FolderWatch>(folders, ".lua", [this, alive = alive_] {
    (void)loop_.post([this, alive] {
      if (*alive) reload(tree_);
    });
  });
  if (!watch_->works())
    log_warning("policy", "the system has no watches left: policies are taken over at SIGHUP alone");
}

void ServerPolicies::reload(std::shared_ptr<const Organisations> organisations, Reloaded done) {
  if (loading_) {
    next_ = std::move(organisations);
    if (done) next_done_.push_back(std::move(done));
    return;
  }
  watch(organisations);
  loading_ = true;
  if (done) done_.push_back(std::move(done));
  if (loader_.joinable()) loader_.join(); // it has ended: it only had to return
  loader_ =
      std::thread([this, alive = alive_, organisations = std::move(organisations), before = engine_.set()] {
        auto load = std::make_shared<PolicySetLoad>(
            load_policies(*organisations, world_, options_.lanes.limits, before));
        const auto finish = [this, alive, load] {
          if (!*alive) return;
          take(*load);
          loading_ = false;
          for (const Reloaded& told : std::exchange(done_, {}))
            told(*load);
          if (!next_) return;
          done_ = std::exchange(next_done_, {});
          reload(std::exchange(next_, nullptr));
        };
        while (!loop_.post(finish) && *alive) // a full queue passes; a loop that has ended takes nothing more
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
      });
}

void ServerPolicies::take(const PolicySetLoad& load) {
  refused_.clear();
  for (const PolicySetLoad::Refusal& refusal : load.refusals) {
    refused_[refusal.organisation] = to_string(refusal.fault);
    log_error(
        "policy",
        refusal.kept_old ? "a policy is refused: the one of before stays" : "a policy cannot be used",
        {{"organisation", refusal.organisation}, {"file", refusal.fault.file}, {"line", refusal.fault.line}});
  }
  engine_.swap(load.set);
  log_info("policy", "policies are loaded", {{"changed", load.changed}, {"refused", load.refusals.size()}});
  show();
}

// Never makes the server unready: everything else goes on.
void ServerPolicies::show() {
  std::string message;
  for (const auto& [organisation, why] : refused_)
    message += (message.empty() ? "" : ", ") + organisation + " has a policy that is refused";
  for (const std::string& organisation : broken_)
    message += (message.empty() ? "" : ", ") + organisation + " has a policy that keeps failing";
  if (message.size() > 500) message = message.substr(0, 497) + "...";
  readiness_.set("policies", message.empty(), message, false);
}

} // namespace viadux
