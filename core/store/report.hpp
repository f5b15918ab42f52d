// The store's figures for Prometheus, as viadux_store_*. [any thread]
//   metrics.add_collector([&storage](MetricSink& sink) { store::report(storage, sink); });
#pragma once

#include "core/metrics/metrics.hpp"
#include "core/store/storage.hpp"

namespace viadux::store {

void report(const Storage& storage, MetricSink& sink);

} // namespace viadux::store
