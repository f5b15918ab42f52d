#include "core/config/configuration.hpp"

#include "core/config/value.hpp"

#include <cassert>

namespace viadux {

const ConfigTable::Entry& ConfigTable::entry(std::string_view key) const {
  const auto found = entries_.find(key);
  assert(found != entries_.end() && "this key is not declared in any ConfigSection");
  return found->second;
}

const ConfigValue& ConfigTable::value(std::string_view key) const {
  return entry(key).value;
}
bool ConfigTable::get_bool(std::string_view key) const {
  return std::get<bool>(value(key));
}
std::int64_t ConfigTable::get_int(std::string_view key) const {
  return std::get<std::int64_t>(value(key));
}
double ConfigTable::get_number(std::string_view key) const {
  return std::get<double>(value(key));
}
const std::string& ConfigTable::get_string(std::string_view key) const {
  return std::get<std::string>(value(key));
}
const Secret& ConfigTable::get_secret(std::string_view key) const {
  return std::get<Secret>(value(key));
}
const std::vector<std::string>& ConfigTable::get_list(std::string_view key) const {
  return std::get<std::vector<std::string>>(value(key));
}
ConfigPorts ConfigTable::get_ports(std::string_view key) const {
  return parse_port_range(get_string(key)).value_or(ConfigPorts{});
}

bool ConfigTable::is_set(std::string_view key) const {
  return !entry(key).position.empty();
}
std::string ConfigTable::position(std::string_view key) const {
  return entry(key).position;
}

std::vector<std::string> ConfigTable::keys() const {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const auto& [name, entry] : entries_)
    names.push_back(name);
  return names;
}

const std::vector<ConfigTable>& Configuration::repeated(std::string_view section) const {
  const auto found = repeated_.find(section);
  assert(found != repeated_.end() && "this section is not declared as repeated");
  return found->second;
}

std::string to_string(const ConfigMistake& mistake) {
  std::string out = mistake.file;
  if (mistake.line > 0) out += ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column);
  if (!out.empty()) out += ": ";
  if (!mistake.key.empty()) out += mistake.key + ": ";
  out += mistake.message;
  if (!mistake.hint.empty()) out += " (" + mistake.hint + ")";
  return out;
}

} // namespace viadux
