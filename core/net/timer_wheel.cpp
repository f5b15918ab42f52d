#include "core/net/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace viadux {

void Timer::start(std::int64_t delay_us) {
  cancel();
  const std::int64_t due_us = wheel_.now_us_ + std::max<std::int64_t>(delay_us, 0);
  // Not in the millisecond that advance() may be going through right now: a timer that restarts itself must
  // not spin.
  wheel_.insert(*this, std::max((due_us + 999) / 1000, wheel_.now_us_ / 1000 + 1));
}

void Timer::cancel() {
  if (running()) wheel_.remove(*this);
}

void TimerWheel::insert(Timer& timer, std::int64_t deadline_ms) {
  const std::size_t slot = static_cast<std::size_t>(deadline_ms) % slot_count;
  timer.deadline_ms_ = deadline_ms;
  timer.next_ = slots_[slot];
  if (timer.next_) timer.next_->prev_ = &timer.next_;
  timer.prev_ = &slots_[slot];
  slots_[slot] = &timer;
  occupied_[slot / 64] |= 1ULL << (slot % 64);
}

// The slot's bit stays; it is cleared when its time comes and nothing is there.
void TimerWheel::remove(Timer& timer) {
  *timer.prev_ = timer.next_;
  if (timer.next_) timer.next_->prev_ = timer.prev_;
  timer.next_ = nullptr;
  timer.prev_ = nullptr;
}

void TimerWheel::advance(std::int64_t now_us) {
  now_us_ = std::max(now_us_, now_us);
  const std::int64_t target = now_us_ / 1000;
  // After a jump of more than a round, one round sees every slot.
  tick_ms_ = std::max(tick_ms_, target - static_cast<std::int64_t>(slot_count));
  while (tick_ms_ < target)
    fire_slot(static_cast<std::size_t>(++tick_ms_) % slot_count);
}

// Due timers first move to a list of their own: what one fires may cancel, restart or destroy any other.
void TimerWheel::fire_slot(std::size_t slot) {
  if ((occupied_[slot / 64] >> (slot % 64) & 1) == 0) return;
  Timer* due = nullptr;
  Timer** end = &due;
  for (Timer* timer = slots_[slot]; timer;) {
    Timer* const next = timer->next_;
    if (timer->deadline_ms_ <= tick_ms_) {
      remove(*timer);
      timer->prev_ = end;
      *end = timer;
      end = &timer->next_;
    }
    timer = next;
  }
  if (!slots_[slot]) occupied_[slot / 64] &= ~(1ULL << (slot % 64));
  while (due) {
    Timer& timer = *due;
    remove(timer);
    timer.fire_();
  }
}

std::int64_t TimerWheel::until_next_us(std::int64_t limit_us) const {
  const std::size_t first = static_cast<std::size_t>(tick_ms_ + 1) % slot_count;
  for (std::size_t checked = 0; checked < slot_count;) {
    const std::size_t slot = (first + checked) % slot_count;
    const std::uint64_t bits = occupied_[slot / 64] >> (slot % 64);
    if (bits == 0) {
      checked += 64 - slot % 64;
      continue;
    }
    const std::size_t steps = checked + static_cast<std::size_t>(std::countr_zero(bits));
    if (steps >= slot_count) break;
    const std::int64_t at_us = (tick_ms_ + 1 + static_cast<std::int64_t>(steps)) * 1000;
    return std::clamp<std::int64_t>(at_us - now_us_, 0, limit_us);
  }
  return limit_us;
}

} // namespace viadux
