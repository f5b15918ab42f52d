// viadux/lines.hpp - texts of lines (SDP and its fragments, header fields), line by line. [any]
#pragma once

#include <string_view>

namespace viadux {

// Calls `visit` with each line, without its ending: LF, or CRLF. What is empty after the last ending is no
// line.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    visit(line);
  }
}

} // namespace viadux
