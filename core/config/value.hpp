// From what is written to a value, by a key's type and range. [any thread]
#pragma once

#include "core/config/configuration.hpp"

namespace viadux {

// Reads what stands after "--set section.key=", or in quotes in a file. The Error's message says what was
// expected
// ("must be from 1 to 65535, not 70000") and its hint what to write; neither repeats a secret.
Result<ConfigValue> read_config_text(const ConfigKey& key, std::string_view text);
// Checks range and choices of a value that has the right type already.
Result<void> check_config_value(const ConfigKey& key, const ConfigValue& value);

// "5s", "64k", "2.5M": the shortest way to write it.
std::string write_config_number(ConfigType type, double value);
// "a duration such as \"5s\""
std::string_view expected_form(ConfigType type);
std::optional<ConfigPorts> parse_port_range(std::string_view text);

} // namespace viadux
