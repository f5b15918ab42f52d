// The handles: what a caller counts through. Their void* is the library's object, so that its headers stay
// here.
#include "core/metrics/families.hpp"

namespace viadux {

void CounterMetric::add(double by) const {
  if (metric_) static_cast<prometheus::Counter*>(metric_)->Increment(by);
}

void GaugeMetric::set(double value) const {
  if (metric_) static_cast<prometheus::Gauge*>(metric_)->Set(value);
}

void GaugeMetric::add(double by) const {
  if (metric_) static_cast<prometheus::Gauge*>(metric_)->Increment(by);
}

void HistogramMetric::observe(double value) const {
  if (metric_) static_cast<prometheus::Histogram*>(metric_)->Observe(value);
}

CounterMetric CounterFamily::with(const std::vector<std::string_view>& values) const {
  CounterMetric metric;
  if (family_) metric.metric_ = static_cast<FamilyState<prometheus::Counter>*>(family_)->with(values);
  return metric;
}

GaugeMetric GaugeFamily::with(const std::vector<std::string_view>& values) const {
  GaugeMetric metric;
  if (family_) metric.metric_ = static_cast<FamilyState<prometheus::Gauge>*>(family_)->with(values);
  return metric;
}

HistogramMetric HistogramFamily::with(const std::vector<std::string_view>& values) const {
  HistogramMetric metric;
  if (family_) metric.metric_ = static_cast<FamilyState<prometheus::Histogram>*>(family_)->with(values);
  return metric;
}

} // namespace viadux
