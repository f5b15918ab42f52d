#include "core/mixer/picture_budget.hpp"

#include <algorithm>

namespace viadux::mixer {
namespace {
constexpr double smoothing = 0.1;
constexpr double roomy = 0.45; // below that the step before, at most twice as dear, fits as well
} // namespace

Effort PictureBudget::effort() const {
  Effort effort = steps[step_];
  effort.fps = std::min(effort.fps, most_fps_);
  return effort;
}

void PictureBudget::spent(std::int64_t busy_us, std::int64_t now_us) {
  load_ += (static_cast<double>(busy_us) / static_cast<double>(every_us()) - load_) * smoothing;
  if (load_ > full) {
    fine_since_us_ = 0;
    if (hard_since_us_ == 0) hard_since_us_ = now_us;
    if (now_us - hard_since_us_ >= down_after_us && step_ + 1 < steps.size()) go_to(step_ + 1);
  } else if (load_ < roomy) {
    hard_since_us_ = 0;
    if (fine_since_us_ == 0) fine_since_us_ = now_us;
    if (now_us - fine_since_us_ >= up_after_us && step_ > 0) go_to(step_ - 1);
  } else {
    fine_since_us_ = hard_since_us_ = 0;
  }
}

void PictureBudget::go_to(std::size_t step) {
  step_ = step;
  fine_since_us_ = hard_since_us_ = 0; // the new one has its own time
  load_ = (full + roomy) / 2;
}

} // namespace viadux::mixer
