// The log: one structured line per happening, from any thread, never blocking.
//
//   log_info("http", "listening", {{"port", 8080}, {"tls", true}});
//
// Say what happened in a fixed text and put what varies into fields. Redaction is by construction: Secret and
// personal() values, and fields whose name is that of a secret (redaction.hpp), print as "***"; what is left
// of strings goes through scrub(), which masks CPR and telephone numbers, query strings, bearer tokens and
// pin=.
//
// Lines are made on the calling thread and written by a thread of the log's own. When 8192 lines wait the
// oldest is dropped and counted. Not for the media path, which does not log.
#pragma once

#include "core/log/secret.hpp"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace viadux {

enum class LogLevel : std::uint8_t { debug = 0, info = 1, warning = 2, error = 3 };
enum class LogFormat : std::uint8_t {
  automatic = 0,
  text = 1,
  json = 2
}; // automatic: text on a terminal, else JSON

std::string_view to_string(LogLevel level);
std::optional<LogLevel> log_level_from(std::string_view name);

// A typed value; strings are borrowed until the call returns.
class LogValue {
 public:
  using Variant = std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view>;

  LogValue(bool value) : value_(value) {}
  template <std::signed_integral T>
  LogValue(T value) : value_(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  LogValue(T value) : value_(static_cast<std::uint64_t>(value)) {}
  LogValue(double value) : value_(value) {}
  LogValue(std::string_view value) : value_(value) {}
  LogValue(const std::string& value) : value_(std::string_view(value)) {}
  LogValue(const char* value) : value_(value ? std::string_view(value) : std::string_view("null")) {}
  LogValue(const Secret& /*value*/) : masked_(true) {}
  LogValue(Personal /*value*/) : masked_(true) {}

  bool masked() const { return masked_; }
  const Variant& get() const { return value_; }

 private:
  Variant value_ = std::string_view();
  bool masked_ = false;
};

struct LogField {
  std::string_view name; // snake_case, with the unit: "delay_ms"
  LogValue value;
};

// What log_start() takes. `write` replaces standard output (tests, a file): it gets each line with its line
// end, on the log's own thread.
struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
  std::function<void(std::string_view line)> write;
};

// [any thread] Starts, or starts anew, the log's own thread. Before that, lines go to standard error at once,
// as text.
void log_start(const LogSettings& settings);
// [any thread] Writes what waits and ends the log's thread; lines after it go to standard error again.
void log_stop();

// [any thread] Takes effect with the next line.
void log_set_level(LogLevel level);
LogLevel log_level();
// [any thread] Lines dropped because too many waited, since the process began.
std::uint64_t log_dropped();

// [any thread] `area` is the folder or plugin that speaks: "http", "whip".
void log_write(LogLevel level, std::string_view area, std::string_view message,
               std::span<const LogField> fields);

namespace detail {
extern std::atomic<LogLevel> log_threshold;
}
inline bool log_wants(LogLevel level) {
  return level >= detail::log_threshold.load(std::memory_order_relaxed);
}

using LogFields = std::initializer_list<LogField>;

inline void log_line(LogLevel level, std::string_view area, std::string_view message, LogFields fields) {
  if (log_wants(level)) log_write(level, area, message, {fields.begin(), fields.size()});
}
inline void log_debug(std::string_view area, std::string_view message, LogFields fields = {}) {
  log_line(LogLevel::debug, area, message, fields);
}
inline void log_info(std::string_view area, std::string_view message, LogFields fields = {}) {
  log_line(LogLevel::info, area, message, fields);
}
inline void log_warning(std::string_view area, std::string_view message, LogFields fields = {}) {
  log_line(LogLevel::warning, area, message, fields);
}
inline void log_error(std::string_view area, std::string_view message, LogFields fields = {}) {
  log_line(LogLevel::error, area, message, fields);
}

} // namespace viadux
