// Loads all that a server is told: configuration and organisations. For `run` and `check`.
#pragma once

#include "core/cli/options.hpp"
#include "core/config/live_configuration.hpp"
#include "core/config/organisations.hpp"

namespace viadux {

struct Loaded {
  std::shared_ptr<const Configuration> configuration; // both are null when there are mistakes
  std::shared_ptr<const Organisations> organisations;
  std::vector<ConfigMistake> mistakes;
};

Loaded load_all(const ConfigSchema& schema, const Options& options);
ConfigSource source_of(const Options& options);

// Mistakes, one a line, on standard error.
void print_mistakes(const std::vector<ConfigMistake>& mistakes);

// Starts the log as [log] says.
void start_log(const Configuration& configuration);
// Takes log.level over: at each reload that changed it.
void follow_log_level(const Configuration& configuration);

} // namespace viadux
