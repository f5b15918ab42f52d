// What the clock on a wall shows in some place. C++20's own time zones are not in this compiler's library,
// and the C library's are one for the whole process. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace viadux {

struct WallTime {
  int year = 1970;
  int month = 1; // 1 to 12
  int day = 1;   // 1 to 31
  int hour = 0;  // 0 to 23
  int minute = 0;
  int second = 0;
  int weekday = 4;  // 1 is Monday, 7 is Sunday
  int offset_s = 0; // east of Greenwich
};

// A rule as in POSIX's TZ ("CET-1CEST,M3.5.0,M10.5.0/3"), which is also the last line of a zone's file: it
// holds from the file's last change on, so for all that is now.
class TimeZone {
 public:
  static std::optional<TimeZone> from_rule(std::string_view rule);
  // "Europe/Copenhagen", from the system's zones; none for a name that is not there.
  static std::optional<TimeZone> named(const std::string& name);

  WallTime at(std::int64_t unix_s) const;

 private:
  struct Change {
    int month = 0, week = 0, weekday = 0; // M; week 5 is the last
    int day = -1;                         // Jn or n instead
    bool leap_counts = false;
    int at_s = 7200;
  };
  static std::int64_t change_at(const Change& change, int year);
  friend class ZoneRuleReader;

  int standard_s_ = 0;
  int summer_s_ = 0;
  bool has_summer_ = false;
  Change begins_;
  Change ends_;
};

} // namespace viadux
