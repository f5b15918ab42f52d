#include "target.hpp"

#include <algorithm>
#include <cstdint>
#include <viadux/json.hpp>

namespace sip {
namespace {

constexpr std::size_t shortest_pin = 4, longest_pin = 20; // as in the rooms
constexpr std::size_t longest_name = 128;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

std::string as_utf8(std::string_view text) {
  std::string copy(text);
  if (!viadux::detail::is_utf8(text))
    std::ranges::replace_if(
        copy, [](char c) { return (static_cast<std::uint8_t>(c) & 0x80U) != 0; }, '?');
  return copy;
}

Target read_target(std::string_view user, std::string_view host) {
  user = user.substr(0, user.find(';')); // parameters of telephone numbers (RFC 3966)
  const std::string behind = host.empty() || host.starts_with('[') ? "" : "@" + as_utf8(host);
  Target target;
  target.whole = as_utf8(user) + behind;
  const std::size_t dot = user.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return target;
  const std::string_view pin = user.substr(dot + 1);
  if (pin.size() < shortest_pin || pin.size() > longest_pin || !std::ranges::all_of(pin, is_digit))
    return target;
  target.address = as_utf8(user.substr(0, dot)) + behind;
  target.pin = pin;
  return target;
}

std::string display_name(std::string_view display, std::string_view user) {
  if (display.size() >= 2 && display.front() == '"' && display.back() == '"')
    display = display.substr(1, display.size() - 2);
  std::string name;
  bool escaped = false;
  for (const char c : as_utf8(display.empty() ? user : display)) {
    if (c == '\\' && !escaped) { // a quoted pair (RFC 3261 section 25.1)
      escaped = true;
      continue;
    }
    escaped = false;
    if (static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f) name += c;
  }
  if (name.size() > longest_name) {
    std::size_t end = longest_name;
    while (end > 0 && (static_cast<std::uint8_t>(name[end]) & 0xc0U) == 0x80) // not within a letter
      --end;
    name.resize(end);
  }
  return name;
}

} // namespace sip
