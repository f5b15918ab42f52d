// The result of a run, as JSON on standard output.
#pragma once

#include "bench/client/ledger.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace viadux::bench {

struct Report {
  std::string scenario;
  int size = 0;
  int publishers = 0;
  int receivers = 0;
  std::string profile; // the SRTP profile that was agreed
  double seconds = 0;  // of the window
  Counters counters;
  std::uint64_t expected = 0; // packets of the window that should have come
  std::uint64_t missing = 0;  // of these
  std::uint64_t holes = 0;    // where the window cannot be used (joins): missing between first and last
  std::uint64_t delay_p50_us = 0, delay_p99_us = 0, delay_p999_us = 0;
  std::int64_t server_cpu_us = 0, client_cpu_us = 0; // in the window
  std::int64_t rss_before_kb = 0, rss_joined_kb = 0, rss_after_kb = 0;
  std::int64_t buffer_drops = 0;
  std::uint64_t join_p50_us = 0, join_p99_us = 0; // request to DTLS finished
  // Scenario joins: request to the first packet of video. A whole key frame comes with it: the stream has no
  // holes.
  std::uint64_t first_picture_p50_us = 0, first_picture_p99_us = 0;
  std::int64_t publisher_bps = 0;     // what the first publisher may send at the end (REMB)
  std::vector<std::uint16_t> heights; // what the first viewer saw each second (simulcast)
  std::vector<std::string> problems;  // why the run does not count
};

std::string to_json(const Report& report);

} // namespace viadux::bench
