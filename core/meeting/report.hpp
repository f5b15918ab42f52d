// The meeting's figures for Prometheus, as viadux_meeting_*. [control]
//   metrics.add_collector([&rooms](MetricSink& sink) { report(rooms, sink); });
#pragma once

#include "core/meeting/rooms.hpp"
#include "core/metrics/metrics.hpp"

namespace viadux {

void report(const Rooms& rooms, MetricSink& sink);

} // namespace viadux
