#include "core/log/redaction.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace viadux {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c);
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_token_char(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == '+' ||
         c == '/' || c == '=';
}
char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

constexpr std::array secret_words{
    std::string_view("pin"),        std::string_view("password"),   std::string_view("passwd"),
    std::string_view("passphrase"), std::string_view("pwd"),        std::string_view("secret"),
    std::string_view("token"),      std::string_view("bearer"),     std::string_view("authorization"),
    std::string_view("cookie"),     std::string_view("credential"), std::string_view("credentials"),
    std::string_view("cpr"),        std::string_view("phone"),      std::string_view("telephone"),
    std::string_view("mobile"),     std::string_view("msisdn"),     std::string_view("email"),
    std::string_view("caller"),     std::string_view("callee"),     std::string_view("query"),
    std::string_view("apikey"),
};
// Names whose last word alone says nothing.
constexpr std::array secret_endings{
    std::string_view("api_key"),      std::string_view("private_key"),   std::string_view("access_key"),
    std::string_view("phone_number"), std::string_view("mobile_number"), std::string_view("caller_number"),
    std::string_view("display_name"), std::string_view("patient_name"),  std::string_view("person_name"),
};

// "hostPin" and "Host-PIN" become "host_pin"; names are short, longer ones are cut.
std::string snake_case(std::string_view name) {
  std::string out;
  name = name.substr(name.size() > 64 ? name.size() - 64 : 0);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (is_upper(c) && i > 0 && is_letter(name[i - 1]) && !is_upper(name[i - 1])) out += '_';
    out += (c == '-' || c == '.' || c == ' ') ? '_' : lower(c);
  }
  return out;
}

// One pass over a text. Each matcher looks at `at_`; on a match it appends the masked form and moves on.
class Scrubber {
 public:
  explicit Scrubber(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_space(c)) word_has_slash_ = false;
      if (c == '/') word_has_slash_ = true;
      if (uuid() || query() || number() || word()) continue;
      copy(1);
    }
    return std::move(out_);
  }

 private:
  char peek(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }
  char before() const { return at_ == 0 ? '\0' : text_[at_ - 1]; }
  void copy(std::size_t count) {
    out_.append(text_.substr(at_, count));
    at_ += count;
  }
  void mask(std::size_t count) {
    out_ += redacted_text;
    at_ += count;
  }

  // 8-4-4-4-12: its groups may be all digits, and identifiers should stay readable.
  bool uuid() {
    constexpr std::size_t length = 36;
    if (!is_hex(text_[at_]) || is_hex(before()) || text_.size() - at_ < length) return false;
    for (std::size_t i = 0; i < length; ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text_[at_ + i] != '-' : !is_hex(text_[at_ + i])) return false;
    }
    copy(length);
    return true;
  }

  bool query() {
    if (text_[at_] != '?' || at_ < no_query_before_ || at_ == 0 || is_space(before()) || is_quote(before()))
      return false;
    std::size_t end = at_ + 1;
    bool assigns = false;
    while (end < text_.size() && !is_space(text_[end]) && !is_quote(text_[end]) && text_[end] != '>') {
      assigns |= text_[end++] == '=';
    }
    if (end == at_ + 1 || !(assigns || word_has_slash_)) {
      no_query_before_ = end; // the same stretch is not searched twice
      return false;
    }
    copy(1);
    mask(end - at_);
    return true;
  }

  bool number();
  bool word();
  std::size_t value_length(std::size_t from, bool whole_line) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t no_query_before_ = 0;
  bool word_has_slash_ = false;
  std::string out_;
};

// Digits in groups, as people write numbers: at most 18 digits, one separator between groups.
struct Groups {
  std::array<char, 18> digits{};
  std::array<std::size_t, 18> ends{};  // of each group: how many digits there are up to here
  std::array<std::size_t, 18> stops{}; // of each group: where in the text it ends
  std::size_t digit_count = 0;
  std::size_t group_count = 0;
  bool too_long = false;
};

Groups read_groups(std::string_view text, std::size_t at) {
  Groups groups;
  while (true) {
    while (at < text.size() && is_digit(text[at])) {
      if (groups.digit_count == groups.digits.size()) return groups.too_long = true, groups;
      groups.digits[groups.digit_count++] = text[at++];
    }
    groups.ends[groups.group_count] = groups.digit_count;
    groups.stops[groups.group_count++] = at;
    const bool separated =
        at + 1 < text.size() && (text[at] == ' ' || text[at] == '-') && is_digit(text[at + 1]);
    if (!separated || groups.group_count == groups.ends.size()) return groups;
    ++at;
  }
}

// DDMMYY; days 61-91 are replacement numbers (erstatnings-CPR).
bool is_possible_cpr_date(const Groups& groups) {
  const int day = (groups.digits[0] - '0') * 10 + (groups.digits[1] - '0');
  const int month = (groups.digits[2] - '0') * 10 + (groups.digits[3] - '0');
  return ((day >= 1 && day <= 31) || (day >= 61 && day <= 91)) && month >= 1 && month <= 12;
}

// How many of the groups, from the first, make a number of a person; 0 when none do.
std::size_t personal_groups(const Groups& groups, bool plus) {
  const auto& ends = groups.ends;
  const auto starts_with = [&](std::string_view prefix) {
    return std::string_view(groups.digits.data(), groups.digit_count).starts_with(prefix);
  };
  if (plus || starts_with("00")) {
    const std::size_t prefix = plus ? 0 : 2;
    std::size_t fits = 0;
    for (std::size_t group = 0; group < groups.group_count; ++group) {
      if (ends[group] >= prefix + 8 && ends[group] <= prefix + 15) fits = group + 1;
    }
    return groups.digits[prefix] == '0' ? 0 : fits;
  }
  if (ends[0] == 10 && is_possible_cpr_date(groups)) return 1;
  if (groups.group_count > 1 && ends[0] == 6 && ends[1] == 10 && is_possible_cpr_date(groups)) return 2;
  const std::size_t country = starts_with("45") && (ends[0] == 10 || ends[0] == 2) ? 2 : 0;
  for (const std::size_t skip : {country, std::size_t{0}}) {
    if (groups.digit_count < skip + 8 || groups.digits[skip] < '2') continue;
    // Eight digits, in one piece, in fours or in pairs.
    const std::size_t first = skip != 0 && ends[0] == 2 ? 1 : 0;
    for (const std::size_t step : {std::size_t{8}, std::size_t{4}, std::size_t{2}}) {
      const std::size_t count = 8 / step;
      bool fits = first + count <= groups.group_count;
      for (std::size_t i = 0; fits && i < count; ++i)
        fits = ends[first + i] == skip + step * (i + 1);
      if (fits) return first + count;
    }
  }
  return 0;
}

bool Scrubber::number() {
  const bool plus = text_[at_] == '+' && is_digit(peek(at_ + 1));
  if (!plus && !is_digit(text_[at_])) return false;
  const std::size_t first = at_ + (plus ? 1 : 0);
  std::size_t run_end = first;
  while (run_end < text_.size() && is_digit(text_[run_end]))
    ++run_end;

  const bool after_decimal_point = before() == '.' && at_ >= 2 && is_digit(text_[at_ - 2]);
  if (!is_letter(before()) && !after_decimal_point) {
    const Groups groups = read_groups(text_, first);
    const std::size_t count = groups.too_long && groups.group_count == 0 ? 0 : personal_groups(groups, plus);
    const std::size_t stop = count == 0 ? 0 : groups.stops[count - 1];
    const bool more =
        is_letter(peek(stop)) || is_digit(peek(stop)) || (peek(stop) == '.' && is_digit(peek(stop + 1)));
    if (count != 0 && !more) {
      mask(stop - at_);
      return true;
    }
  }
  copy(run_end - at_);
  return true;
}

std::size_t Scrubber::value_length(std::size_t from, bool whole_line) const {
  std::size_t end = from;
  const char quote = is_quote(peek(from - 1)) ? text_[from - 1] : '\0';
  while (end < text_.size()) {
    const char c = text_[end];
    if (quote != '\0' ? c == quote : c == '\n') break;
    if (quote == '\0' && !whole_line &&
        (is_space(c) || is_quote(c) || std::string_view("&,;)}]>").find(c) != std::string_view::npos))
      break;
    end += quote != '\0' && c == '\\' && end + 1 < text_.size() ? 2 : 1;
  }
  return end - from;
}

bool Scrubber::word() {
  if (!is_letter(text_[at_])) return false;
  std::size_t end = at_;
  while (end < text_.size() && (is_letter(text_[end]) || text_[end] == '_'))
    ++end;
  const std::string_view name = text_.substr(at_, end - at_);

  // Tokens that show by themselves what they are.
  const bool starts_word = !is_letter(before()) && !is_digit(before());
  if (starts_word && (name.starts_with("vdx_") || name.starts_with("eyJ"))) {
    std::size_t stop = at_;
    while (stop < text_.size() && is_token_char(text_[stop]))
      ++stop;
    if (stop - at_ >= 16) return mask(stop - at_), true;
  }
  // RFC 6750 section 2.1 and RFC 7617 section 2: scheme, space, credentials.
  if (starts_word && (equal_ignoring_case(name, "bearer") || equal_ignoring_case(name, "basic")) &&
      peek(end) == ' ') {
    std::size_t stop = end + 1;
    bool unlike_prose = lower(name[1]) == 'e';
    for (; stop < text_.size() && is_token_char(text_[stop]); ++stop) {
      unlike_prose |=
          is_digit(text_[stop]) || text_[stop] == '=' || (is_upper(text_[stop]) && stop > end + 1);
    }
    if (unlike_prose && stop - end > 6) {
      copy(end + 1 - at_);
      return mask(stop - at_), true;
    }
  }
  // name = value, name: value, "name": "value".
  std::size_t value = end;
  if (is_quote(peek(value))) ++value;
  while (peek(value) == ' ' && value < end + 3)
    ++value;
  if ((peek(value) == '=' || peek(value) == ':') && is_redacted_name(name)) {
    ++value;
    while (peek(value) == ' ')
      ++value;
    if (is_quote(peek(value))) ++value;
    const bool header = equal_ignoring_case(name, "authorization") || equal_ignoring_case(name, "cookie");
    const std::size_t length = value_length(value, header);
    copy(value - at_);
    if (length > 0) mask(length);
    return true;
  }
  copy(end - at_);
  return true;
}

} // namespace

bool is_redacted_name(std::string_view name) {
  const std::string snake = snake_case(name);
  const std::string_view whole = snake;
  const std::string_view last =
      whole.substr(whole.rfind('_') == std::string_view::npos ? 0 : whole.rfind('_') + 1);
  return std::ranges::find(secret_words, last) != secret_words.end() ||
         std::ranges::any_of(secret_endings,
                             [&](std::string_view ending) { return whole.ends_with(ending); });
}

std::string scrub(std::string_view text) {
  return Scrubber(text).run();
}

} // namespace viadux
