// A bounded queue from one thread to one other, without locks: messages between workers. [one producer, one
// consumer]
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace viadux::router {

template <class T>
class SpscQueue {
 public:
  // `capacity` is rounded up to a power of two.
  explicit SpscQueue(std::size_t capacity) {
    std::size_t size = 2;
    while (size < capacity)
      size *= 2;
    cells_.resize(size);
  }

  // [producer] False if it is full; `value` is then untouched.
  bool push(T&& value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == cells_.size()) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ == cells_.size()) return false;
    }
    cells_[tail & (cells_.size() - 1)] = std::move(value);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  // [producer] Whether the consumer has not yet taken all.
  bool waiting() const {
    return tail_.load(std::memory_order_relaxed) != head_.load(std::memory_order_acquire);
  }
  // [consumer] False if it is empty.
  bool pop(T& value) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    value = std::move(cells_[head & (cells_.size() - 1)]);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

 private:
  std::vector<T> cells_;
  alignas(64) std::atomic<std::size_t> tail_{0}; // written by the producer
  std::size_t head_seen_ = 0;
  alignas(64) std::atomic<std::size_t> head_{0}; // written by the consumer
};

} // namespace viadux::router
