#include "core/cli/loading.hpp"

#include "core/log/log.hpp"

#include <cstdio>

namespace viadux {

ConfigSource source_of(const Options& options) {
  return {.file = options.config_file, .overrides = options.overrides};
}

Loaded load_all(const ConfigSchema& schema, const Options& options) {
  ConfigLoad load = load_configuration(schema, source_of(options));
  Loaded all{load.configuration, nullptr, std::move(load.mistakes)};
  if (!load.configuration) return all; // where the organisations are is then not known
  OrganisationsLoad organisations =
      load_organisations(all.configuration->get_string("organisations.path"),
                         all.configuration->get_string("organisations.default"));
  all.organisations = std::move(organisations.organisations);
  all.mistakes = std::move(organisations.mistakes);
  if (!all.mistakes.empty()) all.configuration = nullptr;
  return all;
}

void print_mistakes(const std::vector<ConfigMistake>& mistakes) {
  for (const ConfigMistake& mistake : mistakes)
    std::fprintf(stderr, "%s\n", to_string(mistake).c_str());
}

void follow_log_level(const Configuration& configuration) {
  log_set_level(log_level_from(configuration.get_string("log.level")).value_or(LogLevel::info));
}

void start_log(const Configuration& configuration) {
  const std::string& format = configuration.get_string("log.format");
  log_start({.level = log_level_from(configuration.get_string("log.level")).value_or(LogLevel::info),
             .format = format == "text"   ? LogFormat::text
                       : format == "json" ? LogFormat::json
                                          : LogFormat::automatic,
             .write = {}});
}

} // namespace viadux
