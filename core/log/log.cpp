#include "core/log/log.hpp"

#include "core/control/clock.hpp"
#include "core/log/format.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

namespace viadux {
namespace {

constexpr std::size_t queue_lines = 8192;
constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

void write_all(int descriptor, std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(descriptor, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return; // nowhere to tell it
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Passes our finished lines on; spdlog gives the queue and the thread, not the format.
class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LineSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    write_(std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

  std::function<void(std::string_view)> write_;
};

struct Running {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  bool json = false;
};

struct State {
  std::shared_mutex mutex; // shared to write a line, exclusive to start and stop
  std::unique_ptr<Running> running;
  std::atomic<std::uint64_t> dropped_before = 0; // by runs that have ended
};

// Never destroyed: other static objects may log while they go.
State& state() {
  static State* const instance = new State; // NOLINT(cppcoreguidelines-owning-memory)
  return *instance;
}

bool wants_json(const LogSettings& settings) {
  if (settings.format != LogFormat::automatic) return settings.format == LogFormat::json;
  return settings.write || ::isatty(STDOUT_FILENO) == 0;
}

} // namespace

std::atomic<LogLevel> detail::log_threshold = LogLevel::info;

std::string_view to_string(LogLevel level) {
  return level_names.at(static_cast<std::size_t>(level));
}

std::optional<LogLevel> log_level_from(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

void log_start(const LogSettings& settings) {
  log_stop();
  auto write =
      settings.write ? settings.write : [](std::string_view line) { write_all(STDOUT_FILENO, line); };
  auto running = std::make_unique<Running>();
  running->json = wants_json(settings);
  running->pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  running->logger =
      std::make_shared<spdlog::async_logger>("viadux", std::make_shared<LineSink>(std::move(write)),
                                             running->pool, spdlog::async_overflow_policy::overrun_oldest);
  running->logger->set_level(spdlog::level::trace); // the threshold is ours
  const std::unique_lock lock(state().mutex);
  state().running = std::move(running);
  log_set_level(settings.level);
}

void log_stop() {
  std::unique_ptr<Running> ending;
  {
    const std::unique_lock lock(state().mutex);
    ending = std::move(state().running);
    if (ending) state().dropped_before += ending->pool->overrun_counter();
  }
  // The pool's destructor writes what waits and joins its thread; outside the lock, since writers may wait
  // for it.
}

void log_set_level(LogLevel level) {
  detail::log_threshold.store(level, std::memory_order_relaxed);
}
LogLevel log_level() {
  return detail::log_threshold.load(std::memory_order_relaxed);
}

std::uint64_t log_dropped() {
  const std::shared_lock lock(state().mutex);
  return state().dropped_before + (state().running ? state().running->pool->overrun_counter() : 0);
}

void log_write(LogLevel level, std::string_view area, std::string_view message,
               std::span<const LogField> fields) {
  const LogRecord record{SystemClock().wall_ms(), level, area, message, fields};
  const std::shared_lock lock(state().mutex);
  const Running* running = state().running.get();
  if (running == nullptr) return write_all(STDERR_FILENO, format_log_text(record));
  const std::string line = running->json ? format_log_json(record) : format_log_text(record);
  running->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

} // namespace viadux
