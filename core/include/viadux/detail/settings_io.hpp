// viadux/detail/settings_io.hpp - declared settings to key tables, and configuration documents to settings.
#pragma once

#include <viadux/declare.hpp>

namespace viadux::detail {

template <class T>
constexpr viadux_key_type key_type() {
  if constexpr (std::is_same_v<T, bool>)
    return VIADUX_KEY_BOOL;
  else if constexpr (std::is_integral_v<T>)
    return VIADUX_KEY_INTEGER;
  else if constexpr (std::is_floating_point_v<T>)
    return VIADUX_KEY_NUMBER;
  else if constexpr (std::is_same_v<T, std::string>)
    return VIADUX_KEY_TEXT;
  else if constexpr (std::is_enum_v<T>)
    return VIADUX_KEY_CHOICE;
  else if constexpr (std::is_same_v<T, Duration>)
    return VIADUX_KEY_DURATION;
  else if constexpr (std::is_same_v<T, Secret>)
    return VIADUX_KEY_SECRET;
  else {
    static_assert(std::is_same_v<T, std::vector<std::string>>, "no type for a configuration key");
    return VIADUX_KEY_TEXT_LIST;
  }
}

template <class T>
Json setting_to_json(const T& value) {
  if constexpr (std::is_same_v<T, Duration>)
    return Json(value.us);
  else if constexpr (std::is_same_v<T, Secret>)
    return Json(value.value);
  else
    return to_json(value);
}

template <class T>
Result<void> read_setting(const Json& json, T& out, const std::string& name) {
  if constexpr (std::is_same_v<T, Duration>)
    return from_json(json, out.us, name);
  else if constexpr (std::is_same_v<T, Secret>)
    return from_json(json, out.value, name);
  else
    return from_json(json, out, name);
}

template <class Settings>
Result<void> read_settings(std::string_view document, Settings& out) {
  const auto json = Json::parse(document);
  if (!json) return json.error();
  Result<void> result;
  const auto read_one = [&](const auto& key) {
    const Json* value = json.value().find(key.name);
    if (value && !value->is_null()) result = read_setting(*value, out.*key.member, std::string(key.name));
    return result.has_value();
  };
  std::apply([&read_one](const auto&... key) { (void)(read_one(key) && ...); }, Settings::fields());
  return result;
}

template <class T>
std::string choices_of() {
  std::string choices;
  if constexpr (std::is_enum_v<T>) {
    for (const auto name : EnumNames<T>::names) {
      if (!choices.empty()) choices += '|';
      choices += name;
    }
  }
  return choices;
}

} // namespace viadux::detail
