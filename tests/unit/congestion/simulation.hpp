// One sender with our estimator, a bottleneck link, one receiver that answers transport-cc: in virtual time,
// with a seed. The bottleneck is a drop-tail queue of so many milliseconds; delay, random loss and jitter
// come after it.
#pragma once

#include "core/congestion/estimator.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <vector>

namespace viadux::congestion {

struct Link {
  std::int64_t rate_bps = 5'000'000;
  std::int64_t delay_us = 25'000; // each way
  double loss = 0;
  std::int64_t queue_us = 300'000;
  std::int64_t jitter_us = 0;
  double feedback_loss = 0;
  std::int64_t hold_us = 0; // a radio link that lets packets go in bunches this far apart
};

class Simulation {
 public:
  Simulation(const Link& start_link, std::int64_t source_bps, EstimatorOptions options = {},
             unsigned seed = 1)
      : link(start_link), source_max_bps(source_bps), estimator(options), random_(seed) {}

  Link link;                   // may be changed between calls of run()
  std::int64_t source_max_bps; // what the source would send if it might
  BandwidthEstimator estimator;
  bool probing = true;
  std::size_t burst_bytes = 0; // every burst_every_us so much leaves at once, as a picture now and then
  std::int64_t burst_every_us = 1'000'000;

  struct Sample {
    std::int64_t time_us, target_bps, queue_us;
  };
  std::vector<Sample> samples; // every 20 ms
  std::int64_t sent = 0, dropped = 0, delivered = 0, delivered_bytes = 0;

  void run(double seconds) {
    const std::int64_t end = now_ + static_cast<std::int64_t>(seconds * 1e6);
    for (; now_ < end; now_ += 1'000) {
      deliver_feedback();
      if (now_ % 33'000 == 0) frame();
      if (burst_bytes > 0 && now_ % burst_every_us == 0)
        for (std::size_t left = burst_bytes; left > 0; left -= std::min<std::size_t>(left, 1'200))
          send(std::min<std::size_t>(left, 1'200) + 28, no_probe);
      pace();
      if (now_ % 25'000 == 0) tick();
      if (now_ % 100'000 == 0) send_feedback();
      if (now_ % 20'000 == 0) samples.push_back({now_, estimator.target_bps(), queue_us()});
    }
  }
  std::int64_t now() const { return now_; }

  // Of the last `seconds`.
  double mean_target(double seconds) const {
    double sum = 0;
    int count = 0;
    for_last(seconds, [&](const Sample& sample) { sum += static_cast<double>(sample.target_bps), ++count; });
    return sum / std::max(count, 1);
  }
  std::int64_t queue_p95_us(double seconds) const {
    std::vector<std::int64_t> values;
    for_last(seconds, [&](const Sample& sample) { values.push_back(sample.queue_us); });
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() * 95 / 100];
  }
  // Seconds after `from_us` until the target first satisfies `reached`; 1e9 when it never does.
  double seconds_until(std::int64_t from_us, const std::function<bool(std::int64_t)>& reached) const {
    for (const Sample& sample : samples)
      if (sample.time_us >= from_us && reached(sample.target_bps))
        return static_cast<double>(sample.time_us - from_us) / 1e6;
    return 1e9;
  }

 private:
  struct Packet {
    std::uint16_t seq;
    std::int64_t arrival_us;
    bool operator<(const Packet& other) const { return arrival_us > other.arrival_us; }
  };
  struct Report {
    std::int64_t time_us;
    std::vector<FeedbackItem> items;
  };

  template <class F>
  void for_last(double seconds, F visit) const {
    for (const Sample& sample : samples)
      if (sample.time_us >= now_ - static_cast<std::int64_t>(seconds * 1e6)) visit(sample);
  }
  std::int64_t queue_us() const { return std::max<std::int64_t>(0, busy_until_ - now_); }

  void send(std::size_t bytes, std::uint8_t probe) {
    const std::uint16_t seq = estimator.on_send(now_, bytes, probe);
    ++sent;
    if (queue_us() > link.queue_us || chance_(random_) < link.loss) {
      ++dropped;
      return;
    }
    busy_until_ = std::max(busy_until_, now_) + static_cast<std::int64_t>(bytes) * 8'000'000 / link.rate_bps;
    std::int64_t arrival = busy_until_ + link.delay_us;
    if (link.jitter_us > 0)
      arrival += static_cast<std::int64_t>(chance_(random_) * static_cast<double>(link.jitter_us));
    if (link.hold_us > 0) arrival = (arrival / link.hold_us + 1) * link.hold_us;
    if (link.jitter_us > 0) arrival = std::max(arrival, last_arrival_); // jitter does not reorder here
    last_arrival_ = arrival;
    ++delivered;
    delivered_bytes += static_cast<std::int64_t>(bytes);
    arrived_[seq] = arrival;
    if (first_unreported_ < 0) first_unreported_ = seq;
  }

  void frame() {
    const std::int64_t bps = std::min(estimator.target_bps(), source_max_bps);
    backlog_ += bps / 8 * 33 / 1000;
  }
  void pace() {
    budget_ += std::max<std::int64_t>(estimator.target_bps(), 100'000) * 5 / 2 / 8 / 1000;
    while (backlog_ > 0 && budget_ > 0) {
      const std::int64_t bytes = std::min<std::int64_t>(backlog_, 1200);
      send(static_cast<std::size_t>(bytes) + 28, probe_.id); // what goes out during a burst is part of it
      backlog_ -= bytes;
      budget_ -= bytes;
    }
    budget_ = std::min<std::int64_t>(budget_, 1500);
    probe_credit_ += probe_.bps / 8 / 1000;
    while (probe_.id != no_probe && probe_credit_ > 0) {
      send(1228, probe_.id);
      probe_credit_ -= 1228;
      probe_.bytes -= 1228;
      if (--probe_.packets <= 0 && probe_.bytes <= 0) probe_ = {};
    }
  }
  void tick() {
    estimator.on_tick(now_);
    if (!probing || probe_.id != no_probe) return;
    if (const auto plan = estimator.next_probe(source_max_bps, now_)) {
      probe_ = *plan;
      probe_credit_ = 0;
    }
  }

  // All that should have arrived since the last report; what has not is reported as lost, late ones again.
  void send_feedback() {
    Report report{now_ + link.delay_us, {}};
    std::int64_t newest = -1;
    for (const auto& [seq, arrival] : arrived_)
      if (arrival <= now_) newest = std::max(newest, seq);
    if (newest < 0) return;
    for (std::int64_t seq = reported_ + 1; seq <= newest; ++seq) {
      const auto found = arrived_.find(seq);
      const bool received = found != arrived_.end() && found->second <= now_;
      report.items.push_back(
          {static_cast<std::uint16_t>(seq), received, received ? found->second + 123'456'789 : 0});
    }
    reported_ = std::max(reported_, newest);
    while (!arrived_.empty() && arrived_.begin()->first <= reported_ - 500)
      arrived_.erase(arrived_.begin());
    if (chance_(random_) >= link.feedback_loss) reports_.push_back(std::move(report));
  }
  void deliver_feedback() {
    while (!reports_.empty() && reports_.front().time_us <= now_) {
      estimator.on_feedback(reports_.front().items, now_);
      reports_.erase(reports_.begin());
    }
  }

  std::int64_t now_ = 1'000'000;
  std::mt19937 random_;
  std::uniform_real_distribution<double> chance_{0, 1};
  std::int64_t busy_until_ = 0, last_arrival_ = 0, backlog_ = 0, budget_ = 0, probe_credit_ = 0;
  ProbePlan probe_;
  std::map<std::int64_t, std::int64_t> arrived_; // seq -> arrival; runs stay below one wrap
  std::int64_t first_unreported_ = -1, reported_ = 0;
  std::vector<Report> reports_;
};

} // namespace viadux::congestion
