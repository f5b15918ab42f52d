#include "core/config/loader.hpp"

#include "core/config/value.hpp"

#include <algorithm>
#include <fstream>
#include <toml++/toml.h>

namespace viadux {

struct TomlNode {
  const toml::node& node;
};

namespace {

constexpr std::size_t max_mistakes = 100;
constexpr std::size_t max_file = 1024 * 1024;
constexpr std::size_t max_repeated = 10'000;

std::string full_name_of(const std::string& section, const std::string& key) {
  return section.empty() ? key : section + "." + key;
}

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
  case toml::node_type::table:
    return "a table";
  case toml::node_type::array:
    return "a list";
  case toml::node_type::string:
    return "a text";
  case toml::node_type::integer:
    return "a whole number";
  case toml::node_type::floating_point:
    return "a number with a fraction";
  case toml::node_type::boolean:
    return "true or false";
  default:
    return "a date or time";
  }
}

bool is_text_type(ConfigType type) {
  return type != ConfigType::boolean && type != ConfigType::integer && type != ConfigType::number &&
         type != ConfigType::string_list;
}

Error wrong_kind(const ConfigKey& key, const toml::node& node) {
  return make_error(ErrorCode::bad_argument, "value_malformed",
                    "must be " + std::string(expected_form(key.type)) + ", not " +
                        std::string(kind_of(node)));
}

Result<ConfigValue> checked(const ConfigKey& key, ConfigValue value) {
  if (auto fits = check_config_value(key, value); !fits) return fits.error();
  return value;
}

Result<ConfigValue> read_list(const ConfigKey& key, const toml::array& array) {
  std::vector<std::string> items;
  for (const toml::node& item : array) {
    const auto* text = item.as_string();
    if (text == nullptr || text->get().find('\0') != std::string::npos) return wrong_kind(key, item);
    items.push_back(text->get());
  }
  return checked(key, std::move(items));
}

Result<ConfigValue> read_node(const ConfigKey& key, const toml::node& node) {
  if (const auto* text = node.as_string(); text != nullptr && is_text_type(key.type)) {
    return read_config_text(key, text->get());
  }
  if (const auto* flag = node.as_boolean(); flag != nullptr && key.type == ConfigType::boolean) {
    return ConfigValue(flag->get());
  }
  if (const auto* whole = node.as_integer()) {
    const std::int64_t value = whole->get();
    if (key.type == ConfigType::integer || key.type == ConfigType::size || key.type == ConfigType::bitrate) {
      return checked(key, value);
    }
    if (key.type == ConfigType::number) return checked(key, static_cast<double>(value));
    if (key.type == ConfigType::duration)
      return read_config_text(key, std::to_string(value)); // 0, or a kind refusal
  }
  if (const auto* real = node.as_floating_point(); real != nullptr && key.type == ConfigType::number) {
    if (std::isfinite(real->get())) return checked(key, real->get());
  }
  if (const auto* array = node.as_array(); array != nullptr && key.type == ConfigType::string_list) {
    return read_list(key, *array);
  }
  return wrong_kind(key, node);
}

} // namespace

ConfigLoader::ConfigLoader(const ConfigSchema& schema, std::string_view file_name, bool unknown_sections_pass)
    : schema_(schema), unknown_sections_pass_(unknown_sections_pass) {
  configuration_->file_ = file_name;
  for (const ConfigSection& section : schema.sections()) {
    if (section.repeated) configuration_->repeated_[section.name];
  }
}

void ConfigLoader::add_mistake(ConfigMistake mistake) {
  if (mistakes_.size() < max_mistakes) {
    mistakes_.push_back(std::move(mistake));
  } else {
    ++suppressed_;
  }
}

void ConfigLoader::mistake(const Position& at, std::string key, std::string message, std::string hint) {
  add_mistake(
      {configuration_->file_, at.line, at.column, std::move(key), std::move(message), std::move(hint)});
}

void ConfigLoader::read_document(std::string_view text) {
  if (text.size() > max_file) return mistake({}, "", "the file is larger than 1 MiB");
  try {
    const toml::table root = toml::parse(text, configuration_->file_);
    read_top(TomlNode{root});
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    mistake({at.line, at.column}, "", "this is not TOML: " + std::string(error.description()));
  }
}

void ConfigLoader::read_top(const TomlNode& root) {
  const ConfigSection* top = schema_.section("");
  for (const auto& [toml_key, node] : *root.node.as_table()) {
    const std::string name(toml_key.str());
    const Position at{toml_key.source().begin.line, toml_key.source().begin.column};
    const ConfigSection* section = name.empty() ? nullptr : schema_.section(name);
    if (section != nullptr && !section->repeated && node.is_table()) {
      read_section(*section, TomlNode{node}, *configuration_, name);
    } else if (section != nullptr && section->repeated && node.is_array_of_tables()) {
      auto& tables = configuration_->repeated_[name];
      for (const toml::node& each : *node.as_array()) {
        if (tables.size() == max_repeated) return mistake(at, name, "there are more than 10000 of these");
        read_section(*section, TomlNode{each}, tables.emplace_back(), "");
        fill_defaults(*section, tables.back(), "");
      }
    } else if (section != nullptr) {
      mistake(at, name,
              section->repeated ? "must be written as [[" + name + "]]"
                                : "must be a section: [" + name + "]");
    } else if (const ConfigKey* key = top != nullptr ? schema_.key(name) : nullptr; key != nullptr) {
      read_key(*key, name, TomlNode{node}, *configuration_);
    } else if (!schema_.is_tolerated(name) && !(unknown_sections_pass_ && node.is_table())) {
      unknown_key(name, at);
    }
  }
}

void ConfigLoader::read_section(const ConfigSection& section, const TomlNode& table, ConfigTable& into,
                                const std::string& prefix) {
  for (const auto& [toml_key, node] : *table.node.as_table()) {
    const std::string name(toml_key.str());
    const auto key = std::ranges::find(section.keys, name, &ConfigKey::name);
    if (key == section.keys.end()) {
      unknown_key(full_name_of(section.name, name),
                  {toml_key.source().begin.line, toml_key.source().begin.column});
    } else {
      read_key(*key, full_name_of(prefix, name), TomlNode{node}, into);
    }
  }
}

void ConfigLoader::read_key(const ConfigKey& key, const std::string& full_name, const TomlNode& node,
                            ConfigTable& into) {
  const toml::source_position at = node.node.source().begin;
  auto value = read_node(key, node.node);
  if (!value) return mistake({at.line, at.column}, full_name, value.error().message, value.error().hint);
  const std::string position =
      configuration_->file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  into.entries_.insert_or_assign(full_name, ConfigTable::Entry{std::move(*value), position});
}

// First the same section's keys, then the same name in another section, then whole names.
void ConfigLoader::unknown_key(const std::string& full_name, const Position& at) {
  if (mistakes_.size() >= max_mistakes) return void(++suppressed_); // nobody reads so far; spare the search
  const std::size_t dot = full_name.find('.');
  const std::string section_name = dot == std::string::npos ? "" : full_name.substr(0, dot);
  const std::string short_name = dot == std::string::npos ? full_name : full_name.substr(dot + 1);
  std::vector<std::string> sections;
  std::vector<std::string> siblings;
  std::vector<std::string> all;
  std::optional<std::string> elsewhere;
  for (const ConfigSection& section : schema_.sections()) {
    if (!section.name.empty()) sections.push_back(section.name);
    for (const ConfigKey& key : section.keys) {
      const std::string candidate = full_name_of(section.name, key.name);
      if (section.name == section_name) siblings.push_back(candidate);
      if (key.name == short_name) elsewhere = candidate;
      all.push_back(candidate);
    }
  }
  std::optional<std::string> near = nearest_name(full_name, siblings);
  if (!near && dot == std::string::npos) near = nearest_name(full_name, sections);
  if (!near) near = elsewhere;
  if (!near) near = nearest_name(full_name, all);
  const bool is_section = near && dot == std::string::npos && schema_.section(*near) != nullptr;
  const std::string meant = near ? "did you mean " + (is_section ? "[" + *near + "]" : *near) + "?" : "";
  mistake(at, full_name,
          dot == std::string::npos ? "there is no such section or key" : "there is no such key", meant);
}

void ConfigLoader::read_override(std::string_view assignment) {
  const std::string file = std::exchange(configuration_->file_, "--set");
  const std::size_t equals = assignment.find('=');
  const std::string name(assignment.substr(0, equals));
  const std::string section(name.substr(0, name.find('.')));
  const ConfigKey* key = schema_.key(name);
  const ConfigSection* in = schema_.section(section);
  if (equals == std::string_view::npos) {
    mistake({}, name, "needs a value", "write --set section.key=value");
  } else if (key != nullptr && !(in != nullptr && in->repeated)) {
    auto value = read_config_text(*key, assignment.substr(equals + 1));
    if (!value) {
      mistake({}, name, value.error().message, value.error().hint);
    } else {
      configuration_->entries_.insert_or_assign(name, ConfigTable::Entry{std::move(*value), "--set"});
    }
  } else if (!schema_.is_tolerated(section) && !(unknown_sections_pass_ && in == nullptr)) {
    unknown_key(name, {});
  }
  configuration_->file_ = file;
}

void ConfigLoader::fill_defaults(const ConfigSection& section, ConfigTable& table,
                                 const std::string& prefix) {
  for (const ConfigKey& key : section.keys) {
    const std::string name = full_name_of(prefix, key.name);
    if (table.has(name)) continue;
    // declare() has checked that every default can be read.
    table.entries_.emplace(name, ConfigTable::Entry{read_config_text(key, key.default_value).value(), ""});
  }
}

void ConfigLoader::run_checks() {
  for (const ConfigCheck& check : schema_.checks()) {
    const Result<void> fits = check(*configuration_);
    if (fits) continue;
    const std::string& key = fits.error().field;
    ConfigMistake found{configuration_->file_, 0, 0, key, fits.error().message, fits.error().hint};
    // The position "file:line:column" of the key to blame, where it was set.
    const std::string position = configuration_->has(key) ? configuration_->position(key) : "";
    if (!position.empty()) found.file = position;
    add_mistake(std::move(found));
  }
}

ConfigLoad ConfigLoader::finish() {
  for (const ConfigSection& section : schema_.sections()) {
    if (!section.repeated) fill_defaults(section, *configuration_, section.name);
  }
  if (mistakes_.empty()) run_checks();
  std::ranges::stable_sort(mistakes_, {}, [](const ConfigMistake& mistake) {
    return std::tuple(mistake.file == "--set", mistake.line, mistake.column);
  });
  if (suppressed_ > 0)
    mistakes_.push_back({configuration_->file_, 0, 0, "", std::to_string(suppressed_) + " more", ""});
  if (!mistakes_.empty()) return {nullptr, std::move(mistakes_)};
  return {std::move(configuration_), {}};
}

ConfigLoad parse_configuration(const ConfigSchema& schema, std::string_view text, std::string_view name,
                               const std::vector<std::string>& overrides, bool unknown_sections_pass) {
  ConfigLoader loader(schema, name, unknown_sections_pass);
  loader.read_document(text);
  for (const std::string& assignment : overrides)
    loader.read_override(assignment);
  return loader.finish();
}

ConfigLoad load_configuration(const ConfigSchema& schema, const ConfigSource& source) {
  std::string text;
  if (!source.file.empty()) {
    std::ifstream file(source.file, std::ios::binary);
    text.resize(max_file + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.gcount() == 0 && (!file.is_open() || file.bad() || !file.eof())) {
      return {nullptr, {{source.file, 0, 0, "", "the file can't be read", ""}}};
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  return parse_configuration(schema, text, source.file, source.overrides, source.unknown_sections_pass);
}

} // namespace viadux
