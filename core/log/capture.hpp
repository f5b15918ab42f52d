// For tests: what was logged while this lives, as lines of JSON at every level.
#pragma once

#include "core/log/log.hpp"

#include <mutex>

namespace viadux {

class LogCapture {
 public:
  LogCapture() : level_before_(log_level()) {
    log_start({LogLevel::debug, LogFormat::json, [this](std::string_view line) {
                 const std::lock_guard lock(mutex_);
                 text_ += line;
               }});
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture() {
    log_stop();
    log_set_level(level_before_);
  }

  // Ends the capture, so that all lines are in.
  std::string text() {
    log_stop();
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  LogLevel level_before_;
  std::mutex mutex_;
  std::string text_;
};

} // namespace viadux
