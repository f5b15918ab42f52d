#include "core/policy/lanes.hpp"

#include <pthread.h>

namespace viadux {

PolicyLanes::PolicyLanes(const PolicyWorld& world, const Clock& clock, Options options, Done done)
    : world_(world), clock_(clock), options_(options), done_(std::move(done)) {
  if (!options_.own_thread) return;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "policy");
    run();
  });
}

PolicyLanes::~PolicyLanes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool PolicyLanes::add(const std::string& organisation, PolicyJob job) {
  {
    const std::lock_guard lock(mutex_);
    auto& lane = lanes_[organisation];
    if (!lane) {
      lane = std::make_unique<Lane>();
      lane->organisation = organisation;
    }
    if (lane->jobs.size() >= options_.queue) return false;
    lane->jobs.push_back(std::move(job));
    ++waiting_;
    if (lane->in_turn) return true;
    lane->in_turn = true;
    turn_.push_back(lane.get());
  }
  wake_.notify_one();
  return true;
}

void PolicyLanes::swap(std::shared_ptr<const PolicySet> set) {
  const std::lock_guard lock(mutex_);
  set_ = std::move(set);
}

std::size_t PolicyLanes::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void PolicyLanes::run_all() {
  std::unique_lock lock(mutex_);
  while (!turn_.empty() && !stopping_) {
    Lane* lane = turn_.front();
    turn_.pop_front();
    PolicyJob job = std::move(lane->jobs.front());
    lane->jobs.pop_front();
    --waiting_;
    const std::shared_ptr<const PolicySet> set = set_;
    lock.unlock();
    // What came too late for whoever asked is not worked off in front of those who still wait.
    if (clock_.now_us() < job.deadline_us) decide(*lane, job, set);
    lock.lock();
    lane->in_turn = !lane->jobs.empty();
    if (lane->in_turn) turn_.push_back(lane);
  }
}

void PolicyLanes::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !turn_.empty(); });
      if (stopping_) return;
    }
    run_all();
  }
}

void PolicyLanes::make_environment(Lane& lane, std::shared_ptr<const PolicyProgram> program) {
  if (!lane.environment) ++loaded_;
  lane.program = std::move(program);
  lane.environment = std::make_unique<PolicyEnvironment>(world_, options_.limits);
  lane.broken = lane.environment->load(*lane.program);
  if (loaded_ > options_.environments) let_go_of_idle();
}

void PolicyLanes::let_go_of_idle() {
  const std::lock_guard lock(mutex_);
  Lane* idle = nullptr;
  for (auto& [organisation, lane] : lanes_)
    if (lane->environment && (!idle || lane->used < idle->used) && lane->used != decisions_)
      idle = lane.get();
  if (!idle) return;
  idle->environment.reset();
  idle->program.reset();
  --loaded_;
}

void PolicyLanes::decide(Lane& lane, const PolicyJob& job, const std::shared_ptr<const PolicySet>& set) {
  PolicyJobResult result;
  result.id = job.id;
  lane.used = ++decisions_;
  const auto found = set ? set->programs.find(lane.organisation) : decltype(set->programs.find(""))();
  if (!set || found == set->programs.end()) return done_(std::move(result)); // no policy: the default
  const std::shared_ptr<const PolicyProgram>& program = found->second;
  if (!lane.environment || lane.program->version != program->version) make_environment(lane, program);
  result.version = program->version;
  if (lane.broken) {
    result.verdict.fault = lane.broken;
  } else {
    result.verdict = lane.environment->decide(*job.hook, job.question);
    result.closed_on_failure = lane.environment->closed_on_failure(job.hook->name);
    if (lane.environment->worn()) make_environment(lane, program);
  }
  done_(std::move(result));
}

} // namespace viadux
