// What plugins have opened at the host: timers, routes, streams, subscriptions. [control]
//
// A handle is found only by the plugin that owns it and by the kind it was opened as; anything else is as
// good as gone. When a plugin stops, what is left is closed.
#pragma once

#include "core/meeting/handle.hpp"

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>
#include <viadux/abi.h>

namespace viadux {

class PluginInstance;

enum class HandleKind : std::uint8_t { timer, route, exchange, stream, subscription, socket, port };
enum class ClosedBy : std::uint8_t { plugin, stop };

struct OwnedHandle {
  OwnedHandle(viadux_handle own_id, const PluginInstance& plugin, HandleKind handle_kind,
              std::shared_ptr<void> payload, std::function<void(ClosedBy)> on_close)
      : id(own_id), owner(&plugin), kind(handle_kind), thing(std::move(payload)), close(std::move(on_close)) {
  }
  viadux_handle id;
  const PluginInstance* owner;
  HandleKind kind;
  std::shared_ptr<void> thing;
  std::function<void(ClosedBy)> close;
};

class OwnedHandles {
 public:
  explicit OwnedHandles(std::size_t limit_per_plugin) : limit_(limit_per_plugin) {}

  // 0: the plugin has as many as it may.
  viadux_handle open(const PluginInstance& owner, HandleKind kind, std::shared_ptr<void> thing,
                     std::function<void(ClosedBy)> close) {
    std::size_t& count = counts_[&owner];
    if (count >= limit_) return 0;
    ++count;
    return table_.make(owner, kind, std::move(thing), std::move(close)).id;
  }
  // Null: stale, another plugin's, or of another kind.
  template <class T>
  std::shared_ptr<T> find(const PluginInstance& owner, viadux_handle handle, HandleKind kind) const {
    const OwnedHandle* found = table_.find(handle);
    if (!found || found->owner != &owner || found->kind != kind) return nullptr;
    return std::static_pointer_cast<T>(found->thing);
  }
  bool close(const PluginInstance& owner, viadux_handle handle) {
    const OwnedHandle* found = table_.find(handle);
    if (!found || found->owner != &owner) return false;
    const auto taken = take(handle);
    if (taken->close) taken->close(ClosedBy::plugin);
    return true;
  }
  // The thing has ended by itself: stale from now on, nothing is called.
  bool forget(viadux_handle handle) { return take(handle) != nullptr; }
  void close_all(const PluginInstance& owner) {
    std::vector<viadux_handle> mine; // closing may open or close others
    table_.each([&](const OwnedHandle& handle) {
      if (handle.owner == &owner) mine.push_back(handle.id);
    });
    for (const viadux_handle handle : mine) {
      const auto taken = take(handle);
      if (taken && taken->close) taken->close(ClosedBy::stop);
    }
  }
  std::size_t size() const { return table_.size(); }

 private:
  std::unique_ptr<OwnedHandle> take(viadux_handle handle) {
    auto taken = table_.take(handle);
    if (taken) --counts_[taken->owner];
    return taken;
  }

  const std::size_t limit_;
  HandleTable<OwnedHandle, 32> table_;
  std::unordered_map<const PluginInstance*, std::size_t> counts_;
};

} // namespace viadux
