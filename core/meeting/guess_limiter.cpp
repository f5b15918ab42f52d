#include "core/meeting/guess_limiter.hpp"

#include <algorithm>

namespace viadux {
namespace {

// The separator cannot be in an organisation's code, an alias or an address.
std::string pair_key(std::string_view room, std::string_view source) {
  std::string key(room);
  key += '\n';
  key += source.substr(0, 64);
  return key;
}

} // namespace

GuessLimiter::Entry* GuessLimiter::Table::find(const std::string& key, std::int64_t now_us,
                                               std::int64_t lifetime_us) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  if (now_us - found->second->last_us > lifetime_us) {
    erase(key);
    return nullptr;
  }
  return &*found->second;
}

GuessLimiter::Entry& GuessLimiter::Table::touch(const std::string& key, std::int64_t now_us,
                                                std::int64_t lifetime_us, std::size_t most) {
  if (!find(key, now_us, lifetime_us)) {
    if (entries_.size() >= most) {
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
    entries_.emplace_front();
    entries_.front().key = key;
    index_[key] = entries_.begin();
  } else {
    entries_.splice(entries_.begin(), entries_, index_.at(key));
  }
  entries_.front().last_us = now_us;
  return entries_.front();
}

void GuessLimiter::Table::erase(const std::string& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  entries_.erase(found->second);
  index_.erase(found);
}

std::int64_t GuessLimiter::wait_us(std::string_view room, std::string_view source, std::int64_t now_us) {
  std::int64_t until_us = now_us;
  if (const Entry* entry = guesses_.find(pair_key(room, source), now_us, limits_.forget_us))
    until_us = std::max(until_us, entry->blocked_until_us);
  if (const Entry* entry = guesses_.find(std::string(room), now_us, limits_.forget_us))
    until_us = std::max(until_us, entry->blocked_until_us);
  return until_us - now_us;
}

bool GuessLimiter::trusted(std::string_view room, std::string_view source, Role role, std::int64_t now_us) {
  const Entry* entry = trust_.find(pair_key(room, source), now_us, limits_.trust_us);
  return entry && (entry->role == Role::host || role == Role::guest);
}

void GuessLimiter::wrong(std::string_view room, std::string_view source, std::int64_t now_us) {
  count(pair_key(room, source), limits_.free_per_source, limits_.most_delay_us, now_us);
  count(std::string(room), limits_.free_per_room, limits_.most_room_delay_us, now_us);
}

void GuessLimiter::count(const std::string& key, std::uint32_t free, std::int64_t most_delay_us,
                         std::int64_t now_us) {
  Entry& entry = guesses_.touch(key, now_us, limits_.forget_us, limits_.entries);
  ++entry.wrong;
  if (entry.wrong < free) return;
  const std::uint32_t doublings = std::min<std::uint32_t>(entry.wrong - free, 30);
  const std::int64_t delay_us = std::min(limits_.first_delay_us << doublings, most_delay_us);
  entry.blocked_until_us = now_us + delay_us;
}

void GuessLimiter::right(std::string_view room, std::string_view source, Role role, std::int64_t now_us) {
  const std::string key = pair_key(room, source);
  // The room's own count stays: guesses from elsewhere do not become fewer by it. Nor do a guest PIN's
  // holder's guesses at the host PIN: only a host's success proves that there is nothing left to guess.
  if (role == Role::host) guesses_.erase(key);
  Entry& entry = trust_.touch(key, now_us, limits_.trust_us, limits_.entries);
  if (role == Role::host) entry.role = Role::host;
}

} // namespace viadux
