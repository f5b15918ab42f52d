// viadux/server_event.hpp - one server-sent event (HTML standard, 9.2) as it goes over the wire. [any]
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace viadux {

struct ServerEvent {
  std::string id;    // becomes the client's Last-Event-ID; "" sends none. Line breaks and NUL are removed
  std::string event; // "" is the default type, "message"
  std::string data;  // may hold line breaks
  std::uint32_t retry_ms = 0; // 0 sends none
};

// A comment, as a block of its own: it opens a stream for clients that wait for a first byte, and keeps it
// open through proxies.
inline constexpr std::string_view event_stream_comment = ": \n\n";

inline std::string format_event(const ServerEvent& event) {
  // A line break would begin another field; NUL in an id is not allowed by the standard.
  const auto one_line = [](std::string line) {
    std::erase_if(line, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    return line;
  };
  std::string text;
  if (!event.id.empty()) text += "id: " + one_line(event.id) + "\n";
  if (!event.event.empty()) text += "event: " + one_line(event.event) + "\n";
  if (event.retry_ms != 0) text += "retry: " + std::to_string(event.retry_ms) + "\n";
  std::string_view rest = event.data;
  for (;;) {
    // CR, LF and CRLF all end a line for the client.
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    text += "data: ";
    text += rest.substr(0, end);
    text += '\n';
    if (end == rest.size()) break;
    rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  return text + "\n";
}

} // namespace viadux
