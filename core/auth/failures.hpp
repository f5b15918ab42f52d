// Counts wrong credentials per source and says when one has had enough. Bounded: the source heard of longest
// ago is forgotten first. Not thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace viadux {

class Failures {
 public:
  struct Limits {
    std::uint32_t free = 10;                 // this many cost nothing
    std::int64_t first_delay_us = 1'000'000; // then each doubles the time
    std::int64_t most_delay_us = 60'000'000;
    std::int64_t forget_us = 600'000'000; // so long after the last one all is forgotten
    std::size_t sources = 4096;
  };
  explicit Failures(Limits limits) : limits_(limits) {}
  Failures() : Failures(Limits{}) {}

  // One more; returns for how long (us) the source is to be slowed from now, 0 for not.
  std::int64_t add(std::string_view source, std::int64_t now_us);
  // How long (us) it still is.
  std::int64_t wait_us(std::string_view source, std::int64_t now_us) const;
  std::size_t size() const { return by_source_.size(); }

 private:
  struct Entry {
    std::string source;
    std::uint32_t count = 0;
    std::int64_t last_us = 0;
    std::int64_t until_us = 0;
  };
  Limits limits_;
  std::list<Entry> entries_;                                                   // latest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_source_; // keys live in the entries
};

} // namespace viadux
