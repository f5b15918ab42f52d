// Inside of metrics: a declared family and its series, kept by Metrics. [any thread]
#pragma once

#include "core/metrics/naming.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace viadux {

// T is the library's metric class.
template <class T>
class FamilyState {
 public:
  FamilyState(MetricSpec spec, std::vector<double> bounds, prometheus::Family<T>& family)
      : spec_(std::move(spec)), bounds_(std::move(bounds)), family_(family) {}

  bool same_as(const MetricSpec& spec, const std::vector<double>& bounds) const {
    return spec.help == spec_.help && bounds == bounds_ &&
           std::equal(spec.labels.begin(), spec.labels.end(), spec_.labels.begin(), spec_.labels.end(),
                      [](const MetricLabel& a, const MetricLabel& b) {
                        return a.key == b.key && a.values == b.values;
                      });
  }

  T* with(const std::vector<std::string_view>& values) {
    std::vector<std::string> key(spec_.labels.size(), "other");
    for (std::size_t i = 0; i < key.size() && i < values.size(); ++i)
      if (is_allowed(spec_.labels[i], values[i])) key[i] = values[i];
    const std::lock_guard lock(mutex_);
    if (const auto found = series_.find(key); found != series_.end()) return found->second;
    if (series_.size() >= spec_.max_series) {
      std::fill(key.begin(), key.end(), "other");
      if (const auto found = series_.find(key); found != series_.end()) return found->second;
    }
    prometheus::Labels labels;
    for (std::size_t i = 0; i < key.size(); ++i)
      labels[spec_.labels[i].key] = key[i];
    return series_.emplace(std::move(key), make(labels)).first->second;
  }

 private:
  static constexpr std::size_t longest_value = 200;

  static bool is_allowed(const MetricLabel& label, std::string_view value) {
    if (label.values.empty()) return value.size() <= longest_value;
    return std::find(label.values.begin(), label.values.end(), value) != label.values.end();
  }
  T* make(const prometheus::Labels& labels) {
    if constexpr (std::is_same_v<T, prometheus::Histogram>)
      return &family_.Add(labels, prometheus::Histogram::BucketBoundaries(bounds_));
    else
      return &family_.Add(labels);
  }

  const MetricSpec spec_;
  const std::vector<double> bounds_;
  prometheus::Family<T>& family_;
  std::mutex mutex_;
  std::map<std::vector<std::string>, T*> series_;
};

} // namespace viadux
