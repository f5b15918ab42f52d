#include "core/metrics/metrics.hpp"

#include "core/metrics/collect.hpp"
#include "core/metrics/families.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sstream>
#include <stdexcept>

namespace viadux {
namespace {

template <class T>
constexpr MetricKind kind_of() {
  if constexpr (std::is_same_v<T, prometheus::Counter>) return MetricKind::counter;
  if constexpr (std::is_same_v<T, prometheus::Gauge>) return MetricKind::gauge;
  return MetricKind::histogram;
}

Error bad(const std::string& message) {
  return make_error(ErrorCode::bad_argument, "metric_invalid", "metric " + message);
}

Result<void> check(MetricKind kind, const MetricSpec& spec, const std::vector<double>& bounds) {
  if (const auto fault = naming_fault(kind, spec.name, spec.help)) return bad(*fault);
  std::size_t combinations = 1;
  std::set<std::string_view> keys;
  for (const MetricLabel& label : spec.labels) {
    if (const auto fault = label_fault(label.key)) return bad("'" + spec.name + "': " + *fault);
    if (!keys.insert(label.key).second)
      return bad("'" + spec.name + "': label '" + label.key + "' is given twice");
    combinations *= std::max<std::size_t>(label.values.size(), 1);
    if (combinations > spec.max_series)
      return bad("'" + spec.name + "' could have more than " + std::to_string(spec.max_series) +
                 " series: declare fewer label values, or raise max_series");
  }
  if (spec.max_series == 0 || spec.max_series > Metrics::series_ceiling)
    return bad("'" + spec.name + "': max_series must be 1 to " + std::to_string(Metrics::series_ceiling));
  if (!std::is_sorted(bounds.begin(), bounds.end(), std::less_equal<>()))
    return bad("'" + spec.name + "': the buckets' upper bounds must rise");
  if (kind == MetricKind::histogram && (bounds.empty() || bounds.size() > 40))
    return bad("'" + spec.name + "' must have 1 to 40 buckets");
  return {};
}

} // namespace

struct Metrics::State {
  template <class T>
  using Families = std::map<std::string, std::unique_ptr<FamilyState<T>>>;

  template <class T>
  Result<FamilyState<T>*> declare(Families<T>& families, const MetricSpec& spec,
                                  const std::vector<double>& bounds) {
    if (auto checked = check(kind_of<T>(), spec, bounds); !checked) return checked.error();
    const std::lock_guard lock(mutex);
    if (const auto found = families.find(spec.name);
        found != families.end() && found->second->same_as(spec, bounds))
      return found->second.get();
    if (!names.insert(spec.name).second)
      return make_error(ErrorCode::refused, "metric_taken",
                        "metric '" + spec.name + "' is declared already, with another type, help or labels");
    auto builder = [&]() -> prometheus::Family<T>& {
      if constexpr (std::is_same_v<T, prometheus::Counter>)
        return prometheus::BuildCounter().Name(spec.name).Help(spec.help).Register(registry);
      else if constexpr (std::is_same_v<T, prometheus::Gauge>)
        return prometheus::BuildGauge().Name(spec.name).Help(spec.help).Register(registry);
      else
        return prometheus::BuildHistogram().Name(spec.name).Help(spec.help).Register(registry);
    };
    auto family = std::make_unique<FamilyState<T>>(spec, bounds, builder());
    auto* result = family.get();
    families.emplace(spec.name, std::move(family));
    return result;
  }

  prometheus::Registry registry;
  std::mutex mutex; // names and families
  std::set<std::string, std::less<>> names;
  Families<prometheus::Counter> counters;
  Families<prometheus::Gauge> gauges;
  Families<prometheus::Histogram> histograms;

  std::mutex collectors_mutex; // held while they run, so that remove_collector() waits
  CollectorId last_collector = 0;
  std::map<CollectorId, std::function<void(MetricSink&)>> collectors;
  CounterMetric rejected;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {
  state_->rejected = counter({.name = "viadux_metrics_rejected_total",
                              .help = "Values of collectors left out: their name or label breaks a rule.",
                              .labels = {}})
                         .with();
}
Metrics::~Metrics() = default;

const std::vector<double>& Metrics::duration_buckets() {
  static const std::vector<double> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  return bounds;
}

Result<CounterFamily> Metrics::declare_counter(const MetricSpec& spec) {
  auto declared = state_->declare(state_->counters, spec, {});
  if (!declared) return declared.error();
  CounterFamily family;
  family.family_ = *declared;
  if (spec.labels.empty()) family.with(); // shown as 0 before the first event
  return family;
}

Result<GaugeFamily> Metrics::declare_gauge(const MetricSpec& spec) {
  auto declared = state_->declare(state_->gauges, spec, {});
  if (!declared) return declared.error();
  GaugeFamily family;
  family.family_ = *declared;
  return family;
}

Result<HistogramFamily> Metrics::declare_histogram(const MetricSpec& spec,
                                                   const std::vector<double>& upper_bounds) {
  auto declared = state_->declare(state_->histograms, spec, upper_bounds);
  if (!declared) return declared.error();
  HistogramFamily family;
  family.family_ = *declared;
  return family;
}

namespace {
template <class Family>
Family must(Result<Family> family) {
  if (family.has_value()) return *family;
  throw std::logic_error(family.error().message);
}
} // namespace

CounterFamily Metrics::counter(const MetricSpec& spec) {
  return must(declare_counter(spec));
}
GaugeFamily Metrics::gauge(const MetricSpec& spec) {
  return must(declare_gauge(spec));
}
HistogramFamily Metrics::histogram(const MetricSpec& spec, const std::vector<double>& upper_bounds) {
  return must(declare_histogram(spec, upper_bounds));
}

CollectorId Metrics::add_collector(std::function<void(MetricSink&)> collect) {
  const std::lock_guard lock(state_->collectors_mutex);
  state_->collectors.emplace(++state_->last_collector, std::move(collect));
  return state_->last_collector;
}

void Metrics::remove_collector(CollectorId id) {
  const std::lock_guard lock(state_->collectors_mutex);
  state_->collectors.erase(id);
}

void Metrics::set_build_info(std::string_view version, std::string_view revision) {
  gauge({.name = "viadux_build_info",
         .help = "Always 1; the labels name what is running.",
         .labels = {{"version", {}}, {"revision", {}}}})
      .with({version, revision})
      .set(1);
}

std::string Metrics::serialize() const {
  State& state = *state_;
  const auto names = [&] {
    const std::lock_guard lock(state.mutex);
    return state.names;
  }();
  ScrapeSink sink(names);
  {
    const std::lock_guard lock(state.collectors_mutex);
    for (const auto& [id, collect] : state.collectors)
      collect(sink);
  }
  state.rejected.add(static_cast<double>(sink.rejected()));
  auto families = state.registry.Collect();
  for (auto& family : sink.families())
    families.push_back(std::move(family));
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::ostringstream out;
  out.imbue(std::locale::classic());
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

} // namespace viadux
