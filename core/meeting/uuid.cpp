#include "core/meeting/uuid.hpp"

#include <random>

namespace viadux {
namespace {

constexpr std::string_view pattern = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

} // namespace

std::string new_uuid() {
  std::random_device random; // the kernel's, on Linux
  std::string text(pattern);
  unsigned bits = 0;
  int left = 0;
  for (char& c : text) {
    if (c != 'x' && c != 'y') continue;
    if (left == 0) {
      bits = random();
      left = 8;
    }
    unsigned digit = bits & 15U;
    bits >>= 4U;
    --left;
    if (c == 'y') digit = (digit & 3U) | 8U; // the variant
    c = "0123456789abcdef"[digit];
  }
  return text;
}

bool uuid_ok(std::string_view text) {
  if (text.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (pattern[i] == '-' ? text[i] != '-' : !is_hex(text[i])) return false;
  return true;
}

std::string lower_uuid(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

} // namespace viadux
