// The bus' figures for Prometheus, as viadux_events_*. [control]
//   metrics.add_collector([&bus](MetricSink& sink) { report(bus, sink); });
#pragma once

#include "core/events/bus.hpp"
#include "core/metrics/metrics.hpp"

namespace viadux {

void report(const EventBus& bus, MetricSink& sink);

} // namespace viadux
