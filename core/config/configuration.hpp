// A loaded configuration: complete (defaults filled in), checked, and never changed again. [any thread]
//
//   ConfigLoad load = load_configuration(schema, {.file = "conf/viadux.toml", .overrides =
//   {"http.port=8081"}}); if (!load.configuration) for (const ConfigMistake& mistake : load.mistakes)
//   std::cerr << to_string(mistake) << '\n'; load.configuration->get_int("http.port");
#pragma once

#include "core/config/schema.hpp"
#include "core/log/secret.hpp"

#include <memory>
#include <variant>

namespace viadux {

// Durations are milliseconds, sizes bytes, bit rates bits per second: all int64. An enumeration, address or
// path is a string.
using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, Secret>;

struct ConfigPorts {
  std::uint16_t first = 0;
  std::uint16_t last = 0; // included
};

// One section's values. Asking for a key that was not declared, or by the wrong type, is a programmer's error
// (assert).
class ConfigTable {
 public:
  bool get_bool(std::string_view key) const;
  std::int64_t get_int(std::string_view key) const; // integer, duration (ms), size (bytes), bitrate (bit/s)
  double get_number(std::string_view key) const;
  const std::string& get_string(std::string_view key) const; // string, enumeration, address, path
  const std::vector<std::string>& get_list(std::string_view key) const;
  const Secret& get_secret(std::string_view key) const;
  ConfigPorts get_ports(std::string_view key) const;

  const ConfigValue& value(std::string_view key) const;
  bool has(std::string_view key) const { return entries_.find(key) != entries_.end(); }
  bool is_set(std::string_view key) const;          // by the file or an override, not by default
  std::string position(std::string_view key) const; // "file:line:column" of what set it; "" by default
  std::vector<std::string> keys() const;

 private:
  friend class ConfigLoader;
  struct Entry {
    ConfigValue value;
    std::string position;
  };
  const Entry& entry(std::string_view key) const;
  std::map<std::string, Entry, std::less<>> entries_;
};

// All sections: keys are full names ("http.port"). Repeated sections are tables of their own, in the file's
// order, with keys by their short names.
class Configuration : public ConfigTable {
 public:
  const std::vector<ConfigTable>& repeated(std::string_view section) const;
  const std::string& file() const { return file_; } // "" when there was none

 private:
  friend class ConfigLoader;
  std::string file_;
  std::map<std::string, std::vector<ConfigTable>, std::less<>> repeated_;
};

// What is wrong, and where, for a person. Never holds a secret's value.
struct ConfigMistake {
  std::string file; // "--set" for an override
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string key;
  std::string message;
  std::string hint;
};
// "conf/viadux.toml:12:1: http.prot: there is no such key (did you mean http.port?)"
std::string to_string(const ConfigMistake& mistake);

struct ConfigSource {
  std::string file;                        // "" for none: defaults and overrides only
  std::vector<std::string> overrides = {}; // "section.key=value", as after --set
  // For the first look, before the plugins are loaded that declare them.
  bool unknown_sections_pass = false;
};

struct ConfigLoad {
  std::shared_ptr<const Configuration> configuration; // null when there are mistakes
  std::vector<ConfigMistake> mistakes;                // all of them, in the file's order
};

ConfigLoad load_configuration(const ConfigSchema& schema, const ConfigSource& source);
// The same from a text in memory; `name` stands in the mistakes as the file.
ConfigLoad parse_configuration(const ConfigSchema& schema, std::string_view text, std::string_view name,
                               const std::vector<std::string>& overrides = {},
                               bool unknown_sections_pass = false);

} // namespace viadux
