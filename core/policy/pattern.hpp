// Lua's patterns (reference manual, 6.4.1), matched with a bound on the work: Lua's own matcher backtracks
// for minutes where nothing can interrupt it. [any thread]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace viadux {

class PatternMatch {
 public:
  static constexpr int most_captures = 32;
  static constexpr std::ptrdiff_t position = -2; // a capture "()": where it is, no text
  struct Capture {
    const char* at = nullptr;
    std::ptrdiff_t size = -1; // -1 while it is open
  };

  PatternMatch(std::string_view subject, std::string_view pattern, std::uint64_t most_steps)
      : begin_(subject.data()), end_(subject.data() + subject.size()),
        pattern_end_(pattern.data() + pattern.size()), pattern_(pattern.data()), most_steps_(most_steps) {}

  // Where a match that begins at `from` ends; null when there is none, or error() says why there cannot be.
  const char* at(const char* from);

  const char* error() const { return error_; }
  std::uint64_t steps() const { return steps_; }
  int captures() const { return level_; }
  const Capture& capture(int index) const { return captures_[static_cast<std::size_t>(index)]; }

 private:
  const char* match(const char* s, const char* p);
  const char* repeat(const char* s, const char* p, const char* after);
  const char* repeat_least(const char* s, const char* p, const char* after);
  const char* open(const char* s, const char* p, std::ptrdiff_t size);
  const char* close(const char* s, const char* p);
  const char* balanced(const char* s, const char* p);
  const char* frontier(const char* s, const char* p);
  const char* again(const char* s, char digit);
  const char* after_item(const char* p);
  bool one(const char* s, const char* p, const char* after);
  bool in_set(unsigned char c, const char* p, const char* closing) const;
  const char* fail(const char* why) {
    if (!error_) error_ = why;
    return nullptr;
  }

  const char* const begin_;
  const char* const end_;
  const char* const pattern_end_;
  const char* const pattern_;
  const std::uint64_t most_steps_;
  std::uint64_t steps_ = 0;
  int depth_ = 0;
  int level_ = 0;
  std::array<Capture, most_captures> captures_{};
  const char* error_ = nullptr;
};

} // namespace viadux
