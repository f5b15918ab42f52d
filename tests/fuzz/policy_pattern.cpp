// A pattern and a text: the matcher stays within its text and its work.
#include "core/policy/pattern.hpp"

#include <cstdlib>

using viadux::PatternMatch;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t length = data[0] % size;
  const std::string_view all(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string_view pattern = all.substr(0, length);
  const std::string_view text = all.substr(pattern.size());
  PatternMatch match(text, pattern, 20'000);
  const char* const end = text.data() + text.size();
  for (const char* from = text.data(); from <= end && !match.error(); ++from) {
    const char* to = match.at(from);
    if (to && (to < from || to > end)) std::abort();
    for (int i = 0; to && i < match.captures(); ++i) {
      const auto& capture = match.capture(i);
      if (capture.size >= 0 && (capture.at < text.data() || capture.at + capture.size > end)) std::abort();
    }
  }
  if (match.steps() > 20'000 + text.size() + 64) std::abort();
  return 0;
}
