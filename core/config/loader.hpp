// Checks a document against a schema. Used by configuration.hpp's functions; one per loading.
#pragma once

#include "core/config/configuration.hpp"

namespace viadux {

// Keeps toml++ out of headers.
struct TomlNode;

class ConfigLoader {
 public:
  ConfigLoader(const ConfigSchema& schema, std::string_view file_name, bool unknown_sections_pass);

  void read_document(std::string_view text);
  void read_override(std::string_view assignment); // "section.key=value"
  void add_mistake(ConfigMistake mistake);
  ConfigLoad finish();

 private:
  struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
  };
  void read_top(const TomlNode& root);
  void read_section(const ConfigSection& section, const TomlNode& table, ConfigTable& into,
                    const std::string& prefix);
  void read_key(const ConfigKey& key, const std::string& full_name, const TomlNode& node, ConfigTable& into);
  void unknown_key(const std::string& full_name, const Position& at);
  void mistake(const Position& at, std::string key, std::string message, std::string hint = {});
  static void fill_defaults(const ConfigSection& section, ConfigTable& table, const std::string& prefix);
  void run_checks();

  const ConfigSchema& schema_;
  const bool unknown_sections_pass_;
  std::size_t suppressed_ = 0;
  std::shared_ptr<Configuration> configuration_ = std::make_shared<Configuration>();
  std::vector<ConfigMistake> mistakes_;
};

} // namespace viadux
