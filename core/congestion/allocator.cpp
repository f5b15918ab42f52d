#include "core/congestion/allocator.hpp"

#include <algorithm>

namespace viadux::congestion {
namespace {
constexpr std::size_t max_demands = 64;
constexpr std::int64_t up_hold_us = 2'000'000;
constexpr std::int64_t pause_us = 3'000'000;
constexpr std::int64_t penalty_min_us = 10'000'000, penalty_max_us = 80'000'000, forget_us = 120'000'000,
                       same_fall_us = 5'000'000;
constexpr int hysteresis_percent = 115;

std::int64_t rate(const Demand& demand, int step) {
  return step < 0 ? 0 : demand.step_bps[step];
}

int top(const Demand& demand) {
  return std::min<int>(demand.highest, demand.steps - 1);
}

// Raises each slot by a step in turn, first priorities first, while the budget lasts. A slot that cannot have
// its next step does not stop a smaller one behind it.
void share(std::span<Demand> demands, std::span<const std::uint8_t> order, std::int64_t budget,
           std::span<std::int8_t> chosen) {
  std::fill(chosen.begin(), chosen.end(), paused);
  bool raised = true;
  while (raised) {
    raised = false;
    for (const std::uint8_t index : order) {
      const Demand& demand = demands[index];
      // The first priority is served as far as it goes before the others get their second step.
      do {
        const int next = chosen[index] + 1;
        if (next > top(demand)) break;
        const std::int64_t cost = rate(demand, next) - rate(demand, chosen[index]);
        if (cost > budget) break;
        budget -= cost;
        chosen[index] = static_cast<std::int8_t>(next);
        raised = true;
      } while (demand.priority == 0 && chosen[index] > 0);
    }
  }
}

void step_down(Demand& demand, std::int8_t to, std::int64_t now_us) {
  const std::int64_t since_us = now_us - demand.last_down_us;
  // Several steps within a few seconds are one fall.
  if (demand.last_down_us == 0 || since_us >= forget_us) {
    demand.penalty_us = penalty_min_us;
  } else if (since_us >= same_fall_us) {
    demand.penalty_us = std::min(2 * demand.penalty_us, penalty_max_us);
  }
  demand.last_down_us = now_us;
  // A picture that is gone may come back sooner than one that is only smaller.
  demand.no_up_before_us = now_us + (to == paused ? pause_us : demand.penalty_us);
  demand.step = to;
  demand.up_since_us = 0;
}

void consider_up(Demand& demand, std::int8_t to, bool affordable, std::int64_t now_us) {
  // Nothing shown yet, or freshly joined: no reason to wait.
  if (demand.last_down_us == 0) {
    demand.step = to;
    return;
  }
  if (!affordable || now_us < demand.no_up_before_us) {
    demand.up_since_us = 0;
    return;
  }
  if (demand.up_since_us == 0) demand.up_since_us = now_us;
  if (now_us - demand.up_since_us < up_hold_us) return;
  demand.step = static_cast<std::int8_t>(demand.step + 1);
  demand.up_since_us = 0;
}

} // namespace

Allocation allocate(std::span<Demand> demands, std::int64_t budget_bps, std::int64_t now_us) {
  demands = demands.first(std::min(demands.size(), max_demands));
  std::array<std::uint8_t, max_demands> order_storage;
  std::array<std::int8_t, max_demands> now_storage, roomy_storage;
  const std::span order = std::span(order_storage).first(demands.size());
  const std::span fits_now = std::span(now_storage).first(demands.size());
  const std::span fits_roomy = std::span(roomy_storage).first(demands.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<std::uint8_t>(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint8_t a, std::uint8_t b) { return demands[a].priority < demands[b].priority; });

  share(demands, order, budget_bps, fits_now);
  share(demands, order, budget_bps * 100 / hysteresis_percent, fits_roomy);

  Allocation result;
  for (std::size_t i = 0; i < demands.size(); ++i) {
    Demand& demand = demands[i];
    if (fits_now[i] < demand.step) {
      step_down(demand, fits_now[i], now_us);
    } else if (fits_now[i] > demand.step) {
      consider_up(demand, fits_now[i], fits_roomy[i] > demand.step, now_us);
    } else {
      demand.up_since_us = 0;
    }
    result.used_bps += rate(demand, demand.step);
    result.wanted_bps += rate(demand, top(demand));
  }
  return result;
}

} // namespace viadux::congestion
