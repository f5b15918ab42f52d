// Small tools for reading text lines; inside sdp only.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viadux::sdp {

std::string_view trim(std::string_view text); // spaces and tabs

// Takes the next word (up to a space or tab) off the front of `rest`; empty at the end.
std::string_view take_word(std::string_view& rest);

// Takes the text up to `separator` off the front, and the separator with it.
std::string_view take_until(std::string_view& rest, char separator);

// All of `text` as an unsigned decimal number that fits T; no sign, no spaces.
template <class T>
std::optional<T> to_number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool is_token(std::string_view text); // RFC 8866 section 9, token; not empty
std::string lower_case(std::string_view text);
// For messages: in quotes, cut to 60 characters, control characters shown as '?'.
std::string quoted(std::string_view text);

// An SDP line for a message: quoted, but by its name only where its value is a secret or tells of a person.
std::string shown(std::string_view line);

struct TextLine {
  std::size_t number = 0; // from 1
  std::string_view text;  // without its ending
};

// Splits at CRLF and LF, and at a lone CR where `lone_cr`. Empty lines are left out, numbers still count
// them.
std::vector<TextLine> split_lines(std::string_view text, bool lone_cr);

} // namespace viadux::sdp
