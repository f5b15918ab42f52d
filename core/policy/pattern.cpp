#include "core/policy/pattern.hpp"

#include <cctype>
#include <cstring>

namespace viadux {
namespace {

constexpr int deepest = 200;
constexpr std::ptrdiff_t open_capture = -1;

// %a, %d ...: an upper-case letter is the opposite.
bool in_class(unsigned char c, unsigned char letter) {
  bool is = false;
  switch (std::tolower(letter)) {
  case 'a':
    is = std::isalpha(c) != 0;
    break;
  case 'c':
    is = std::iscntrl(c) != 0;
    break;
  case 'd':
    is = std::isdigit(c) != 0;
    break;
  case 'g':
    is = std::isgraph(c) != 0;
    break;
  case 'l':
    is = std::islower(c) != 0;
    break;
  case 'p':
    is = std::ispunct(c) != 0;
    break;
  case 's':
    is = std::isspace(c) != 0;
    break;
  case 'u':
    is = std::isupper(c) != 0;
    break;
  case 'w':
    is = std::isalnum(c) != 0;
    break;
  case 'x':
    is = std::isxdigit(c) != 0;
    break;
  default:
    return letter == c; // an escaped character stands for itself
  }
  return std::isupper(letter) != 0 ? !is : is;
}

} // namespace

const char* PatternMatch::at(const char* from) {
  level_ = 0;
  depth_ = 0;
  return match(from, pattern_);
}

const char* PatternMatch::match(const char* s, const char* p) {
  if (++depth_ > deepest) return fail("the pattern is too complicated");
  const char* found = nullptr;
  for (;;) {
    if (error_ || ++steps_ > most_steps_) {
      found = fail("the pattern takes too long on this text");
      break;
    }
    if (p == pattern_end_) {
      found = s;
      break;
    }
    if (*p == '(') {
      const bool place = p + 1 != pattern_end_ && p[1] == ')';
      found = open(s, p + (place ? 2 : 1), place ? position : open_capture);
      break;
    }
    if (*p == ')') {
      found = close(s, p + 1);
      break;
    }
    if (*p == '$' && p + 1 == pattern_end_) {
      found = s == end_ ? s : nullptr;
      break;
    }
    if (*p == '%' && p + 1 != pattern_end_) {
      const char kind = p[1];
      if (kind == 'b' || kind == 'f' || std::isdigit(static_cast<unsigned char>(kind)) != 0) {
        s = kind == 'b' ? balanced(s, p + 2) : kind == 'f' ? frontier(s, p + 2) : again(s, kind);
        if (!s) break;
        p = kind == 'b' ? p + 4 : kind == 'f' ? after_item(p + 2) : p + 2;
        continue;
      }
    }
    const char* after = after_item(p);
    if (!after) break;
    const char many = after == pattern_end_ ? '\0' : *after;
    if (many == '*' || many == '+') {
      if (many == '+' && !one(s, p, after)) break;
      found = repeat(many == '+' ? s + 1 : s, p, after);
      break;
    }
    if (many == '-') {
      found = repeat_least(s, p, after);
      break;
    }
    if (many == '?') {
      if (one(s, p, after)) {
        found = match(s + 1, after + 1);
        if (found || error_) break;
      }
      p = after + 1;
      continue;
    }
    if (!one(s, p, after)) break;
    ++s;
    p = after;
  }
  --depth_;
  return found;
}

// As many as there are, then fewer.
const char* PatternMatch::repeat(const char* s, const char* p, const char* after) {
  const char* most = s;
  while (one(most, p, after))
    ++most;
  for (; most >= s; --most) {
    if (const char* found = match(most, after + 1)) return found;
    if (error_) return nullptr;
  }
  return nullptr;
}

const char* PatternMatch::repeat_least(const char* s, const char* p, const char* after) {
  for (;;) {
    if (const char* found = match(s, after + 1)) return found;
    if (error_ || !one(s, p, after)) return nullptr;
    ++s;
  }
}

const char* PatternMatch::open(const char* s, const char* p, std::ptrdiff_t size) {
  if (level_ >= most_captures) return fail("the pattern has too many captures");
  captures_[static_cast<std::size_t>(level_++)] = {s, size};
  const char* found = match(s, p);
  if (!found) --level_;
  return found;
}

const char* PatternMatch::close(const char* s, const char* p) {
  int index = level_ - 1;
  while (index >= 0 && captures_[static_cast<std::size_t>(index)].size != open_capture)
    --index;
  if (index < 0) return fail("the pattern has a ) without its (");
  Capture& capture = captures_[static_cast<std::size_t>(index)];
  capture.size = s - capture.at;
  const char* found = match(s, p);
  if (!found) capture.size = open_capture;
  return found;
}

// %bxy: from an x to the y that closes it.
const char* PatternMatch::balanced(const char* s, const char* p) {
  if (pattern_end_ - p < 2) return fail("%b in a pattern needs two characters after it");
  if (s == end_ || *s != p[0]) return nullptr;
  int open = 1;
  for (const char* at = s + 1; at != end_; ++at) {
    ++steps_;
    if (*at == p[1]) {
      if (--open == 0) return at + 1;
    } else if (*at == p[0]) {
      ++open;
    }
  }
  return nullptr;
}

// %f[set]: between a character that is not in the set and one that is.
const char* PatternMatch::frontier(const char* s, const char* p) {
  if (p == pattern_end_ || *p != '[') return fail("%f in a pattern needs a [set] after it");
  const char* after = after_item(p);
  if (!after) return nullptr;
  const unsigned char before = s == begin_ ? '\0' : static_cast<unsigned char>(s[-1]);
  const unsigned char here = s == end_ ? '\0' : static_cast<unsigned char>(*s);
  return !in_set(before, p, after - 1) && in_set(here, p, after - 1) ? s : nullptr;
}

const char* PatternMatch::again(const char* s, char digit) {
  const int index = digit - '1';
  if (index < 0 || index >= level_ || captures_[static_cast<std::size_t>(index)].size < 0)
    return fail("the pattern refers to a capture that is not there");
  const Capture& capture = captures_[static_cast<std::size_t>(index)];
  steps_ += static_cast<std::uint64_t>(capture.size);
  if (end_ - s < capture.size || std::memcmp(s, capture.at, static_cast<std::size_t>(capture.size)) != 0)
    return nullptr;
  return s + capture.size;
}

const char* PatternMatch::after_item(const char* p) {
  if (*p == '%') {
    if (p + 1 == pattern_end_) return fail("the pattern ends with a single %");
    return p + 2;
  }
  if (*p != '[') return p + 1;
  ++p;
  if (p != pattern_end_ && *p == '^') ++p;
  bool first = true; // a ] right at the beginning stands for itself
  for (; p != pattern_end_; ++p, first = false) {
    if (*p == ']' && !first) return p + 1;
    if (*p == '%' && ++p == pattern_end_) break;
  }
  return fail("the pattern has a [ without its ]");
}

bool PatternMatch::one(const char* s, const char* p, const char* after) {
  ++steps_;
  if (s == end_) return false;
  const auto c = static_cast<unsigned char>(*s);
  if (*p == '.') return true;
  if (*p == '%') return in_class(c, static_cast<unsigned char>(p[1]));
  if (*p == '[') return in_set(c, p, after - 1);
  return static_cast<unsigned char>(*p) == c;
}

bool PatternMatch::in_set(unsigned char c, const char* p, const char* closing) const {
  ++p;
  bool inside = true;
  if (p != closing && *p == '^') {
    inside = false;
    ++p;
  }
  for (; p < closing; ++p) {
    if (*p == '%') {
      ++p;
      if (in_class(c, static_cast<unsigned char>(*p))) return inside;
    } else if (p + 2 < closing && p[1] == '-') {
      if (static_cast<unsigned char>(p[0]) <= c && c <= static_cast<unsigned char>(p[2])) return inside;
      p += 2;
    } else if (static_cast<unsigned char>(*p) == c) {
      return inside;
    }
  }
  return !inside;
}

} // namespace viadux
