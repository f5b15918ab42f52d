// The way into a worker: a bounded queue with many writers and one reader, without locks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace viadux {

using Task = std::function<void()>;

// Each cell carries a sequence number that says whose turn it is, so writers contend on one counter only.
class CommandQueue {
 public:
  // `capacity` is rounded up to a power of two.
  explicit CommandQueue(std::size_t capacity);
  CommandQueue(const CommandQueue&) = delete;
  CommandQueue& operator=(const CommandQueue&) = delete;

  // [any thread] False, and counted, when the queue is full; `task` is then left as it was.
  bool push(Task& task);
  // [worker] False when nothing is there.
  bool pop(Task& task);
  // [any thread]
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  struct Cell {
    std::atomic<std::size_t> sequence;
    Task task;
  };
  std::size_t mask_;
  std::unique_ptr<Cell[]> cells_;
  alignas(64) std::atomic<std::size_t> write_{0};
  alignas(64) std::size_t read_ = 0;
  alignas(64) std::atomic<std::uint64_t> refused_{0};
};

} // namespace viadux
