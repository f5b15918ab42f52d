#include "core/log/format.hpp"

#include "core/log/redaction.hpp"

#include <charconv>
#include <cmath>
#include <ctime>

namespace viadux {
namespace {

constexpr std::size_t max_string = 2048;
constexpr std::string_view cut_mark = "…";

std::string_view cut(std::string_view text) {
  return text.substr(0, max_string);
}

// How many bytes at `at` are one well-formed UTF-8 character (RFC 3629 section 4); 0 when they are none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    return follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    return follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3)
               ? 4
               : 0;
  }
  return 0;
}

// Appends `text` with control characters, quotes and backslashes as JSON escapes (RFC 8259 section 7). C1
// controls and bytes that are not UTF-8 are escaped too: terminals act on the first, parsers refuse the
// second.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0) {
      out += "\xEF\xBF\xBD"; // U+FFFD
      ++at;
      continue;
    }
    const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[at];
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7F || c1) {
      const auto code = c1 ? static_cast<unsigned char>(text[at + 1]) : byte;
      out += "\\u00";
      out += hex[code >> 4];
      out += hex[code & 15];
    } else {
      out.append(text.substr(at, length));
    }
    at += length;
  }
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, cut(text));
  if (text.size() > max_string) out += cut_mark;
  out += '"';
}

template <class T>
void append_number(std::string& out, T value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  if (error == std::errc()) out.append(buffer, end);
}

// Whether a text needs no quotes in the human format.
bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

void append_value(std::string& out, const LogField& field, bool quote_always) {
  const auto text = [&](std::string_view value) {
    if (!quote_always && value.size() <= max_string && is_plain(value)) {
      out += value;
    } else {
      append_string(out, value);
    }
  };
  if (field.value.masked() || is_redacted_name(field.name)) return text(redacted_text);
  std::visit(
      [&]<class T>(const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
          out += value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::string_view>) {
          text(scrub(value.substr(0, max_string + 1))); // never scrub a megabyte to print two kilobytes
        } else if constexpr (std::is_same_v<T, double>) {
          if (std::isfinite(value)) {
            append_number(out, value);
          } else {
            out += quote_always ? "null" : "none"; // JSON has no NaN
          }
        } else {
          append_number(out, value);
        }
      },
      field.value.get());
}

void append_time(std::string& out, std::int64_t wall_ms, const char* pattern) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[32];
  out.append(buffer, std::strftime(buffer, sizeof buffer, pattern, &parts));
  const auto millis = static_cast<int>(wall_ms % 1000);
  out += '.';
  out += static_cast<char>('0' + millis / 100);
  out += static_cast<char>('0' + millis / 10 % 10);
  out += static_cast<char>('0' + millis % 10);
}

bool is_reserved(std::string_view name) {
  return name == "time" || name == "level" || name == "area" || name == "message";
}

void pad(std::string& out, std::size_t used, std::size_t width) {
  out.append(used < width ? width - used + 1 : 1, ' ');
}

} // namespace

std::string format_log_json(const LogRecord& record) {
  std::string out;
  out.reserve(256);
  out += R"({"time":")";
  append_time(out, record.wall_ms, "%Y-%m-%dT%H:%M:%S");
  out += R"(Z","level":")";
  out += to_string(record.level);
  out += R"(","area":)";
  append_string(out, record.area);
  out += R"(,"message":)";
  append_string(out, scrub(record.message.substr(0, max_string + 1)));
  for (const LogField& field : record.fields) {
    out += is_reserved(field.name) ? R"(,"_)" : R"(,")";
    append_escaped(out, cut(field.name));
    out += "\":";
    append_value(out, field, true);
  }
  out += "}\n";
  return out;
}

std::string format_log_text(const LogRecord& record) {
  std::string out;
  out.reserve(160);
  append_time(out, record.wall_ms, "%H:%M:%S");
  out += ' ';
  const std::string_view level = to_string(record.level);
  out += level;
  pad(out, level.size(), 7);
  append_escaped(out, cut(record.area));
  pad(out, record.area.size(), 8);
  append_escaped(out, cut(scrub(record.message.substr(0, max_string + 1))));
  for (const LogField& field : record.fields) {
    out += ' ';
    append_escaped(out, cut(field.name));
    out += '=';
    append_value(out, field, false);
  }
  out += '\n';
  return out;
}

} // namespace viadux
