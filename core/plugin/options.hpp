// The plugin host's settings as a plain struct; the composition root fills it from the configuration's
// [plugins].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace viadux {

struct PluginOptions {
  std::vector<std::string> required;         // ids without which /readyz answers 503
  std::vector<std::string> enabled;          // ids that are loaded; empty is all
  std::vector<std::string> disabled;         // ids that are not
  std::int64_t call_timeout_us = 10'000'000; // of a call without a deadline of its own
  std::int64_t life_timeout_us = 30'000'000; // of configure, start, reload and stop
  std::int64_t slow_callback_us = 10'000;    // a callback over this is counted
  std::size_t call_limit = 4096;             // open calls of one plugin
  std::size_t post_limit = 4096;             // posted work of one plugin that waits
  std::size_t handle_limit = 16384;          // handles of one plugin
  std::uint64_t log_lines_per_s = 1000;      // of one plugin
};

} // namespace viadux
