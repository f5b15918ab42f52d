#include "core/events/report.hpp"

namespace viadux {

void report(const EventBus& bus, MetricSink& sink) {
  const EventBusCounters counters = bus.counters();
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  sink.counter("viadux_events_published_total", "Events published.", {}, number(counters.published));
  sink.counter("viadux_events_delivered_total", "Events taken by subscribers.", {},
               number(counters.delivered));
  sink.counter("viadux_events_overflows_total", "Queues emptied because their subscriber was too slow.", {},
               number(counters.overflows));
  sink.gauge("viadux_events_subscribers", "Subscribers now.", {}, number(counters.subscribers));
  sink.gauge("viadux_events_kept", "Events kept now for clients that come back.", {}, number(counters.kept));
}

} // namespace viadux
