// What another process costs: CPU time by its clock (nanoseconds, ended threads included), memory by /proc.
#pragma once

#include <cstdint>
#include <vector>

namespace viadux::bench {

// Sums over the processes and their present descendants; 0 where one cannot be read.
std::int64_t cpu_time_us(const std::vector<int>& pids);
std::int64_t resident_kb(const std::vector<int>& pids);
// UDP datagrams that this network namespace dropped because a socket's buffer was full.
std::int64_t udp_buffer_drops();

} // namespace viadux::bench
