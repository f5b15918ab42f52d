// Slows those who guess PINs, per room and per (room, source address). Pure logic in virtual time, bounded
// memory.
//
// The first few wrong PINs are free (people mistype). After that each wrong one doubles the time in which
// PINs for this room from this address are not looked at: right or wrong, the answer is `pin_slowed`, so
// waiting teaches nothing. The room as a whole has a higher threshold, against guessing from many addresses.
// Ten quiet minutes forget.
//
// An address that has lately joined with a right PIN is let in with that same PIN (or a lower role's) at any
// time: a guesser cannot keep out those who are already meeting, and learns nothing new, because the address
// knew that PIN.
#pragma once

#include "core/meeting/participant.hpp"

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace viadux {

struct GuessLimits {
  std::uint32_t free_per_source = 5;
  std::uint32_t free_per_room = 20;
  std::int64_t first_delay_us = 1'000'000;
  std::int64_t most_delay_us = 60'000'000;
  std::int64_t most_room_delay_us = 10'000'000; // lower: it also meets those who mean well
  std::int64_t forget_us = 600'000'000;
  std::int64_t trust_us = 900'000'000; // "lately"
  std::size_t entries = 8192;          // per table; the oldest goes first
};

class GuessLimiter {
 public:
  explicit GuessLimiter(GuessLimits limits = {}) : limits_(limits) {}

  // How long PINs are not looked at, in us; 0 is not at all.
  std::int64_t wait_us(std::string_view room, std::string_view source, std::int64_t now_us);
  // Has this address lately proved this role here, or a higher one?
  bool trusted(std::string_view room, std::string_view source, Role role, std::int64_t now_us);
  void wrong(std::string_view room, std::string_view source, std::int64_t now_us);
  void right(std::string_view room, std::string_view source, Role role, std::int64_t now_us);

  std::size_t size() const { return guesses_.size() + trust_.size(); }

 private:
  struct Entry {
    std::string key;
    std::uint32_t wrong = 0;
    std::int64_t blocked_until_us = 0;
    std::int64_t last_us = 0;
    Role role = Role::guest;
  };
  // A map with a bound: the entry touched longest ago makes room.
  class Table {
   public:
    Entry* find(const std::string& key, std::int64_t now_us, std::int64_t lifetime_us);
    Entry& touch(const std::string& key, std::int64_t now_us, std::int64_t lifetime_us, std::size_t most);
    void erase(const std::string& key);
    std::size_t size() const { return entries_.size(); }

   private:
    std::list<Entry> entries_; // touched last at the front
    std::unordered_map<std::string, std::list<Entry>::iterator> index_;
  };
  void count(const std::string& key, std::uint32_t free, std::int64_t most_delay_us, std::int64_t now_us);

  GuessLimits limits_;
  Table guesses_;
  Table trust_;
};

} // namespace viadux
