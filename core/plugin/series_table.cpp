#include "core/plugin/series_table.hpp"

namespace viadux {

Result<void> SeriesTable::declare(Metrics& metrics, const Declaration& declaration) {
  for (const DeclaredMetric& metric : declaration.metrics) {
    MetricSpec spec;
    spec.name = "viadux_" + declaration.id + "_" + metric.name;
    spec.help = metric.help;
    for (const std::string& label : metric.labels)
      spec.labels.push_back({label, {}});
    Declared declared;
    declared.labels = metric.labels.size();
    const auto keep = [&declared](const auto& family) -> Result<void> {
      if (!family) return family.error();
      declared.family = family.value();
      return {};
    };
    Result<void> kept;
    if (metric.kind == VIADUX_COUNTER) {
      kept = keep(metrics.declare_counter(spec));
    } else if (metric.kind == VIADUX_GAUGE) {
      kept = keep(metrics.declare_gauge(spec));
    } else {
      kept = keep(metrics.declare_histogram(spec, metric.bounds.empty() ? Metrics::duration_buckets()
                                                                        : metric.bounds));
    }
    if (!kept) return kept.error();
    declared_.push_back(declared);
  }
  if (!declared_.empty()) series_ = std::make_unique<Series[]>(limit);
  return {};
}

viadux_series SeriesTable::find(std::uint32_t metric, std::span<const std::string_view> labels) {
  if (metric >= declared_.size() || labels.size() != declared_[metric].labels) return 0;
  std::pair key(metric, std::vector<std::string>(labels.begin(), labels.end()));
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  const std::size_t place = count_.load(std::memory_order_relaxed);
  if (place >= limit) return 0;
  const std::vector<std::string_view> values(labels.begin(), labels.end());
  std::visit([&](const auto& family) { series_[place] = family.with(values); }, declared_[metric].family);
  count_.store(place + 1, std::memory_order_release);
  known_.emplace(std::move(key), place + 1);
  return place + 1;
}

void SeriesTable::update(viadux_series series, double value) const {
  if (series == 0 || series > count_.load(std::memory_order_acquire)) return;
  const Series& metric = series_[series - 1];
  if (const auto* counter = std::get_if<CounterMetric>(&metric)) counter->add(value);
  if (const auto* gauge = std::get_if<GaugeMetric>(&metric)) gauge->set(value);
  if (const auto* histogram = std::get_if<HistogramMetric>(&metric)) histogram->observe(value);
}

} // namespace viadux
