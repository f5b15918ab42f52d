#include "core/store/report.hpp"

namespace viadux::store {

void report(const Storage& storage, MetricSink& sink) {
  const StorageCounters counters = storage.counters();
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  const auto work = [&](std::string_view result, std::uint64_t value) {
    sink.counter("viadux_store_work_total", "Pieces of work for the database, by result.",
                 {{"result", result}}, number(value));
  };
  work("done", counters.done);
  work("failed", counters.failed);
  work("refused", counters.refused);
  work("timed_out", counters.timed_out);
  sink.gauge("viadux_store_ready", "1 while the database can be used.", {}, storage.state().ready ? 1 : 0);
  sink.gauge("viadux_store_waiting", "Work in the queue now.", {}, number(counters.waiting));
  sink.counter("viadux_store_reconnects_total", "Connections made again after a loss.", {},
               number(counters.reconnects));
  sink.counter("viadux_store_busy_seconds_total", "Time the storage thread has worked.", {},
               number(counters.busy_us) / 1e6);
  sink.counter("viadux_store_waited_seconds_total", "Time work has waited in the queue.", {},
               number(counters.waited_us) / 1e6);
}

} // namespace viadux::store
