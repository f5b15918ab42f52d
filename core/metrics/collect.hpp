// Inside of metrics: what collectors hand over during one scrape, summed by name and labels.
#pragma once

#include "core/metrics/naming.hpp"

#include <map>
#include <prometheus/metric_family.h>
#include <set>

namespace viadux {

class ScrapeSink final : public MetricSink {
 public:
  explicit ScrapeSink(const std::set<std::string, std::less<>>& declared) : declared_(declared) {}

  void counter(std::string_view name, std::string_view help, const std::vector<Label>& labels,
               double value) override;
  void gauge(std::string_view name, std::string_view help, const std::vector<Label>& labels,
             double value) override;

  std::vector<prometheus::MetricFamily> families() const;
  std::size_t rejected() const { return rejected_; }

 private:
  using LabelValues = std::vector<std::pair<std::string, std::string>>;
  struct Family {
    MetricKind kind = MetricKind::gauge;
    std::string help;
    bool faulty = false;
    std::map<LabelValues, double> series;
  };
  void add(MetricKind kind, std::string_view name, std::string_view help, const std::vector<Label>& labels,
           double value);

  const std::set<std::string, std::less<>>& declared_;
  std::map<std::string, Family, std::less<>> families_;
  std::size_t rejected_ = 0;
};

} // namespace viadux
