#include "core/config/schema.hpp"

#include "core/config/value.hpp"

#include <algorithm>
#include <set>

namespace viadux {
namespace {

bool is_snake_case(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() < 'a' || name.front() > 'z') return false;
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

Error undeclarable(const std::string& section, const std::string& key, std::string message) {
  const std::string name = key.empty() ? "[" + section + "]" : section.empty() ? key : section + "." + key;
  return make_error(ErrorCode::bad_argument, "declaration_malformed",
                    "the declaration of " + name + " " + std::move(message), name);
}

// How many letters must be put in, taken out, changed or swapped with their neighbour (optimal string
// alignment).
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> two_up(right.size() + 1);
  std::vector<std::size_t> up(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j)
    up[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + change});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], two_up[j - 2] + 1);
      }
    }
    std::swap(two_up, up);
    std::swap(up, row);
  }
  return up[right.size()];
}

} // namespace

Result<void> ConfigSchema::declare(ConfigSection section) {
  // No plugin could be named so, but a test or a core table might.
  if (!section.name.empty() && !is_snake_case(section.name)) {
    return undeclarable(section.name, "", "has a name that is not snake_case");
  }
  if (this->section(section.name) != nullptr) return undeclarable(section.name, "", "comes twice");
  std::set<std::string_view> names;
  for (const ConfigKey& key : section.keys) {
    if (!is_snake_case(key.name))
      return undeclarable(section.name, key.name, "has a name that is not snake_case");
    if (!names.insert(key.name).second) return undeclarable(section.name, key.name, "comes twice");
    if (key.help.empty()) return undeclarable(section.name, key.name, "has no help");
    const bool secret = key.type == ConfigType::secret || key.type == ConfigType::pin;
    if (secret && !key.default_value.empty()) {
      return undeclarable(section.name, key.name, "has a secret as its default");
    }
    if (key.type == ConfigType::port_range && key.default_value.empty()) {
      return undeclarable(section.name, key.name, "has no default");
    }
    if (const auto value = read_config_text(key, key.default_value); !value) {
      return undeclarable(section.name, key.name, "has a default that " + value.error().message);
    }
  }
  sections_.push_back(std::move(section));
  return {};
}

const ConfigSection* ConfigSchema::section(std::string_view name) const {
  const auto found = std::ranges::find(sections_, name, &ConfigSection::name);
  return found == sections_.end() ? nullptr : &*found;
}

const ConfigKey* ConfigSchema::key(std::string_view full_name) const {
  const std::size_t dot = full_name.find('.');
  const bool at_top = dot == std::string_view::npos;
  const ConfigSection* in = section(at_top ? std::string_view() : full_name.substr(0, dot));
  if (in == nullptr) return nullptr;
  const auto found =
      std::ranges::find(in->keys, at_top ? full_name : full_name.substr(dot + 1), &ConfigKey::name);
  return found == in->keys.end() ? nullptr : &*found;
}

bool ConfigSchema::is_tolerated(std::string_view section) const {
  return std::ranges::find(tolerated_, section) != tolerated_.end();
}

std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 128; // hostile names are not worth the work
  if (name.empty() || name.size() > longest) return std::nullopt;
  const std::size_t enough = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::optional<std::string> nearest;
  std::size_t least = enough;
  for (const std::string& candidate : known) {
    if (candidate.size() > longest) continue;
    const std::size_t apart = distance(name, candidate);
    if (apart < least && apart < candidate.size()) {
      least = apart;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string describe_key(const ConfigKey& key) {
  static constexpr std::string_view names[] = {
      "true or false", "integer",    "number",     "text",          "duration", "size",   "bit rate",
      "one of",        "IP address", "port range", "list of texts", "path",     "secret", "PIN"};
  std::string out(names[static_cast<std::size_t>(key.type)]);
  for (std::size_t i = 0; i < key.choices.size(); ++i)
    out += (i == 0 ? " " : ", ") + key.choices[i];
  const bool counted =
      key.type == ConfigType::string || key.type == ConfigType::string_list || key.type == ConfigType::path;
  const auto show = [&](double value) {
    return write_config_number(counted ? ConfigType::integer : key.type, value);
  };
  if (key.min && key.max) {
    out += ", " + show(*key.min) + " to " + show(*key.max);
  } else if (key.min) {
    out += ", at least " + show(*key.min);
  } else if (key.max) {
    out += ", at most " + show(*key.max);
  }
  if (counted && (key.min || key.max)) out += key.type == ConfigType::string_list ? " items" : " bytes";
  if (key.reload == ReloadClass::live) out += "; live";
  if (key.reload == ReloadClass::new_rooms) out += "; for new rooms";
  if (key.reload == ReloadClass::restart) out += "; needs a restart";
  return out;
}

} // namespace viadux
