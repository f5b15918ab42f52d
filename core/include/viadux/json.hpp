// viadux/json.hpp - the small JSON that crosses the plugin border: strict, bounded, exact integers. [any]
//
// RFC 8259 without its loose ends: UTF-8 is checked, a name occurs once per object, integers are exact int64
// (larger ones are refused), nesting is at most 32 and a text at most 256 KiB. Objects keep the order of
// their members. Most code never sees this type: it reads and writes documents (<viadux/document.hpp>).
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

class Json {
 public:
  static constexpr std::size_t max_bytes = 256 * 1024;
  static constexpr int max_depth = 32;

  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default; // null
  Json(bool value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(std::int64_t value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  // bad_argument: the message says what is wrong at which byte.
  static Result<Json> parse(std::string_view text);

  bool is_null() const { return value_.index() == 0; }
  // Null where the value is of another type. An integer is also given as a number by number().
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  Array* array() { return std::get_if<Array>(&value_); }
  Object* object() { return std::get_if<Object>(&value_); }
  bool is_number() const { return integer() || std::get_if<double>(&value_); }
  double number() const;

  // The member of that name, or null: no object, or no such member.
  const Json* find(std::string_view name) const;
  // Makes this an object where it is none; replaces the member of that name.
  void set(std::string_view name, Json value);

  // Compact UTF-8. A number that JSON cannot write (NaN, infinity) becomes null.
  std::string dump() const;
  void dump_to(std::string& out) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

inline double Json::number() const {
  if (const auto* whole = integer()) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&value_);
  return real ? *real : 0.0;
}

inline const Json* Json::find(std::string_view name) const {
  if (const auto* members = object()) {
    for (const auto& [key, value] : *members) {
      if (key == name) return &value;
    }
  }
  return nullptr;
}

inline void Json::set(std::string_view name, Json value) {
  if (!object()) value_ = Object{};
  for (auto& [key, old] : *object()) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  object()->emplace_back(std::string(name), std::move(value));
}

namespace detail {

inline void dump_json_text(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += hex[byte >> 4U];
      out += hex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

inline void dump_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const std::string_view shortest(digits, static_cast<std::size_t>(end - digits));
  out += shortest;
  // "1" would come back as an integer.
  if (shortest.find_first_of(".e") == std::string_view::npos) out += ".0";
}

} // namespace detail

inline void Json::dump_to(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (const auto* flag = boolean()) {
    out += *flag ? "true" : "false";
  } else if (const auto* whole = integer()) {
    out += std::to_string(*whole);
  } else if (const auto* words = text()) {
    detail::dump_json_text(out, *words);
  } else if (const auto* items = array()) {
    out += '[';
    for (const auto& item : *items) {
      if (&item != items->data()) out += ',';
      item.dump_to(out);
    }
    out += ']';
  } else if (const auto* members = object()) {
    out += '{';
    for (const auto& member : *members) {
      if (&member != members->data()) out += ',';
      detail::dump_json_text(out, member.first);
      out += ':';
      member.second.dump_to(out);
    }
    out += '}';
  } else {
    detail::dump_json_number(out, number());
  }
}

inline std::string Json::dump() const {
  std::string out;
  dump_to(out);
  return out;
}

} // namespace viadux

#include <viadux/detail/json_parser.hpp>
