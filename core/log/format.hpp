// How a line of the log looks. [any thread]
#pragma once

#include "core/log/log.hpp"

namespace viadux {

struct LogRecord {
  std::int64_t wall_ms = 0;
  LogLevel level = LogLevel::info;
  std::string_view area;
  std::string_view message;
  std::span<const LogField> fields;
};

// One JSON object: time (RFC 3339, UTC, milliseconds), level, area, message, then the fields. A field named
// like one of those four gets a '_' in front. Bytes that are not UTF-8 become U+FFFD. Strings over 2048 bytes
// are cut.
std::string format_log_json(const LogRecord& record);

// "12:31:28.123 warning http    listening  port=8080 tls=true": for people at a terminal, in UTC. Control
// characters are escaped, so that nobody who sends us text can forge a line or steer the terminal.
std::string format_log_text(const LogRecord& record);

} // namespace viadux
