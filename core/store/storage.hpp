// The storage thread: one connection, a bounded queue of work, results back on the control thread.
//
//   storage.run<RoomRow>([](Connection& c) -> Result<RoomRow> { … }, [](Result<RoomRow> row) { … });
//
// The work runs on the storage thread; the second function runs on the control thread, exactly once, never
// from inside run(), in the order the work was given (refusals because the queue is full come at once). Only
// when the control loop itself has ended is it dropped.
#pragma once

#include "core/control/loop.hpp"
#include "core/store/connection.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace viadux::store {

template <class T>
using Done = std::function<void(Result<T>)>;

struct StorageOptions {
  // "sqlite:/var/lib/viadux/viadux.db", "sqlite::memory:", or what libpq takes ("postgresql://…", "host=…
  // dbname=…").
  std::string url = "sqlite::memory:";
  std::size_t queue_limit = 4096; // waiting work above this is answered `busy` at once
  std::int64_t queue_deadline_us =
      10'000'000;                          // work that waited longer is answered `timeout` without being run
  std::int64_t reconnect_min_us = 200'000; // back-off between attempts doubles from this
  std::int64_t reconnect_max_us = 30'000'000; // to this
  // False runs the work as tasks of the control loop itself, with no thread: for tests in virtual time and
  // for commands that do one thing and end. Never in a server.
  bool own_thread = true;
};

struct StorageState {
  bool ready = false;
  std::string message; // why not, without secrets
};

struct StorageCounters {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;    // answered with an error of the engine or of the connection
  std::uint64_t refused = 0;   // queue full
  std::uint64_t timed_out = 0; // waited too long in the queue
  std::uint64_t reconnects = 0;
  std::uint64_t waiting = 0;   // in the queue now
  std::uint64_t busy_us = 0;   // time spent in work
  std::uint64_t waited_us = 0; // time work spent in the queue
};

class Storage {
 public:
  Storage(ControlLoop& loop, StorageOptions options);
  ~Storage(); // stop()

  // [set-up] Connects and migrates, waiting for the first attempt. A failure is returned; for a reason that
  // may pass (PostgreSQL is away) attempts go on in the background, and the caller decides whether to run
  // without.
  Result<void> start();
  // [control] Lets queued work finish (at most `grace_us`), answers the rest `cancelled`, and joins the
  // thread.
  void stop(std::int64_t grace_us = 2'000'000);

  // [control] See the top.
  template <class T>
  void run(std::function<Result<T>(Connection&)> work, Done<T> done);

  // [any thread]
  StorageState state() const;
  StorageCounters counters() const;
  // [control, before start()] Called on the control thread when the state changes.
  void on_state(std::function<void(const StorageState&)> listener);

 private:
  struct Job {
    virtual ~Job() = default;
    virtual bool run(Connection& connection) = 0; // [storage] false when it failed
    virtual void fail(Error error) = 0;           // [storage] instead of run()
    virtual void finish() = 0;                    // [control]
    std::int64_t queued_us = 0;
  };
  template <class T>
  struct TypedJob;
  struct Impl;

  void submit(std::unique_ptr<Job> job);
  std::shared_ptr<Impl> impl_;
};

template <class T>
struct Storage::TypedJob final : Job {
  TypedJob(std::function<Result<T>(Connection&)> w, Done<T> d) : work(std::move(w)), done(std::move(d)) {}
  bool run(Connection& connection) override {
    result.emplace(work(connection));
    return result->has_value();
  }
  void fail(Error error) override { result.emplace(std::move(error)); }
  void finish() override {
    if (done) done(std::move(*result));
  }
  std::function<Result<T>(Connection&)> work;
  Done<T> done;
  std::optional<Result<T>> result;
};

template <class T>
void Storage::run(std::function<Result<T>(Connection&)> work, Done<T> done) {
  submit(std::make_unique<TypedJob<T>>(std::move(work), std::move(done)));
}

} // namespace viadux::store
