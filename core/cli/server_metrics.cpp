#include "core/cli/server_metrics.hpp"

#include "core/events/report.hpp"
#include "core/log/log.hpp"
#include "core/meeting/report.hpp"
#include "core/store/report.hpp"

#include <cstdio>
#include <unistd.h>

namespace viadux {
namespace {

// The second number of /proc/self/statm (proc(5)), in bytes; 0 where there is none.
double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long size = 0, resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace

CollectorId add_server_metrics(Metrics& metrics, const Counted& parts) {
  const std::int64_t started_us = parts.loop.clock().now_us();
  return metrics.add_collector([parts, started_us](MetricSink& sink) {
    report(parts.rooms, sink);
    report(parts.bus, sink);
    store::report(parts.storage, sink);
    sink.counter("viadux_auth_failures_total", "Tokens that were wrong, expired or revoked.", {},
                 static_cast<double>(parts.auth.failed()));
    sink.counter("viadux_auth_slowed_total", "Of those, answered 'wait' because too many came.", {},
                 static_cast<double>(parts.auth.slowed()));
    sink.counter("viadux_log_lines_dropped_total",
                 "Log lines lost because they came faster than they could be written.", {},
                 static_cast<double>(log_dropped()));
    sink.counter("viadux_control_refused_total", "Work refused because the control thread's queue was full.",
                 {}, static_cast<double>(parts.loop.refused()));
    sink.gauge("viadux_process_resident_bytes", "Memory of the process.", {}, resident_bytes());
    sink.gauge("viadux_process_uptime_seconds", "Since the start.", {},
               static_cast<double>(parts.loop.clock().now_us() - started_us) / 1e6);
  });
}

} // namespace viadux
