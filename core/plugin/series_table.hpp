// A plugin's declared metrics and their series. declare() at set-up; the rest on any thread.
#pragma once

#include "core/metrics/metrics.hpp"
#include "core/plugin/declaration.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <variant>

namespace viadux {

class SeriesTable {
 public:
  static constexpr std::size_t limit = 1000;

  // As viadux_<id>_<name>. The error names the metric and the rule that it breaks.
  Result<void> declare(Metrics& metrics, const Declaration& declaration);

  // 0: no such metric, wrong number of labels, or the table is full.
  viadux_series find(std::uint32_t metric, std::span<const std::string_view> labels);
  // Without a lock: plugins count on threads that must not wait.
  void update(viadux_series series, double value) const;

 private:
  using Family = std::variant<CounterFamily, GaugeFamily, HistogramFamily>;
  using Series = std::variant<CounterMetric, GaugeMetric, HistogramMetric>;
  struct Declared {
    Family family;
    std::size_t labels = 0;
  };
  std::vector<Declared> declared_;
  std::mutex mutex_; // guards known_ and the growth of series_
  std::map<std::pair<std::uint32_t, std::vector<std::string>>, viadux_series> known_;
  std::unique_ptr<Series[]> series_; // `limit` places, so that none ever moves
  std::atomic<std::size_t> count_ = 0;
};

} // namespace viadux
