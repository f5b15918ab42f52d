// What plugins keep (`viadux.store`): each plugin has a space of its own of keys and documents. [control]
#pragma once

#include "core/store/storage.hpp"

#include <string>
#include <vector>

namespace viadux::store {

struct PluginEntry {
  std::string key;             // 1 to 256 bytes
  std::string value;           // at most 256 KiB, UTF-8
  std::int64_t expires_ms = 0; // 0 is never
};

struct PluginCaps {
  std::int64_t keys = 100'000;
  std::int64_t bytes = 64LL * 1024 * 1024; // keys and values together
};

class PluginRepository {
 public:
  PluginRepository(Storage& storage, PluginCaps caps = {}) : storage_(storage), caps_(caps) {}

  // Replaces what is there. bad_argument/store_key, store_value; busy/store_full at the plugin's cap.
  void put(std::string plugin, PluginEntry entry, Done<void> done);
  // Expired entries are not found even before the sweeper came. not_found/store_unknown.
  void get(std::string plugin, std::string key, std::int64_t now_ms, Done<PluginEntry> done);
  // No error when there is none.
  void erase(std::string plugin, std::string key, Done<void> done);
  // In byte order of the keys, those that begin with `prefix` and come after `after_key`, at most `limit` (1
  // to 1000).
  void list(std::string plugin, std::string prefix, std::string after_key, std::int64_t limit,
            std::int64_t now_ms, Done<std::vector<PluginEntry>> done);

 private:
  Storage& storage_;
  PluginCaps caps_;
};

} // namespace viadux::store
