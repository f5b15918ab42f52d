// What the server counts about itself.
#pragma once

#include "core/metrics/metrics.hpp"

namespace viadux {

struct HttpMetrics {
  explicit HttpMetrics(Metrics& metrics);

  CounterFamily requests;    // route, method, status class
  HistogramFamily durations; // route; from the whole request to the beginning of its answer
  GaugeFamily connections;   // transport: plain, tls
  CounterFamily refused;     // reason
  CounterMetric unanswered;
  GaugeMetric streams;
  GaugeMetric websockets;

  void answered(std::string_view route, std::string_view method, int status, double seconds) const;
};

} // namespace viadux
