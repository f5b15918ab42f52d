// The command line of viadux-bench.
#pragma once

#include "bench/client/scenario.hpp"

#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::bench {

struct Options {
  ScenarioSettings scenario;
  std::string api = "whip"; // or "janus"
  Url url;
  std::string token;
  std::string srtp_profiles;
};

const char* usage();
Result<Options> parse_options(const std::vector<std::string>& arguments);

} // namespace viadux::bench
