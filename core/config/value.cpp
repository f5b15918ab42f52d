#include "core/config/value.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>

namespace viadux {
namespace {

constexpr std::size_t max_secret = 64 * 1024;
constexpr double max_whole = 9'007'199'254'740'992.0; // 2^53: whole numbers are exact up to here

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array durations{Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"m", 60e3}, Unit{"h", 3600e3},
                               Unit{"d", 86400e3}};
constexpr std::array sizes{Unit{"", 1}, Unit{"k", 1024}, Unit{"M", 1048576}, Unit{"G", 1073741824}};
constexpr std::array bitrates{Unit{"", 1}, Unit{"k", 1e3}, Unit{"M", 1e6}, Unit{"G", 1e9}};

std::span<const Unit> units_of(ConfigType type) {
  if (type == ConfigType::duration) return durations;
  return type == ConfigType::size ? std::span<const Unit>(sizes) : std::span<const Unit>(bitrates);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

template <class T>
std::optional<T> read_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "2.5M" by the type's units.
std::optional<std::int64_t> read_with_unit(ConfigType type, std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  std::string unit(trim(std::string_view(end, text.data() + text.size())));
  if (type != ConfigType::duration && unit == "K") unit = "k";
  if (type == ConfigType::duration && unit.empty())
    return number == 0 ? std::optional<std::int64_t>(0) : std::nullopt;
  for (const Unit& known : units_of(type)) {
    if (known.name != unit) continue;
    const double value = std::round(number * known.factor);
    return std::abs(value) <= max_whole ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
  }
  return std::nullopt;
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

Error expected(const ConfigKey& key, std::string_view text) {
  std::string shown(text.substr(0, 60));
  std::string message = "must be " + std::string(expected_form(key.type)) + ", not \"" + shown + "\"";
  std::string hint;
  if (key.type == ConfigType::duration && read_whole<double>(text))
    hint = "write the unit: \"" + shown + "s\"?";
  return make_error(ErrorCode::bad_argument, "value_malformed", std::move(message), key.name,
                    std::move(hint));
}

Result<ConfigValue> read_secret(const ConfigKey& key, std::string_view text) {
  const auto wrong = [&](std::string message, std::string hint = {}) {
    return make_error(ErrorCode::bad_argument, "secret_malformed", std::move(message), key.name,
                      std::move(hint));
  };
  if (text.empty()) return ConfigValue(Secret());
  if (text.starts_with("env:")) {
    const std::string name(text.substr(4));
    const char* value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): nobody calls setenv
    if (value == nullptr) return wrong("names the environment variable " + name + ", which is not set");
    return ConfigValue(Secret(value));
  }
  if (text.starts_with("file:")) {
    const std::string path(text.substr(5));
    std::ifstream file(path, std::ios::binary);
    if (!file) return wrong("names the file " + path + ", which can't be read");
    std::string content(max_secret + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > max_secret) return wrong("names the file " + path + ", which is larger than 64 KiB");
    while (!content.empty() && (content.back() == '\n' || content.back() == '\r'))
      content.pop_back();
    return ConfigValue(Secret(std::move(content)));
  }
  return wrong("is a secret and must not stand in the configuration itself",
               "write \"file:/path/to/it\" or \"env:NAME_OF_A_VARIABLE\"");
}

Result<ConfigValue> read_pin(const ConfigKey& key, std::string_view text) {
  const bool elsewhere = text.starts_with("env:") || text.starts_with("file:");
  Result<ConfigValue> pin = elsewhere ? read_secret(key, text) : ConfigValue(Secret(std::string(text)));
  if (!pin) return pin;
  const std::string& digits = std::get<Secret>(*pin).reveal();
  const bool well_formed = digits.size() >= 4 && digits.size() <= 20 &&
                           std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (well_formed || text.empty()) return pin;
  return make_error(ErrorCode::bad_argument, "pin_malformed", "must be 4 to 20 digits in quotes", key.name,
                    "or \"env:NAME\" or \"file:/path\", where the digits stand");
}

ConfigValue read_list(std::string_view text) {
  std::vector<std::string> items;
  text = trim(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  while (!trim(text).empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = trim(text.substr(0, comma));
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"') item = item.substr(1, item.size() - 2);
    if (!item.empty()) items.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return items;
}

// The part that range and choices look at.
std::optional<double> magnitude(const ConfigValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value))
    return static_cast<double>(list->size());
  if (const auto* text = std::get_if<std::string>(&value)) return static_cast<double>(text->size());
  return std::nullopt;
}

} // namespace

std::string_view expected_form(ConfigType type) {
  switch (type) {
  case ConfigType::boolean:
    return "true or false";
  case ConfigType::integer:
    return "a whole number";
  case ConfigType::number:
    return "a number";
  case ConfigType::string:
    return "a text in quotes";
  case ConfigType::duration:
    return "a duration such as \"250ms\", \"5s\", \"10m\", \"1h\" or \"30d\"";
  case ConfigType::size:
    return "a size such as \"64k\", \"1M\" or a number of bytes";
  case ConfigType::bitrate:
    return "a bit rate such as \"250k\", \"2.5M\" or a number of bits per second";
  case ConfigType::enumeration:
    return "one of the choices";
  case ConfigType::address:
    return "an IP address";
  case ConfigType::port_range:
    return "a range of ports such as \"50000-59999\"";
  case ConfigType::string_list:
    return "a list of texts such as [\"a\", \"b\"]";
  case ConfigType::path:
    return "a path in quotes";
  case ConfigType::pin:
    return "4 to 20 digits in quotes";
  case ConfigType::secret:
    return "\"file:/path\" or \"env:NAME\"";
  }
  return "a value";
}

std::optional<ConfigPorts> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = read_whole<std::uint16_t>(trim(text.substr(0, dash)));
  const auto last = read_whole<std::uint16_t>(trim(text.substr(dash + 1)));
  if (!first || !last || *first == 0 || *first > *last) return std::nullopt;
  return ConfigPorts{*first, *last};
}

std::string write_config_number(ConfigType type, double value) {
  std::string_view unit;
  if (type == ConfigType::duration || type == ConfigType::size || type == ConfigType::bitrate) {
    if (value == 0) return "0";
    // The largest unit that needs at most one decimal.
    for (const Unit& known : units_of(type)) {
      const double tenths = value / known.factor * 10;
      if (tenths < 10 || std::abs(tenths - std::round(tenths)) > 1e-9) continue;
      if (known.factor > 1 && type == ConfigType::duration && std::fmod(value, known.factor) != 0) continue;
      unit = known.name;
    }
    for (const Unit& known : units_of(type)) {
      if (known.name == unit) value /= known.factor;
    }
  }
  std::array<char, 48> buffer{};
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return std::string(buffer.data(), result.ptr) + std::string(unit);
}

Result<void> check_config_value(const ConfigKey& key, const ConfigValue& value) {
  const auto wrong = [&](std::string message, std::string hint = {}) {
    return make_error(ErrorCode::bad_argument, "value_out_of_range", std::move(message), key.name,
                      std::move(hint));
  };
  if (key.type == ConfigType::enumeration) {
    const std::string& text = std::get<std::string>(value);
    if (std::ranges::find(key.choices, text) != key.choices.end()) return {};
    std::string all;
    for (const std::string& choice : key.choices)
      all += (all.empty() ? "\"" : ", \"") + choice + "\"";
    const auto near = nearest_name(text, key.choices);
    return wrong("must be one of " + all + ", not \"" + text.substr(0, 60) + "\"",
                 near ? "did you mean \"" + *near + "\"?" : "");
  }
  const std::optional<double> size = magnitude(value);
  if (!size || (!key.min && !key.max)) return {};
  if (*size >= key.min.value_or(*size) && *size <= key.max.value_or(*size)) return {};
  const bool counted =
      std::holds_alternative<std::string>(value) || std::holds_alternative<std::vector<std::string>>(value);
  const ConfigType unit = counted ? ConfigType::integer : key.type;
  const auto show = [&](double number) { return write_config_number(unit, number); };
  std::string range = key.min && key.max ? "from " + show(*key.min) + " to " + show(*key.max)
                      : key.min          ? "at least " + show(*key.min)
                                         : "at most " + show(*key.max);
  if (counted) range += std::holds_alternative<std::string>(value) ? " bytes long" : " items long";
  return wrong("must be " + range + ", not " + show(*size));
}

Result<ConfigValue> read_config_text(const ConfigKey& key, std::string_view text) {
  const auto checked = [&](ConfigValue value) -> Result<ConfigValue> {
    if (auto fits = check_config_value(key, value); !fits) return fits.error();
    return value;
  };
  switch (key.type) {
  case ConfigType::boolean:
    if (text == "true" || text == "false") return ConfigValue(text == "true");
    break;
  case ConfigType::integer:
    if (const auto whole = read_whole<std::int64_t>(text)) return checked(*whole);
    break;
  case ConfigType::number:
    if (const auto number = read_whole<double>(text); number && std::isfinite(*number))
      return checked(*number);
    break;
  case ConfigType::duration:
  case ConfigType::size:
  case ConfigType::bitrate:
    if (const auto value = read_with_unit(key.type, text)) return checked(*value);
    break;
  case ConfigType::address:
    if (text.empty() || is_address(std::string(text))) return ConfigValue(std::string(text));
    break;
  case ConfigType::port_range:
    if (parse_port_range(text)) return ConfigValue(std::string(text));
    break;
  case ConfigType::string_list:
    return checked(read_list(text));
  case ConfigType::secret:
    return read_secret(key, text);
  case ConfigType::pin:
    return read_pin(key, text);
  case ConfigType::string:
  case ConfigType::path:
    if (text.find('\0') == std::string_view::npos) return checked(std::string(text));
    break;
  case ConfigType::enumeration:
    return checked(std::string(text));
  }
  return expected(key, text);
}

} // namespace viadux
