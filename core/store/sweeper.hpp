// Takes away what has expired, a bounded number of rows at a time. [control]
#pragma once

#include "core/store/storage.hpp"

namespace viadux::store {

class Sweeper {
 public:
  // Tokens stay this long after they expired or were revoked, so that a list can still explain a refusal.
  static constexpr std::int64_t token_grace_ms = 30LL * 24 * 3600 * 1000;

  Sweeper(ControlLoop& loop, Storage& storage, std::int64_t interval_us = 60'000'000);
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  // One round now; `done` gets the number of rows taken. The rounds by timer do the same.
  void sweep(Done<std::int64_t> done);
  std::uint64_t swept() const { return *swept_; }

 private:
  void arm();

  ControlLoop& loop_;
  Storage& storage_;
  std::int64_t interval_us_;
  TimerId timer_ = 0;
  std::shared_ptr<std::uint64_t> swept_ = std::make_shared<std::uint64_t>(0);
};

} // namespace viadux::store
