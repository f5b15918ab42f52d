// Which configuration there is: every key is declared, by the core (core_keys.cpp) or by a plugin, in a
// table.
//
// A key's name in full is "section.name"; a plugin's section has the plugin's name. The tables are all there
// is: the loader checks against them, `viadux config` prints conf/viadux.toml from them, the documentation
// comes from them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

enum class ConfigType : std::uint8_t {
  boolean,
  integer,
  number,
  string,
  duration,    // milliseconds; written "5s", "250ms", "10m", "1h", "30d" or 0
  size,        // bytes; written "64k", "1M", "2G" (powers of 1024) or an integer
  bitrate,     // bits per second; written "250k", "2.5M" (powers of 1000) or an integer
  enumeration, // one of `choices`
  address,     // an IP address, "" for none
  port_range,  // "50000-59999"
  string_list,
  path,   // relative to the working directory
  secret, // written "env:NAME" or "file:/path", never in the file itself; never printed
  pin,    // 4 to 20 digits in the file itself, or as a secret; never printed
};

enum class ReloadClass : std::uint8_t {
  live,      // takes effect at once
  new_rooms, // for rooms and sessions opened from then on
  restart,   // a reload that changes it is refused
};

struct ConfigKey {
  std::string name;
  ConfigType type = ConfigType::string;
  std::string default_value;      // as after "--set section.name="; lists as "a, b"
  std::optional<double> min = {}; // of the value as stored (ms, bytes, bits per second); lists: how many
  std::optional<double> max = {}; // likewise; strings: bytes
  std::vector<std::string> choices = {};
  ReloadClass reload = ReloadClass::restart;
  std::string help; // one or more sentences for the operator: what it does, when to change it
};

struct ConfigSection {
  std::string name; // "" for keys at the top of the file (organisation files have some)
  std::string help;
  std::vector<ConfigKey> keys;
  bool repeated = false; // written [[name]], any number of times
};

class Configuration;

// Looks at values that must fit each other. An Error's field is the full name of the key to blame.
using ConfigCheck = std::function<Result<void>(const Configuration&)>;

class ConfigSchema {
 public:
  // Adds a section. Errors (bad_argument) are a plugin's mistakes: the name is taken, a key is declared
  // twice, has no help or a name that is not snake_case, or its default does not fit its own type and range.
  Result<void> declare(ConfigSection section);
  // A section of this name is let through unread: it belongs to a plugin that is known, but not loaded.
  void tolerate(std::string section) { tolerated_.push_back(std::move(section)); }

  // Runs after all values are in and none is wrong by itself.
  void add_check(ConfigCheck check) { checks_.push_back(std::move(check)); }

  const std::vector<ConfigCheck>& checks() const { return checks_; }
  const std::vector<ConfigSection>& sections() const { return sections_; } // in the order declared
  const ConfigSection* section(std::string_view name) const;
  const ConfigKey* key(std::string_view full_name) const; // "http.port"
  bool is_tolerated(std::string_view section) const;

 private:
  std::vector<ConfigSection> sections_;
  std::vector<std::string> tolerated_;
  std::vector<ConfigCheck> checks_;
};

// The core's own sections. [any thread]
ConfigSchema core_schema();

// The name among `known` that is most like `name`, when it is like enough to be what was meant.
std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& known);

// The complete configuration file of a schema, with help, ranges and defaults. `preface` becomes a comment on
// top.
std::string render_configuration(const ConfigSchema& schema, std::string_view preface = {});

// What `viadux config` prints, and what conf/viadux.toml is: core_schema() with the plugins' sections.
std::string render_server_configuration(const ConfigSchema& schema);

// "integer, 1 to 65535, default 8080": for help texts.
std::string describe_key(const ConfigKey& key);

} // namespace viadux
