#include "core/policy/time_zone.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace viadux {
namespace {

// Days since 1970-01-01 of a date in the Gregorian calendar, and back.
std::int64_t days_of(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

bool is_leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in(int year, int month) {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

WallTime wall_time(std::int64_t local_s, int offset_s) {
  std::int64_t days = local_s / 86'400;
  std::int64_t rest = local_s % 86'400;
  if (rest < 0) {
    rest += 86'400;
    --days;
  }
  WallTime out;
  out.year = static_cast<int>(1970 + days / 366 - (days < 0 ? 2 : 0));
  while (days_of(out.year + 1, 1, 1) <= days)
    ++out.year;
  auto left = static_cast<int>(days - days_of(out.year, 1, 1));
  for (out.month = 1; left >= days_in(out.year, out.month); ++out.month)
    left -= days_in(out.year, out.month);
  out.day = left + 1;
  out.hour = static_cast<int>(rest / 3600);
  out.minute = static_cast<int>(rest / 60 % 60);
  out.second = static_cast<int>(rest % 60);
  out.weekday = static_cast<int>(((days + 3) % 7 + 7) % 7) + 1; // 1970-01-01 was a Thursday
  out.offset_s = offset_s;
  return out;
}

} // namespace

class ZoneRuleReader {
 public:
  explicit ZoneRuleReader(std::string_view rule) : left_(rule) {}

  std::optional<TimeZone> read() {
    TimeZone zone;
    if (!name() || !offset(zone.standard_s_)) return std::nullopt;
    zone.summer_s_ = zone.standard_s_ + 3600;
    if (left_.empty()) return zone;
    if (!name()) return std::nullopt;
    if (!left_.empty() && left_.front() != ',' && !offset(zone.summer_s_)) return std::nullopt;
    if (!change(zone.begins_) || !change(zone.ends_) || !left_.empty()) return std::nullopt;
    zone.has_summer_ = true;
    return zone;
  }

 private:
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  bool name() {
    std::size_t size = 0;
    if (take('<')) {
      size = left_.find('>');
      if (size == std::string_view::npos) return false;
      left_.remove_prefix(size + 1);
      return size > 0;
    }
    while (size < left_.size() && std::isalpha(static_cast<unsigned char>(left_[size])) != 0)
      ++size;
    left_.remove_prefix(size);
    return size >= 3;
  }
  bool number(int& out) {
    std::size_t size = 0;
    out = 0;
    while (size < left_.size() && size < 4 && std::isdigit(static_cast<unsigned char>(left_[size])) != 0)
      out = out * 10 + (left_[size++] - '0');
    left_.remove_prefix(size);
    return size > 0;
  }
  bool seconds(int& out) { // [+-]hh[:mm[:ss]]
    const int sign = take('-') ? -1 : 1;
    if (sign > 0) (void)take('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!number(hours)) return false;
    if (take(':') && !number(minutes)) return false;
    if (take(':') && !number(rest)) return false;
    out = sign * (hours * 3600 + minutes * 60 + rest);
    return true;
  }
  bool offset(int& out) { // POSIX counts to the west
    if (!seconds(out)) return false;
    out = -out;
    return true;
  }
  bool change(TimeZone::Change& out) {
    if (!take(',')) return false;
    if (take('M')) {
      if (!number(out.month) || !take('.') || !number(out.week) || !take('.') || !number(out.weekday))
        return false;
      if (out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 || out.weekday > 6) return false;
    } else {
      out.leap_counts = !take('J');
      if (!number(out.day) || out.day > 366) return false;
    }
    return !take('/') || seconds(out.at_s);
  }

  std::string_view left_;
};

std::optional<TimeZone> TimeZone::from_rule(std::string_view rule) {
  return ZoneRuleReader(rule).read();
}

std::optional<TimeZone> TimeZone::named(const std::string& name) {
  if (name == "UTC") return TimeZone();
  const bool plain = !name.empty() && name.size() <= 64 && name.front() != '/' &&
                     name.find("..") == std::string::npos && std::ranges::all_of(name, [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
                     });
  if (!plain) return std::nullopt;
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  // RFC 8536: version 2 and later end with a line that holds the rule.
  if (!text.starts_with("TZif") || text.size() < 44 || text.size() > 65'536 || text.back() != '\n')
    return std::nullopt;
  text.pop_back();
  const std::size_t line = text.rfind('\n');
  if (line == std::string::npos) return std::nullopt;
  return from_rule(std::string_view(text).substr(line + 1));
}

// Seconds since 1970 at which the change happens by the clock that holds before it, taken as if it were UTC.
std::int64_t TimeZone::change_at(const Change& change, int year) {
  if (change.day >= 0) {
    int day = change.day - (change.leap_counts ? 0 : 1);
    if (!change.leap_counts && is_leap(year) && change.day >= 60) ++day;
    return (days_of(year, 1, 1) + day) * 86'400 + change.at_s;
  }
  const std::int64_t first = days_of(year, change.month, 1);
  const auto first_weekday = static_cast<int>(((first + 4) % 7 + 7) % 7); // 0 is Sunday
  int day = (change.weekday - first_weekday + 7) % 7 + (change.week - 1) * 7;
  while (day >= days_in(year, change.month))
    day -= 7;
  return (first + day) * 86'400 + change.at_s;
}

WallTime TimeZone::at(std::int64_t unix_s) const {
  const WallTime standard = wall_time(unix_s + standard_s_, standard_s_);
  if (!has_summer_) return standard;
  const std::int64_t begins = change_at(begins_, standard.year) - standard_s_;
  const std::int64_t ends = change_at(ends_, standard.year) - summer_s_;
  const bool summer = begins < ends ? unix_s >= begins && unix_s < ends : unix_s >= begins || unix_s < ends;
  return summer ? wall_time(unix_s + summer_s_, summer_s_) : standard;
}

} // namespace viadux
