#include "client_log.hpp"

#include <algorithm>

namespace client {
namespace {

constexpr std::size_t line_costs = sizeof(std::string); // an empty one is not free

} // namespace

bool ClientLog::is_name(std::string_view slot) {
  return slot.size() >= 8 && slot.size() <= 64 && std::ranges::all_of(slot, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

void ClientLog::begin(const std::string& slot, const std::string& organisation, std::int64_t now_ms) {
  if (!slots_.contains(slot) && slots_.size() >= most_slots) {
    const auto oldest =
        std::ranges::min_element(slots_, {}, [](const auto& entry) { return entry.second.written_ms; });
    slots_.erase(oldest);
  }
  slots_[slot] = Slot{organisation, now_ms, now_ms, {}, 0};
}

bool ClientLog::add(const std::string& name, std::string line, std::size_t most_bytes, std::int64_t now_ms) {
  const auto found = slots_.find(name);
  if (found == slots_.end()) return false;
  Slot& slot = found->second;
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  const std::size_t most = std::clamp(most_bytes, 2 * line_costs, slot_bytes);
  if (line.size() > most - line_costs) line.resize(most - line_costs);
  slot.written_ms = now_ms;
  slot.bytes += line.size() + line_costs;
  slot.lines.push_back(std::move(line));
  while (slot.bytes > most) {
    slot.bytes -= slot.lines.front().size() + line_costs;
    slot.lines.pop_front();
  }
  return true;
}

void ClientLog::forget_old(std::int64_t now_ms) {
  std::erase_if(slots_, [now_ms](const auto& entry) { return now_ms - entry.second.written_ms > kept_ms; });
}

viadux::Json::Array ClientLog::list(const std::string& organisation) const {
  viadux::Json::Array out;
  for (const auto& [name, slot] : slots_) {
    if (!organisation.empty() && slot.organisation != organisation) continue;
    viadux::Json entry;
    entry.set("slot", name);
    entry.set("organisation", slot.organisation);
    entry.set("began_ms", slot.began_ms);
    entry.set("written_ms", slot.written_ms);
    entry.set("bytes", static_cast<std::int64_t>(slot.bytes));
    out.push_back(std::move(entry));
  }
  return out;
}

const ClientLog::Slot* ClientLog::find(const std::string& slot) const {
  const auto found = slots_.find(slot);
  return found == slots_.end() ? nullptr : &found->second;
}

} // namespace client
