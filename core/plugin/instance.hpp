// One plugin as the host knows it: what it declared, its instance, its limits and counters.
//
// The object outlives the plugin's code: its threads may still call what is [any] after it was stopped.
#pragma once

#include "core/control/loop.hpp"
#include "core/plugin/declaration.hpp"
#include "core/plugin/options.hpp"
#include "core/plugin/series_table.hpp"

#include <atomic>
#include <string>

namespace viadux {
class PluginInstance;
class PluginServices;
} // namespace viadux

// The ABI's opaque type.
struct viadux_context { // NOLINT(readability-identifier-naming)
  viadux::PluginInstance* instance;
};

namespace viadux {

enum class PluginPhase : std::uint8_t { loaded, starting, running, draining, stopping, stopped, failed };
std::string_view to_word(PluginPhase phase);

struct PluginCounters {
  std::atomic<std::uint64_t> callbacks = 0;
  std::atomic<std::uint64_t> callback_us = 0;
  std::atomic<std::uint64_t> slow_callbacks = 0;  // over 10 ms
  std::atomic<std::uint64_t> exceptions = 0;      // that left a callback, or that its wrapper caught
  std::atomic<std::uint64_t> calls = 0;           // it made
  std::atomic<std::uint64_t> calls_timed_out = 0; // made to it and not answered in time
  std::atomic<std::uint64_t> answers_dropped = 0; // a second one, or one that came too late
  std::atomic<std::uint64_t> posts_refused = 0;
  std::atomic<std::uint64_t> stale_handles = 0; // used
  std::atomic<std::uint64_t> misuses = 0;       // a control function on another thread, null pointers
  std::atomic<std::uint64_t> log_dropped = 0;
};

// What breaks the contract: counted, logged (the first and then each power of two), and named in /readyz.
enum class PluginFault : std::uint8_t {
  exception,
  unanswered,
  answer_dropped,
  post_refused,
  stale_handle,
  misuse
};

class PluginInstance {
 public:
  PluginInstance(PluginServices& services, Declaration declaration, std::string path);
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  const Declaration& declaration() const { return declaration_; }
  const std::string& id() const { return declaration_.id; }
  const std::string& path() const { return path_; }
  PluginServices& services() const { return services_; }
  SeriesTable& series() { return series_; }
  PluginCounters& counters() { return counters_; }

  PluginPhase phase() const { return phase_; }
  const std::string& trouble() const { return trouble_; } // why it failed, for people
  void set_phase(PluginPhase phase) { phase_ = phase; }
  void fail(std::string trouble);
  void set_trouble(std::string trouble) { trouble_ = std::move(trouble); }

  // [any thread] `detail` is for the log: which callback, function or method.
  void fault(PluginFault fault, std::string_view detail, std::string_view why = {});
  // "exceptions 2, answers dropped 1", or "".
  std::string faults() const;

  // [control] Makes and ends the plugin's own object.
  Result<void> create();
  void destroy();
  void* self() const { return self_; }
  bool alive() const { return self_ != nullptr; }

  // [control] Every call into the plugin's code goes through here: it is timed, and an exception that comes
  // out is caught and counted. False: it threw, or there is nothing to call any more.
  template <class Call>
  bool enter(const char* what, const Call& call) {
    if (!alive()) return false;
    const Entered entered(*this, what);
    try {
      call();
      return true;
    } catch (const std::exception& failure) {
      fault(PluginFault::exception, what, failure.what());
    } catch (...) {
      fault(PluginFault::exception, what, "an exception that is no std::exception");
    }
    return false;
  }

  // [any thread]
  viadux_status post(viadux_post_fn work, void* arg);
  void log(viadux_log_level level, std::string_view event, std::string_view fields);
  // Nothing new is taken: posts are refused, calls end at once.
  void close_doors() { closing_.store(true, std::memory_order_release); }
  bool closing() const { return closing_.load(std::memory_order_acquire); }
  std::size_t posts_waiting() const { return posts_waiting_.load(std::memory_order_acquire); }

  std::size_t open_calls = 0; // [control]

  const viadux_host* host_table() const { return &host_; }
  viadux_context* context() { return &context_; }

 private:
  class Entered { // measures one callback
   public:
    Entered(PluginInstance& instance, const char* what);
    ~Entered();
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

   private:
    PluginInstance& instance_;
    const char* what_;
    std::int64_t began_us_;
  };
  bool may_log();

  PluginServices& services_;
  const Declaration declaration_;
  const std::string path_;
  viadux_context context_{this};
  viadux_host host_{};
  SeriesTable series_;
  PluginCounters counters_;
  void* self_ = nullptr;
  PluginPhase phase_ = PluginPhase::loaded;
  std::string trouble_;
  std::atomic<bool> closing_ = false;
  std::atomic<std::size_t> posts_waiting_ = 0;
  std::atomic<std::int64_t> log_second_ = 0;
  std::atomic<std::uint64_t> log_lines_ = 0;
};

// The functions of viadux_host, filled in (host_table.cpp).
void fill_host_table(viadux_host& table, viadux_context& context);

} // namespace viadux
