// The policy thread's side of the engine: a queue for each organisation, served in turn, one decision at a
// time, so that who asks much waits behind itself.
#pragma once

#include "core/control/clock.hpp"
#include "core/policy/policy_set.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace viadux {

struct PolicyJob {
  std::uint64_t id = 0;
  const PolicyHook* hook = nullptr;
  Json question;
  std::int64_t deadline_us = 0; // of the clock; then whoever asked has been answered
};

struct PolicyJobResult {
  std::uint64_t id = 0;
  PolicyVerdict verdict;
  bool closed_on_failure = false;
  std::string version;
};

class PolicyLanes {
 public:
  struct Options {
    PolicyLimits limits;
    std::size_t queue = 256;        // waiting decisions of one organisation
    std::size_t environments = 500; // loaded at a time; the one that was idle longest goes
    bool own_thread = true;         // false: run_all() runs them, for tests in virtual time
  };
  using Done = std::function<void(PolicyJobResult)>; // [policy]

  // `clock` is read on the policy thread. A job past its deadline is dropped, and `done` is not called for
  // it.
  PolicyLanes(const PolicyWorld& world, const Clock& clock, Options options, Done done);
  ~PolicyLanes();
  PolicyLanes(const PolicyLanes&) = delete;
  PolicyLanes& operator=(const PolicyLanes&) = delete;

  // [any] False: the organisation's queue is full.
  bool add(const std::string& organisation, PolicyJob job);
  // [any] Decisions that begin from now on are made by these policies.
  void swap(std::shared_ptr<const PolicySet> set);
  std::size_t waiting() const;
  void run_all(); // without a thread of its own

 private:
  struct Lane {
    std::string organisation;
    std::deque<PolicyJob> jobs;
    bool in_turn = false;
    // Of the policy thread alone:
    std::shared_ptr<const PolicyProgram> program;
    std::unique_ptr<PolicyEnvironment> environment;
    std::optional<PolicyFault> broken; // the program cannot be loaded
    std::uint64_t used = 0;
  };

  void run();
  void decide(Lane& lane, const PolicyJob& job, const std::shared_ptr<const PolicySet>& set);
  void make_environment(Lane& lane, std::shared_ptr<const PolicyProgram> program);
  void let_go_of_idle();

  const PolicyWorld& world_;
  const Clock& clock_;
  const Options options_;
  const Done done_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::unordered_map<std::string, std::unique_ptr<Lane>> lanes_;
  std::deque<Lane*> turn_;
  std::shared_ptr<const PolicySet> set_;
  std::size_t waiting_ = 0;
  bool stopping_ = false;
  std::size_t loaded_ = 0;      // [policy]
  std::uint64_t decisions_ = 0; // [policy]
  std::thread thread_;
};

} // namespace viadux
