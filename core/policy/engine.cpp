#include "core/policy/engine.hpp"

#include "core/log/log.hpp"

#include <algorithm>
#include <random>

namespace viadux {
namespace {

using documents::DecidedBy;

std::string new_trace_id() {
  static std::mt19937_64 random{std::random_device{}()}; // names a decision, keeps no secret
  static constexpr char digits[] = "0123456789abcdef";
  std::string id(16, '0');
  auto bits = random();
  for (char& c : id) {
    c = digits[bits & 15U];
    bits >>= 4U;
  }
  return id;
}

const char* word_of(DecidedBy by) {
  return by == DecidedBy::policy ? "policy" : by == DecidedBy::failure ? "failure" : "default";
}

// Seconds: from a cached answer to the watchdog.
const std::vector<double> buckets{0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3};

} // namespace

PolicyEngine::PolicyEngine(ControlLoop& loop, Metrics& metrics, const PolicyWorld& world,
                           PolicyOptions options)
    : loop_(loop), world_(world), options_(options),
      decisions_(metrics.counter({"viadux_policy_decisions_total",
                                  "Answers to hooks, by hook and by who decided.",
                                  {{"hook", {}}, {"decided_by", {"default", "policy", "failure"}}}})),
      failures_(metrics.counter(
          {"viadux_policy_failures_total",
           "Decisions that a policy could not make, by what went wrong.",
           {{"kind", {"error", "cpu", "instructions", "memory", "wall", "queue", "breaker"}}}})),
      seconds_(metrics
                   .histogram({"viadux_policy_decision_seconds", "From asking a policy to its answer.", {}},
                              buckets)
                   .with()),
      breakers_open_(metrics
                         .gauge({"viadux_policy_breakers_open",
                                 "Organisations whose policy is not asked just now because it keeps failing.",
                                 {}})
                         .with()) {
  for (const auto& [name, hook] : world_.hooks.all())
    (void)decisions_.with({name, "default"}); // at 0 before somebody asks
  for (const char* kind : {"error", "cpu", "instructions", "memory", "wall", "queue", "breaker"})
    (void)failures_.with({kind});
  lanes_ = std::make_unique<PolicyLanes>(world_, loop_.clock(), options_.lanes,
                                         [this, alive = alive_](PolicyJobResult result) {
                                           auto shared = std::make_shared<PolicyJobResult>(std::move(result));
                                           // A full queue drops it: the watchdog answers then.
                                           (void)loop_.post([this, alive, shared] {
                                             if (*alive) finish(std::move(*shared));
                                           });
                                         });
}

PolicyEngine::~PolicyEngine() {
  *alive_ = false;
  for (auto& [id, pending] : pending_)
    loop_.cancel(pending.watchdog);
}

void PolicyEngine::swap(std::shared_ptr<const PolicySet> set) {
  set_ = set;
  cache_.clear();
  for (const auto& [organisation, program] : set->programs)
    if (const auto state = states_.find(organisation);
        state != states_.end() && state->second.version != program->version) {
      state->second.version = program->version;
      breakers_.erase(organisation); // a mended policy is asked at once
      if (state->second.breaker_open) {
        state->second.breaker_open = false;
        breakers_open_.add(-1);
        if (alarm_) alarm_(organisation, false);
      }
    }
  lanes_->swap(std::move(set));
}

PolicyAsk PolicyEngine::asker() {
  return [this](std::string_view hook, const std::string& organisation, Json question, PolicyDone done) {
    ask(hook, organisation, std::move(question), std::move(done));
  };
}

void PolicyEngine::ask(std::string_view hook, const std::string& organisation, Json question,
                       PolicyDone done) {
  Pending pending;
  pending.hook = world_.hooks.find(hook);
  pending.organisation = organisation;
  pending.question = std::move(question);
  pending.done = std::move(done);
  pending.asked_us = loop_.clock().now_us();
  if (!pending.hook) {
    PolicyTrace nothing;
    nothing.answer = Json(Json::Object{});
    return conclude(std::move(pending), std::move(nothing), true);
  }
  if (answer_from_cache(pending)) return;
  const std::uint64_t id = ++last_id_;
  PolicyJob job{id, pending.hook, pending.question, pending.asked_us + options_.lanes.limits.wall_us};
  pending.watchdog = loop_.after(options_.lanes.limits.wall_us, [this, id] {
    fail(id, "wall", "the policy gave no answer in time", false);
  });
  pending_.emplace(id, std::move(pending));
  const auto soon = [this, alive = alive_, id](const char* kind, const char* message) {
    const auto act = [this, alive, id, kind, message] {
      if (*alive) fail(id, kind, message, false);
    };
    (void)loop_.post(act);
  };
  if (breaker_is_open(organisation))
    return soon("breaker", "the policy has failed too often; it is asked again later");
  if (!lanes_->add(organisation, std::move(job)))
    soon("queue", "too many decisions wait for this organisation's policy");
}

bool PolicyEngine::answer_from_cache(Pending& pending) {
  if (pending.hook->cache_ms == 0) return false;
  pending.cache_key = pending.organisation + '\0' + pending.hook->name + '\0' + pending.question.dump();
  const auto found = cache_.find(pending.cache_key);
  if (found == cache_.end() || found->second.until_us <= pending.asked_us) return false;
  PolicyTrace trace;
  trace.answer = found->second.answer;
  trace.decided_by = found->second.decided_by;
  trace.id = found->second.trace;
  pending.cached = true;
  pending.cache_key.clear();
  conclude(std::move(pending), std::move(trace), true);
  return true;
}

void PolicyEngine::keep_in_cache(const Pending& pending, const PolicyTrace& trace) {
  if (pending.cache_key.empty() || trace.decided_by == DecidedBy::failure) return;
  if (cache_.size() >= options_.cache_entries) cache_.clear();
  cache_[pending.cache_key] = {trace.answer, trace.id, trace.decided_by,
                               loop_.clock().now_us() + pending.hook->cache_ms * 1000};
}

void PolicyEngine::finish(PolicyJobResult result) {
  const auto found = pending_.find(result.id);
  if (found == pending_.end()) return; // the watchdog was first
  PolicyVerdict& verdict = result.verdict;
  PolicyOrganisationState& state = states_[found->second.organisation];
  state.version = result.version;
  state.cpu_us += verdict.cpu_us;
  state.slowest_us = std::max(state.slowest_us, verdict.cpu_us);
  if (verdict.fault)
    return fail(result.id, to_word(verdict.fault->stopped), to_string(*verdict.fault),
                result.closed_on_failure);
  Pending pending = std::move(found->second);
  pending_.erase(found);
  loop_.cancel(pending.watchdog);
  PolicyTrace trace;
  trace.version = std::move(result.version);
  trace.notes = std::move(verdict.notes);
  trace.cpu_us = verdict.cpu_us;
  trace.decided_in = std::move(verdict.decided_in);
  trace.decided_by = verdict.answer ? DecidedBy::policy : DecidedBy::by_default;
  if (verdict.answer)
    trace.answer = std::move(*verdict.answer);
  else
    trace.answer = pending.hook->default_answer;
  trace.id = new_trace_id();
  keep_in_cache(pending, trace);
  conclude(std::move(pending), std::move(trace), false);
}

void PolicyEngine::fail(std::uint64_t id, const char* kind, const std::string& message, bool closed) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  loop_.cancel(pending.watchdog);
  failures_.with({kind}).add();
  if (std::string_view(kind) != "breaker") count_failure(pending.organisation, kind, message);
  PolicyTrace trace;
  trace.failure = message;
  trace.decided_by = DecidedBy::failure;
  trace.answer = pending.hook->failure_answer(closed);
  conclude(std::move(pending), std::move(trace), false);
}

void PolicyEngine::count_failure(const std::string& organisation, const char* kind,
                                 const std::string& message) {
  const std::int64_t now_us = loop_.clock().now_us();
  PolicyOrganisationState& state = states_[organisation];
  ++state.failures;
  state.last_failure = message;
  state.last_failure_ms = loop_.clock().wall_ms();
  // Where, and not what: a script may write a name into its message. Who may see it has `viadux policy
  // trace`.
  const PolicyFault where = fault_from(StoppedBy::error, message);
  log_warning("policy", "a policy failed: the careful answer counts",
              {{"organisation", organisation}, {"kind", kind}, {"file", where.file}, {"line", where.line}});
  // Time on the wall and full queues may be others' doing, and a machine with too much to do; a script that
  // runs away ends by CPU time. Not to ask for half a minute would shut a door for nothing.
  if (std::string_view(kind) == "wall" || std::string_view(kind) == "queue") return;
  Breaker& breaker = breakers_[organisation];
  breaker.failures_us.push_back(now_us);
  while (breaker.failures_us.front() < now_us - options_.breaker_window_us)
    breaker.failures_us.pop_front();
  if (breaker.failures_us.size() < options_.breaker_failures || breaker.open_until_us > now_us) return;
  breaker.open_until_us = now_us + options_.breaker_open_us;
  breaker.failures_us.clear();
  log_error("policy", "a policy keeps failing: it is not asked for a while",
            {{"organisation", organisation}, {"for_ms", options_.breaker_open_us / 1000}});
  if (state.breaker_open) return;
  state.breaker_open = true;
  breakers_open_.add();
  if (alarm_) alarm_(organisation, true);
}

bool PolicyEngine::breaker_is_open(const std::string& organisation) {
  const auto found = breakers_.find(organisation);
  if (found == breakers_.end() || found->second.open_until_us == 0) return false;
  if (found->second.open_until_us > loop_.clock().now_us()) return true;
  found->second.open_until_us = 0;
  PolicyOrganisationState& state = states_[organisation];
  if (state.breaker_open) {
    state.breaker_open = false;
    breakers_open_.add(-1);
    if (alarm_) alarm_(organisation, false);
  }
  return false;
}

void PolicyEngine::conclude(Pending pending, PolicyTrace trace, bool never_inside) {
  trace.at_ms = loop_.clock().wall_ms();
  if (trace.id.empty()) trace.id = new_trace_id();
  trace.took_us = loop_.clock().now_us() - pending.asked_us;
  PolicyDecision decision{trace.answer, trace.decided_by, trace.id};
  if (pending.hook) {
    trace.hook = pending.hook->name;
    trace.organisation = pending.organisation;
    trace.question = std::move(pending.question);
    decisions_.with({trace.hook, word_of(trace.decided_by)}).add();
    seconds_.observe(static_cast<double>(trace.took_us) / 1e6);
    PolicyOrganisationState& state = states_[trace.organisation];
    ++state.decisions;
    ++state.by_hook[trace.hook];
    // An answer out of the cache is a decision of before: it pushes no other one out of what people can read.
    if (!pending.cached) traces_.push_back(std::move(trace));
    if (traces_.size() > options_.traces) traces_.pop_front();
  }
  if (!never_inside) return pending.done(decision);
  std::function<void()> later = [done = std::move(pending.done), decision = std::move(decision)] {
    done(decision);
  };
  if (!loop_.post(later)) loop_.after(1000, std::move(later)); // a full queue delays it, but does not lose it
}

void PolicyEngine::run_all() {
  lanes_->run_all();
}

} // namespace viadux
