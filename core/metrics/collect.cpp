#include "core/metrics/collect.hpp"

#include <algorithm>

namespace viadux {

void ScrapeSink::counter(std::string_view name, std::string_view help, const std::vector<Label>& labels,
                         double value) {
  add(MetricKind::counter, name, help, labels, value);
}

void ScrapeSink::gauge(std::string_view name, std::string_view help, const std::vector<Label>& labels,
                       double value) {
  add(MetricKind::gauge, name, help, labels, value);
}

void ScrapeSink::add(MetricKind kind, std::string_view name, std::string_view help,
                     const std::vector<Label>& labels, double value) {
  auto entry = families_.find(name);
  if (entry == families_.end()) {
    entry = families_.emplace(name, Family{kind, std::string(help), false, {}}).first;
    entry->second.faulty = naming_fault(kind, name, help).has_value() || declared_.contains(name);
  }
  Family& family = entry->second;
  LabelValues key;
  for (const Label& label : labels)
    key.emplace_back(label.key, label.value);
  std::sort(key.begin(), key.end());
  const bool label_faulty =
      std::any_of(key.begin(), key.end(), [](const auto& l) { return label_fault(l.first).has_value(); });
  if (family.faulty || family.kind != kind || label_faulty ||
      (family.series.size() >= Metrics::series_ceiling && !family.series.contains(key))) {
    ++rejected_;
    return;
  }
  family.series[std::move(key)] += value;
}

std::vector<prometheus::MetricFamily> ScrapeSink::families() const {
  std::vector<prometheus::MetricFamily> result;
  for (const auto& [name, family] : families_) {
    if (family.series.empty()) continue;
    prometheus::MetricFamily out;
    out.name = name;
    out.help = family.help;
    const bool is_counter = family.kind == MetricKind::counter;
    out.type = is_counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    for (const auto& [labels, value] : family.series) {
      prometheus::ClientMetric metric;
      for (const auto& [key, text] : labels)
        metric.label.push_back({key, text});
      (is_counter ? metric.counter.value : metric.gauge.value) = value;
      out.metric.push_back(std::move(metric));
    }
    result.push_back(std::move(out));
  }
  return result;
}

} // namespace viadux
