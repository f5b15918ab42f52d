// The keys that seal tokens: kept in the plugin's store, so that tokens outlive the server's process, and
// shared by its nodes.
#pragma once

#include "state.hpp"

namespace client {

class Keys {
 public:
  explicit Keys(State& state) : state_(state) {}
  // Reads what there is; makes a key where none is, or the newest has served long enough. Without the store a
  // key of this process's own serves, until it can be stored.
  viadux::Task<void> load();
  // Looks again now and then: rotation, keys of other nodes, a store that is back.
  void tick();

 private:
  viadux::Task<bool> read();
  viadux::Task<void> store(SealKey key);

  State& state_;
  std::int64_t loaded_us_ = 0;
  bool stored_ = false;
  bool loading_ = false;
};

} // namespace client
