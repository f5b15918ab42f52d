// What the server counts, for Prometheus. One registry per process; every folder and plugin declares into it.
//
// Declare once at start, fetch the handles you need (a lookup, ~0.2 µs) and keep them: counting through a
// handle is ~10 ns and safe on any thread. Media workers do not count here: they keep plain counters of their
// own and hand them over in a collector when scraped.
//
//   auto joins = metrics.counter({"viadux_meeting_joins_total", "Participants admitted.", {{"protocol",
//   {"whip", "sip"}}}}); CounterMetric whip_joins = joins.with({"whip"}); // keep this whip_joins.add();
//
// Names, checked at declaration: viadux_<thing>_<unit>, base units (seconds, bytes, ratio), counters end in
// _total, a help text. Labels never hold a person, a number, a room or an address: their values come from a
// declared set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

// Handles. Copyable, cheap, [any thread]; a default-constructed one counts nothing. They live as long as
// Metrics.
class CounterMetric {
 public:
  void add(double by = 1) const; // negative amounts are ignored

 private:
  friend class CounterFamily;
  void* metric_ = nullptr;
};

class GaugeMetric {
 public:
  void set(double value) const;
  void add(double by = 1) const;

 private:
  friend class GaugeFamily;
  void* metric_ = nullptr;
};

class HistogramMetric {
 public:
  void observe(double value) const;

 private:
  friend class HistogramFamily;
  void* metric_ = nullptr;
};

struct MetricLabel {
  std::string key;
  // The values it may have. Any other value given to with() is counted as "other".
  // Empty: an open label, for what the installation defines (plugins, routes), never for what a client sends.
  std::vector<std::string> values;
};

struct MetricSpec {
  std::string name;
  std::string help;
  std::vector<MetricLabel> labels;
  // Series of this family at most; what would be more is counted under "other" in every label. Declaring a
  // closed family whose combinations exceed it is an error. At most Metrics::series_ceiling.
  std::size_t max_series = 500;
};

// A declared metric; with() finds or makes the series for these label values, in the order of the labels.
// [any thread]
class CounterFamily {
 public:
  CounterMetric with(const std::vector<std::string_view>& values = {}) const;

 private:
  friend class Metrics;
  void* family_ = nullptr;
};

class GaugeFamily {
 public:
  GaugeMetric with(const std::vector<std::string_view>& values = {}) const;

 private:
  friend class Metrics;
  void* family_ = nullptr;
};

class HistogramFamily {
 public:
  HistogramMetric with(const std::vector<std::string_view>& values = {}) const;

 private:
  friend class Metrics;
  void* family_ = nullptr;
};

// Given to a collector: adds values as they are at this moment. A name that breaks the rules, or collides
// with a declared one, is left out and counted in viadux_metrics_rejected_total.
class MetricSink {
 public:
  struct Label {
    std::string_view key;
    std::string_view value;
  };
  virtual ~MetricSink() = default;
  virtual void counter(std::string_view name, std::string_view help, const std::vector<Label>& labels,
                       double value) = 0;
  virtual void gauge(std::string_view name, std::string_view help, const std::vector<Label>& labels,
                     double value) = 0;
};

using CollectorId = std::uint64_t; // 0 is none

class Metrics {
 public:
  static constexpr std::size_t series_ceiling = 5000;
  // Buckets for what a person waits for, in seconds: 5 ms to 30 s.
  static const std::vector<double>& duration_buckets();

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // [any thread] Declaring the same thing twice gives the same family. Errors: bad_argument (name, help,
  // labels; the message says which rule), refused (the name is taken by something else).
  Result<CounterFamily> declare_counter(const MetricSpec& spec);
  Result<GaugeFamily> declare_gauge(const MetricSpec& spec);
  Result<HistogramFamily> declare_histogram(const MetricSpec& spec, const std::vector<double>& upper_bounds);

  // The same for the core's own constants, where an error is a programmer's: throws std::logic_error.
  CounterFamily counter(const MetricSpec& spec);
  GaugeFamily gauge(const MetricSpec& spec);
  HistogramFamily histogram(const MetricSpec& spec,
                            const std::vector<double>& upper_bounds = duration_buckets());

  // [any thread] `collect` runs at every scrape on the thread that calls serialize(), which in the server is
  // the control thread. It may not call back into Metrics. remove_collector() returns once it no longer runs.
  CollectorId add_collector(std::function<void(MetricSink&)> collect);
  void remove_collector(CollectorId id);

  // viadux_build_info{version,revision} 1
  void set_build_info(std::string_view version, std::string_view revision);

  // [any thread] Everything in the text exposition format 0.0.4; serve it as `content_type`.
  std::string serialize() const;
  static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace viadux
