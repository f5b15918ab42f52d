// Which plugin brought which participant or session. [control]
//
// They also end by themselves, so that entries may be stale: has_ended tells, and sweeping when the table has
// doubled keeps it as small as what there really is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace viadux {

class PluginInstance;

class OwnedIds {
 public:
  explicit OwnedIds(std::function<bool(std::uint64_t id)> has_ended) : has_ended_(std::move(has_ended)) {}

  void add(std::uint64_t id, const PluginInstance& owner) {
    if (owners_.size() >= sweep_at_) {
      std::erase_if(owners_, [this](const auto& entry) { return has_ended_(entry.first); });
      sweep_at_ = std::max<std::size_t>(least, owners_.size() * 2);
    }
    owners_[id] = &owner;
  }
  bool is_owner(std::uint64_t id, const PluginInstance& plugin) const {
    const auto found = owners_.find(id);
    return found != owners_.end() && found->second == &plugin;
  }
  void remove(std::uint64_t id) { owners_.erase(id); }
  // All of one plugin, taken out.
  std::vector<std::uint64_t> take(const PluginInstance& plugin) {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, owner] : owners_) {
      if (owner == &plugin) ids.push_back(id);
    }
    for (const std::uint64_t id : ids)
      owners_.erase(id);
    return ids;
  }
  std::size_t size() const { return owners_.size(); }

 private:
  static constexpr std::size_t least = 1024;
  std::function<bool(std::uint64_t)> has_ended_;
  std::unordered_map<std::uint64_t, const PluginInstance*> owners_;
  std::size_t sweep_at_ = least;
};

} // namespace viadux
