#include "core/policy/lua_tokens.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace viadux {
namespace {

constexpr std::array<std::string_view, 22> keywords{
    "and", "break", "do",  "else", "elseif", "end",    "false",  "for",  "function", "goto",  "if",
    "in",  "local", "nil", "not",  "or",     "repeat", "return", "then", "true",     "until", "while"};
constexpr std::array<std::string_view, 10> long_signs{
    "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::vector<LuaToken> read() {
    std::vector<LuaToken> all;
    while (skip_blanks() && at_ < text_.size()) {
      LuaToken token;
      token.line = line_;
      token.column = static_cast<int>(at_ - line_start_) + 1;
      const std::size_t from = at_;
      if (!read_one(token)) break;
      token.written = text_.substr(from, at_ - from);
      if (token.kind == LuaToken::Kind::name && std::ranges::find(keywords, token.written) != keywords.end())
        token.kind = LuaToken::Kind::keyword;
      all.push_back(std::move(token));
    }
    LuaToken end;
    end.line = line_;
    end.column = static_cast<int>(at_ - line_start_) + 1;
    all.push_back(end);
    return all;
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void step() {
    if (text_[at_++] != '\n') return;
    ++line_;
    line_start_ = at_;
  }
  // [[ or [==[ at `at_`: how many =, or -1.
  int long_bracket() const {
    if (peek() != '[') return -1;
    std::size_t level = 1;
    while (peek(level) == '=')
      ++level;
    return peek(level) == '[' ? static_cast<int>(level) - 1 : -1;
  }
  bool skip_long(int level) {
    const std::string close = "]" + std::string(static_cast<std::size_t>(level), '=') + "]";
    const std::size_t end = text_.find(close, at_);
    if (end == std::string_view::npos) return false;
    while (at_ < end + close.size())
      step();
    return true;
  }
  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
        step();
      } else if (peek() == '-' && peek(1) == '-') {
        at_ += 2;
        if (const int level = long_bracket(); level >= 0) {
          if (!skip_long(level)) return false;
        } else {
          while (at_ < text_.size() && peek() != '\n')
            ++at_;
        }
      } else {
        return true;
      }
    }
    return true;
  }
  bool read_one(LuaToken& token) {
    const char c = peek();
    if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_') {
      token.kind = LuaToken::Kind::name;
      while (is_word(peek()))
        ++at_;
      return true;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0 ||
        (c == '.' && std::isdigit(static_cast<unsigned char>(peek(1))) != 0)) {
      token.kind = LuaToken::Kind::number;
      while (is_word(peek()) || peek() == '.' || ((peek() == '+' || peek() == '-') && at_ > 0 && exponent()))
        ++at_;
      return true;
    }
    if (c == '"' || c == '\'') return read_text(token, c);
    if (const int level = long_bracket(); level >= 0) {
      token.kind = LuaToken::Kind::text;
      const std::size_t from = at_ + static_cast<std::size_t>(level) + 2;
      if (!skip_long(level)) return false;
      token.value = text_.substr(from, at_ - from - static_cast<std::size_t>(level) - 2);
      return true;
    }
    token.kind = LuaToken::Kind::sign;
    for (const std::string_view sign : long_signs)
      if (text_.substr(at_).starts_with(sign)) return at_ += sign.size(), true;
    if (std::string_view("+-*/%^#&~|<>=(){}[];:,.").find(c) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  bool exponent() const {
    const char before = text_[at_ - 1];
    return before == 'e' || before == 'E' || before == 'p' || before == 'P';
  }
  bool read_text(LuaToken& token, char quote) {
    token.kind = LuaToken::Kind::text;
    ++at_;
    while (at_ < text_.size() && peek() != quote) {
      if (peek() == '\n') return false;
      if (peek() == '\\' && at_ + 1 < text_.size()) step(); // the escaped one, whatever it is
      token.value += peek();
      step();
    }
    if (at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

} // namespace

std::vector<LuaToken> read_lua_tokens(std::string_view text) {
  return Tokens(text).read();
}

} // namespace viadux
