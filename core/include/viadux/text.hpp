// viadux/text.hpp - texts across the border, and handles as documents write them. [any]
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <viadux/abi.h>

namespace viadux {

inline viadux_text to_text(std::string_view text) {
  return viadux_text{text.data(), text.size()};
}
inline std::string_view to_view(viadux_text text) {
  return text.size ? std::string_view(text.data, text.size) : std::string_view();
}

// A handle of the core (a participant, a session, a running room): 16 hex digits in a document, since JSON's
// readers do not keep 64 bits exactly.
struct Handle {
  std::uint64_t value = 0; // 0 is none
  bool operator==(const Handle&) const = default;
  explicit operator bool() const { return value != 0; }
};

inline std::string write_handle(Handle handle) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; handle.value >>= 4U)
    text[i] = digits[handle.value & 15U];
  return text;
}

inline std::optional<Handle> read_handle(std::string_view text) {
  Handle handle;
  if (text.size() != 16) return std::nullopt;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), handle.value, 16);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return handle;
}

} // namespace viadux
