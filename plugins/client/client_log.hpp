// What went wrong in people's browsers: in memory alone, bounded, for a day. [control]
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>
#include <viadux/json.hpp>

namespace client {

class ClientLog {
 public:
  static constexpr std::size_t slot_bytes = 64 * 1024;
  static constexpr std::size_t most_slots = 512;
  static constexpr std::int64_t kept_ms = 86'400'000;

  struct Slot {
    std::string organisation;
    std::int64_t began_ms = 0;
    std::int64_t written_ms = 0;
    std::deque<std::string> lines; // the newest stay
    std::size_t bytes = 0;
  };

  // A browser joins: what it has said before is forgotten. The slot that was written longest ago goes where
  // there are too many.
  void begin(const std::string& slot, const std::string& organisation, std::int64_t now_ms);
  // Keeps the newest `most_bytes`, at most slot_bytes. False: there is no such slot, begin() was not called.
  bool add(const std::string& slot, std::string line, std::size_t most_bytes, std::int64_t now_ms);
  void forget_old(std::int64_t now_ms);
  // Those of an organisation, or all where it is empty: [{slot, organisation, began, written, bytes}].
  viadux::Json::Array list(const std::string& organisation) const;
  const Slot* find(const std::string& slot) const;
  std::size_t size() const { return slots_.size(); }

  static bool is_name(std::string_view slot); // 8 to 64 of a-z, 0-9 and -

 private:
  std::unordered_map<std::string, Slot> slots_;
};

} // namespace client
