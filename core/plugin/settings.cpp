#include "core/plugin/settings.hpp"

#include <cmath>
#include <viadux/json.hpp>

namespace viadux {
namespace {

constexpr double us_per_ms = 1000.0;

ConfigType config_type(viadux_key_type type) {
  switch (type) {
  case VIADUX_KEY_BOOL:
    return ConfigType::boolean;
  case VIADUX_KEY_INTEGER:
    return ConfigType::integer;
  case VIADUX_KEY_NUMBER:
    return ConfigType::number;
  case VIADUX_KEY_CHOICE:
    return ConfigType::enumeration;
  case VIADUX_KEY_TEXT_LIST:
    return ConfigType::string_list;
  case VIADUX_KEY_DURATION:
    return ConfigType::duration;
  case VIADUX_KEY_SECRET:
    return ConfigType::secret;
  default:
    return ConfigType::string;
  }
}

ReloadClass reload_class(viadux_reload_class reload) {
  if (reload == VIADUX_RELOAD_LIVE) return ReloadClass::live;
  return reload == VIADUX_RELOAD_NEW_ROOMS ? ReloadClass::new_rooms : ReloadClass::restart;
}

// A default as the configuration writes it; none when the JSON is of another type.
std::optional<std::string> default_text(const DeclaredKey& key, const Json& json) {
  switch (key.type) {
  case VIADUX_KEY_BOOL:
  case VIADUX_KEY_NUMBER:
    if ((key.type == VIADUX_KEY_BOOL) ? !json.boolean() : !json.is_number()) return std::nullopt;
    return json.dump();
  case VIADUX_KEY_INTEGER:
    if (!json.integer()) return std::nullopt;
    return json.dump();
  case VIADUX_KEY_DURATION: // the configuration's smallest unit is the millisecond
    if (!json.integer() || *json.integer() % 1000 != 0) return std::nullopt;
    return *json.integer() == 0 ? "0" : std::to_string(*json.integer() / 1000) + "ms";
  case VIADUX_KEY_TEXT_LIST: {
    if (!json.array()) return std::nullopt;
    std::string list;
    for (const Json& item : *json.array()) {
      if (!item.text()) return std::nullopt;
      list += (list.empty() ? "" : ", ") + *item.text();
    }
    return list;
  }
  default:
    if (!json.text()) return std::nullopt;
    return *json.text();
  }
}

Json value_to_json(const DeclaredKey& key, const Configuration& configuration, const std::string& name) {
  switch (key.type) {
  case VIADUX_KEY_BOOL:
    return Json(configuration.get_bool(name));
  case VIADUX_KEY_INTEGER:
    return Json(configuration.get_int(name));
  case VIADUX_KEY_NUMBER:
    return Json(configuration.get_number(name));
  case VIADUX_KEY_DURATION:
    return Json(configuration.get_int(name) * 1000);
  case VIADUX_KEY_SECRET:
    return Json(configuration.get_secret(name).reveal());
  case VIADUX_KEY_TEXT_LIST: {
    Json::Array items;
    for (const std::string& item : configuration.get_list(name))
      items.emplace_back(item);
    return Json(std::move(items));
  }
  default:
    return Json(configuration.get_string(name));
  }
}

} // namespace

Result<ConfigSection> config_section(const Declaration& declaration) {
  ConfigSection section;
  section.name = declaration.id;
  section.help = declaration.help.empty() ? "The plugin " + declaration.id + "." : declaration.help;
  for (const DeclaredKey& key : declaration.keys) {
    const auto json = Json::parse(key.default_value);
    const auto text = json ? default_text(key, json.value()) : std::nullopt;
    if (!text) {
      const std::string name = declaration.id + "." + key.name;
      return make_error(ErrorCode::bad_argument, "declaration_malformed",
                        "its key " + name + " has a default that is not of its own type", name);
    }
    ConfigKey out;
    out.name = key.name;
    out.type = config_type(key.type);
    out.default_value = *text;
    if (key.minimum != 0 || key.maximum != 0) { // durations: microseconds to the configuration's milliseconds
      const double scale = key.type == VIADUX_KEY_DURATION ? us_per_ms : 1.0;
      out.min = key.minimum / scale;
      out.max = key.maximum / scale;
    }
    out.choices = key.choices;
    out.reload = reload_class(key.reload);
    out.help = key.help;
    section.keys.push_back(std::move(out));
  }
  return section;
}

std::string settings_document(const Declaration& declaration, const Configuration& configuration) {
  Json document{Json::Object{}};
  for (const DeclaredKey& key : declaration.keys) {
    document.set(key.name, value_to_json(key, configuration, declaration.id + "." + key.name));
  }
  return document.dump();
}

} // namespace viadux
