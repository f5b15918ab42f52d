// viadux/detail/json_parser.hpp - the parser behind Json::parse. Include <viadux/json.hpp>.
#pragma once

#include <algorithm>
#include <viadux/json.hpp>

namespace viadux::detail {

// Bytes of the well-formed UTF-8 sequence at the start of `text`, 0 when there is none (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF).
inline std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return text.empty() ? 0 : 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  return size;
}

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

inline void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0U | (point >> 6U));
    put(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    put(0xe0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3fU));
    put(0x80U | (point & 0x3fU));
  } else {
    put(0xf0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3fU));
    put(0x80U | ((point >> 6U) & 0x3fU));
    put(0x80U | (point & 0x3fU));
  }
}

// Recursive descent; every function returns false with `problem` set.
class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  Result<Json> run() {
    Json value;
    if (text_.size() > Json::max_bytes) {
      fail("is longer than 256 KiB");
    } else if (parse_value(value, 0)) {
      skip_space();
      if (at_ == text_.size()) return value;
      fail("goes on after its end");
    }
    return make_error(ErrorCode::bad_argument, "json_invalid",
                      "the JSON text " + std::string(problem_) + " (at byte " + std::to_string(at_) + ")");
  }

 private:
  bool fail(const char* problem) {
    problem_ = problem;
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("has a value that is none of JSON's");
    at_ += word.size();
    return true;
  }

  bool parse_value(Json& out, int depth) {
    if (depth > Json::max_depth) return fail("is nested more than 32 deep");
    skip_space();
    switch (peek()) {
    case '{':
      return parse_object(out, depth);
    case '[':
      return parse_array(out, depth);
    case '"': {
      std::string text;
      if (!parse_text(text)) return false;
      out = Json(std::move(text));
      return true;
    }
    case 't':
      out = Json(true);
      return take_word("true");
    case 'f':
      out = Json(false);
      return take_word("false");
    case 'n':
      out = Json();
      return take_word("null");
    default:
      return parse_number(out);
    }
  }

  bool parse_object(Json& out, int depth) {
    Json::Object members;
    ++at_;
    skip_space();
    if (!take('}')) {
      do {
        skip_space();
        std::string name;
        if (peek() != '"') return fail("lacks a member's name in double quotes");
        if (!parse_text(name)) return false;
        skip_space();
        if (!take(':')) return fail("lacks a ':' after a member's name");
        Json value;
        if (!parse_value(value, depth + 1)) return false;
        members.emplace_back(std::move(name), std::move(value));
        skip_space();
      } while (take(','));
      if (!take('}')) return fail("lacks a ',' or '}' in an object");
    }
    if (has_twins(members)) return fail("has two members of one name in an object");
    out = Json(std::move(members));
    return true;
  }

  // Sorting views keeps a hostile object of many members from costing their square.
  static bool has_twins(const Json::Object& members) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& member : members)
      names.emplace_back(member.first);
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
  }

  bool parse_array(Json& out, int depth) {
    Json::Array items;
    ++at_;
    skip_space();
    if (!take(']')) {
      do {
        Json value;
        if (!parse_value(value, depth + 1)) return false;
        items.push_back(std::move(value));
        skip_space();
      } while (take(','));
      if (!take(']')) return fail("lacks a ',' or ']' in an array");
    }
    out = Json(std::move(items));
    return true;
  }

  bool parse_text(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!parse_escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("has a control character in a string");
      const std::size_t size = utf8_sequence(text_.substr(at_));
      if (size == 0) return fail("is not UTF-8");
      out += text_.substr(at_, size);
      at_ += size;
    }
    return fail("ends inside a string");
  }

  bool parse_escape(std::string& out) {
    ++at_;
    const char c = peek();
    ++at_;
    switch (c) {
    case '"':
    case '\\':
    case '/':
      out += c;
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'u':
      return parse_code_point(out);
    default:
      return fail("has an escape that is none of JSON's");
    }
  }

  bool parse_code_point(std::string& out) {
    std::uint32_t point = 0;
    if (!parse_hex4(point)) return false;
    if (point >= 0xd800 && point < 0xdc00) { // a high surrogate: its low one must follow
      std::uint32_t low = 0;
      if (!take('\\') || !take('u')) return fail("has half a surrogate pair");
      if (!parse_hex4(low)) return false;
      if (low < 0xdc00 || low > 0xdfff) return fail("has half a surrogate pair");
      point = 0x10000 + ((point - 0xd800) << 10U) + (low - 0xdc00);
    } else if (point >= 0xdc00 && point <= 0xdfff) {
      return fail("has half a surrogate pair");
    }
    append_utf8(out, point);
    return true;
  }

  bool parse_hex4(std::uint32_t& out) {
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
    if (digits.size() != 4 || status != std::errc() || end != digits.data() + 4) {
      return fail("has a \\u without four hex digits");
    }
    at_ += 4;
    return true;
  }

  std::size_t skip_digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9')
      ++at_;
    return at_ - from;
  }

  bool parse_number(Json& out) {
    const std::size_t from = at_;
    take('-');
    const bool leading_zero = peek() == '0';
    const std::size_t digits = skip_digits();
    if (digits == 0 || (leading_zero && digits > 1)) return fail("has a value that is none of JSON's");
    bool real = false;
    if (take('.')) {
      real = true;
      if (skip_digits() == 0) return fail("has a number without digits after its point");
    }
    if (peek() == 'e' || peek() == 'E') {
      real = true;
      ++at_;
      if (!take('+')) take('-');
      if (skip_digits() == 0) return fail("has a number without digits in its exponent");
    }
    return real ? convert<double>(out, from) : convert<std::int64_t>(out, from);
  }

  template <class Number>
  bool convert(Json& out, std::size_t from) {
    Number number{};
    const auto status = std::from_chars(text_.data() + from, text_.data() + at_, number).ec;
    if (status != std::errc()) return fail("has a number out of range (integers are 64 bits)");
    out = Json(number);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  const char* problem_ = "";
};

} // namespace viadux::detail

namespace viadux {

inline Result<Json> Json::parse(std::string_view text) {
  return detail::JsonParser(text).run();
}

} // namespace viadux
