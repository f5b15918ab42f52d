#include "core/net/command_queue.hpp"

#include <bit>
#include <utility>

namespace viadux {

CommandQueue::CommandQueue(std::size_t capacity)
    : mask_(std::bit_ceil(capacity < 2 ? 2 : capacity) - 1), cells_(std::make_unique<Cell[]>(mask_ + 1)) {
  for (std::size_t i = 0; i <= mask_; ++i)
    cells_[i].sequence.store(i, std::memory_order_relaxed);
}

// A cell's sequence equals the write position when it is free for it, and that plus one when it is filled.
// The reader frees it for the next round by adding the capacity.
bool CommandQueue::push(Task& task) {
  std::size_t position = write_.load(std::memory_order_relaxed);
  for (;;) {
    Cell& cell = cells_[position & mask_];
    const std::size_t sequence = cell.sequence.load(std::memory_order_acquire);
    if (sequence == position) {
      if (!write_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) continue;
      cell.task = std::move(task);
      cell.sequence.store(position + 1, std::memory_order_release);
      return true;
    }
    if (static_cast<std::ptrdiff_t>(sequence - position) < 0) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    position = write_.load(std::memory_order_relaxed);
  }
}

bool CommandQueue::pop(Task& task) {
  Cell& cell = cells_[read_ & mask_];
  if (cell.sequence.load(std::memory_order_acquire) != read_ + 1) return false;
  task = std::move(cell.task);
  cell.task = nullptr;
  cell.sequence.store(read_ + mask_ + 1, std::memory_order_release);
  ++read_;
  return true;
}

} // namespace viadux
