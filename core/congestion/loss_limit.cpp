#include "core/congestion/loss_limit.hpp"

#include <algorithm>

namespace viadux::congestion {
namespace {
constexpr std::int64_t window_us = 250'000;
constexpr int min_packets = 5;
constexpr double act_above = 0.05, heavy = 0.10, balance_bps = 100'000;
constexpr std::int64_t hold_min_us = 300'000, hold_max_us = 20'000'000;
} // namespace

void LossLimit::on_report(int received, int lost, std::int64_t now_us) {
  if (window_begin_us_ == 0) window_begin_us_ = now_us;
  window_received_ += received;
  window_lost_ += lost;
  if (now_us - window_begin_us_ >= window_us && window_received_ + window_lost_ >= min_packets)
    close_window(now_us);
}

void LossLimit::close_window(std::int64_t now_us) {
  loss_[next_] = static_cast<float>(window_lost_) / static_cast<float>(window_received_ + window_lost_);
  next_ = (next_ + 1) % windows;
  count_ = std::min(count_ + 1, windows);
  window_received_ = window_lost_ = 0;
  window_begin_us_ = now_us;
}

double LossLimit::recent_loss() const {
  const int recent = std::min(count_, 4);
  double sum = 0;
  for (int i = 1; i <= recent; ++i)
    sum += loss_[(next_ + windows - i) % windows];
  return recent == 0 ? 0 : sum / recent;
}

double LossLimit::median_loss() const {
  if (count_ == 0) return 0;
  std::array<float, windows> sorted = loss_;
  const auto middle = sorted.begin() + count_ / 2;
  std::nth_element(sorted.begin(), middle, sorted.begin() + count_);
  return *middle;
}

std::optional<std::int64_t> LossLimit::limit(std::int64_t target_bps, std::optional<std::int64_t> acked_bps,
                                             bool queue_long, std::int64_t rtt_us, std::int64_t now_us) {
  const double loss = recent_loss();
  if (loss <= act_above || !acked_bps) return std::nullopt;
  // What the link takes of what we send: the loss that is always there is the radio's, not the queue's.
  // No radio loses a third: a link that was full from the first packet on has no better time to compare with.
  const double inherent = loss > no_radio ? 0 : std::min(median_loss(), no_radio);
  const auto arriving = static_cast<std::int64_t>(0.95 * static_cast<double>(*acked_bps) / (1 - inherent));
  std::optional<std::int64_t> ceiling;
  // Above 10 % a hard cap that falls with loss (10 % allows 2 Mbit/s, 25 % 500 kbit/s).
  if (loss > heavy) ceiling = std::max(arriving, static_cast<std::int64_t>(balance_bps / (loss - act_above)));
  const bool grown = loss > 1.5 * median_loss();
  if ((grown || queue_long) && now_us - last_cut_us_ >= hold_min_us + rtt_us) {
    hold_us_ = now_us - last_cut_us_ < 10 * hold_max_us ? std::clamp(2 * hold_us_, hold_min_us, hold_max_us)
                                                        : hold_min_us;
    last_cut_us_ = now_us;
    hold_until_us_ = now_us + hold_us_;
    const auto cut =
        std::max(arriving, static_cast<std::int64_t>(static_cast<double>(target_bps) * (1 - 0.5 * loss)));
    ceiling = std::min(ceiling.value_or(cut), cut);
  }
  return ceiling;
}

} // namespace viadux::congestion
