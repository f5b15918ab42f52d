// The policy engine: asks, answers once, remembers what was decided and what went wrong.
//
//   PolicyEngine engine(loop, metrics, world, options);
//   engine.swap(load_policies(...).set);
//   engine.ask("admit", "region-south", to_json(question), [](const PolicyDecision& decided) { ... });
//
// Who asks never waits for Lua longer than limits.wall_us: then the hook's failure answer counts, and what
// the policy says later is thrown away. [control]
#pragma once

#include "core/control/loop.hpp"
#include "core/metrics/metrics.hpp"
#include "core/policy/ask.hpp"
#include "core/policy/lanes.hpp"

#include <deque>
#include <functional>
#include <unordered_map>

namespace viadux {

struct PolicyOptions {
  PolicyLanes::Options lanes;
  std::size_t breaker_failures = 5; // within breaker_window_us: the breaker opens
  std::int64_t breaker_window_us = 10'000'000;
  std::int64_t breaker_open_us = 30'000'000; // for so long nothing is asked
  std::size_t traces = 300;
  std::size_t cache_entries = 4096;
};

// What an administrator may read of a decision. Questions and answers are masked when they are shown.
struct PolicyTrace {
  std::int64_t at_ms = 0;
  std::string id;
  std::string hook;
  std::string organisation;
  documents::DecidedBy decided_by = documents::DecidedBy::by_default;
  std::string decided_in;
  std::string version;
  std::string failure; // "" when all went well
  std::vector<std::string> notes;
  Json question;
  Json answer;
  std::int64_t cpu_us = 0;
  std::int64_t took_us = 0; // from asking to answering
};

struct PolicyOrganisationState {
  std::string version;
  std::uint64_t decisions = 0;
  std::uint64_t failures = 0;
  std::map<std::string, std::uint64_t> by_hook;
  std::int64_t cpu_us = 0;
  std::int64_t slowest_us = 0;
  std::string last_failure;
  std::int64_t last_failure_ms = 0;
  bool breaker_open = false;
};

class PolicyEngine {
 public:
  // All of them outlive it. `world` does not change any more.
  PolicyEngine(ControlLoop& loop, Metrics& metrics, const PolicyWorld& world, PolicyOptions options);
  ~PolicyEngine();
  PolicyEngine(const PolicyEngine&) = delete;
  PolicyEngine& operator=(const PolicyEngine&) = delete;

  void swap(std::shared_ptr<const PolicySet> set);
  std::shared_ptr<const PolicySet> set() const { return set_; }
  // A hook that is not there answers {} by default.
  void ask(std::string_view hook, const std::string& organisation, Json question, PolicyDone done);
  PolicyAsk asker();

  const std::deque<PolicyTrace>& traces() const { return traces_; } // the oldest first
  const std::map<std::string, PolicyOrganisationState, std::less<>>& organisations() const { return states_; }
  const PolicyWorld& world() const { return world_; }
  // Called when an organisation's breaker opens (true) or closes.
  void on_alarm(std::function<void(const std::string& organisation, bool open)> listener) {
    alarm_ = std::move(listener);
  }
  void run_all(); // without a thread of its own

 private:
  struct Pending {
    const PolicyHook* hook = nullptr;
    std::string organisation;
    Json question;
    std::string cache_key;
    bool cached = false; // its answer comes from there
    PolicyDone done;
    TimerId watchdog = 0;
    std::int64_t asked_us = 0;
  };
  struct Breaker {
    std::deque<std::int64_t> failures_us;
    std::int64_t open_until_us = 0;
  };
  struct Cached {
    Json answer;
    std::string trace; // of the decision that was made
    documents::DecidedBy decided_by = documents::DecidedBy::by_default;
    std::int64_t until_us = 0;
  };

  void finish(PolicyJobResult result);
  void fail(std::uint64_t id, const char* kind, const std::string& message, bool closed);
  void conclude(Pending pending, PolicyTrace trace, bool never_inside);
  void count_failure(const std::string& organisation, const char* kind, const std::string& message);
  bool breaker_is_open(const std::string& organisation);
  bool answer_from_cache(Pending& pending);
  void keep_in_cache(const Pending& pending, const PolicyTrace& trace);

  ControlLoop& loop_;
  const PolicyWorld& world_;
  const PolicyOptions options_;
  CounterFamily decisions_;
  CounterFamily failures_;
  HistogramMetric seconds_;
  GaugeMetric breakers_open_;
  std::shared_ptr<const PolicySet> set_;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::string, Breaker> breakers_;
  std::unordered_map<std::string, Cached> cache_;
  std::map<std::string, PolicyOrganisationState, std::less<>> states_;
  std::deque<PolicyTrace> traces_;
  std::function<void(const std::string&, bool)> alarm_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<PolicyLanes> lanes_; // last: its thread ends first
};

} // namespace viadux
