// viadux/documents/store.hpp - interface "viadux.store": a plugin's own bounded space of keys and documents,
// kept over restarts and, with PostgreSQL, shared by nodes. No plugin sees another's.
#pragma once

#include <viadux/document.hpp>

namespace viadux::documents {

// viadux.store put -> Nothing; replaces what is there. busy/store_full at the plugin's cap.
struct StoreEntry {
  std::string key;
  Json value;
  std::int64_t expires_ms = 0;

  static constexpr auto fields() {
    return field_table(field("key", &StoreEntry::key, "1 to 256 bytes.").required().limit(256),
                       field("value", &StoreEntry::value, "Any JSON."),
                       field("expires_ms", &StoreEntry::expires_ms, "Since 1970-01-01 UTC; 0 is never."));
  }
};

// viadux.store get -> StoreEntry (not_found/store_unknown); erase -> Nothing, also where there is none.
struct StoreKey {
  std::string key;
  static constexpr auto fields() {
    return field_table(field("key", &StoreKey::key, "1 to 256 bytes.").required().limit(256));
  }
};

// viadux.store list -> StoreList, in byte order of the keys.
struct StoreQuery {
  std::string prefix;
  std::string after_key;
  std::int64_t limit = 100;

  static constexpr auto fields() {
    return field_table(
        field("prefix", &StoreQuery::prefix, "What the keys begin with.").limit(256),
        field("after_key", &StoreQuery::after_key, "The last key of the page before.").limit(256),
        field("limit", &StoreQuery::limit, "Entries at most.").range(1, 1000));
  }
};

struct StoreList {
  std::vector<StoreEntry> entries;
  static constexpr auto fields() { return field_table(field("entries", &StoreList::entries, "The page.")); }
};

} // namespace viadux::documents
