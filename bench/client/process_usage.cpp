#include "bench/client/process_usage.hpp"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace viadux::bench {
namespace {

std::vector<int> with_descendants(std::vector<int> pids) {
  for (std::size_t i = 0; i < pids.size(); ++i) { // grows while it runs
    std::string path = "/proc/";
    path.append(std::to_string(pids[i])).append("/task/").append(std::to_string(pids[i])).append("/children");
    std::ifstream children(path);
    int child = 0;
    while (children >> child)
      pids.push_back(child);
  }
  return pids;
}

} // namespace

std::int64_t cpu_time_us(const std::vector<int>& pids) {
  std::int64_t sum = 0;
  for (const auto pid : with_descendants(pids)) {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0)
      sum += std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
  }
  return sum;
}

std::int64_t resident_kb(const std::vector<int>& pids) {
  std::int64_t sum = 0;
  for (const auto pid : with_descendants(pids)) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    std::string word;
    while (status >> word) {
      if (word != "VmRSS:") continue;
      std::int64_t kb = 0;
      status >> kb;
      sum += kb;
      break;
    }
  }
  return sum;
}

std::int64_t udp_buffer_drops() {
  std::ifstream snmp("/proc/net/snmp");
  std::string names, values;
  while (std::getline(snmp, names) && std::getline(snmp, values)) {
    if (!names.starts_with("Udp:")) continue;
    std::istringstream name_in(names), value_in(values);
    std::string name, value;
    while (name_in >> name && value_in >> value)
      if (name == "RcvbufErrors") return std::stoll(value);
  }
  return 0;
}

} // namespace viadux::bench
