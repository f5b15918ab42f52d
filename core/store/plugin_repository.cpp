#include "core/store/plugin_repository.hpp"

#include <algorithm>

namespace viadux::store {
namespace {

constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_value = 256 * 1024;

Result<void> check_entry(const PluginEntry& entry) {
  if (entry.key.empty() || entry.key.size() > longest_key)
    return make_error(ErrorCode::bad_argument, "store_key", "a key has 1 to 256 bytes", "key");
  if (entry.value.size() > longest_value)
    return make_error(ErrorCode::bad_argument, "store_value", "a value has at most 256 KiB", "value");
  return {};
}

// Adds to what the plugin uses and gives the sums. The row is locked by it until the transaction ends, so
// that two servers count one after the other.
Result<PluginCaps> add_usage(Connection& connection, const std::string& plugin, std::int64_t keys,
                             std::int64_t bytes) {
  const auto rows = connection.run(
      "INSERT INTO plugin_usage (plugin, entries, bytes) VALUES (?, ?, ?) ON CONFLICT (plugin) DO UPDATE"
      " SET entries = plugin_usage.entries + excluded.entries,"
      " bytes = plugin_usage.bytes + excluded.bytes RETURNING entries, bytes",
      {Value(plugin), Value(keys), Value(bytes)});
  if (!rows) return rows.error();
  return PluginCaps{rows->rows.front().integer(0), rows->rows.front().integer(1)};
}

// The bytes of the entry that was there; -1 is none.
Result<std::int64_t> bytes_of(Connection& connection, const std::string& plugin, const std::string& key) {
  const auto rows = connection.run("SELECT bytes FROM plugin_data WHERE plugin = ? AND key = ?",
                                   {Value(plugin), Value(key)});
  if (!rows) return rows.error();
  return rows->rows.empty() ? -1 : rows->rows.front().integer(0);
}

Result<void> put_now(Connection& connection, const std::string& plugin, const PluginEntry& entry,
                     const PluginCaps& caps) {
  const auto bytes = static_cast<std::int64_t>(entry.key.size() + entry.value.size());
  Transaction transaction(connection);
  if (!transaction.begun()) return transaction.begun().error();
  const auto locked = add_usage(connection, plugin, 0, 0);
  if (!locked) return locked.error();
  const auto before = bytes_of(connection, plugin, entry.key);
  if (!before) return before.error();
  const bool is_new = *before < 0;
  const auto used = add_usage(connection, plugin, is_new ? 1 : 0, bytes - (is_new ? 0 : *before));
  if (!used) return used.error();
  const bool grows = is_new || bytes > *before; // making it smaller is always possible
  if (grows && (used->keys > caps.keys || used->bytes > caps.bytes))
    return make_error(ErrorCode::busy, "store_full", "the plugin keeps as much as it may", {},
                      "erase entries, or give them a time after which they expire");
  const auto put = connection.run(
      "INSERT INTO plugin_data (plugin, key, value, bytes, expires_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT "
      "(plugin, key)"
      " DO UPDATE SET value = excluded.value, bytes = excluded.bytes, expires_ms = excluded.expires_ms",
      {Value(plugin), Value(entry.key), Value(entry.value), Value(bytes), Value(entry.expires_ms)});
  if (!put) return put.error();
  return transaction.commit();
}

Result<void> erase_now(Connection& connection, const std::string& plugin, const std::string& key) {
  Transaction transaction(connection);
  if (!transaction.begun()) return transaction.begun().error();
  if (const auto locked = add_usage(connection, plugin, 0, 0); !locked) return locked.error();
  const auto erased = connection.run("DELETE FROM plugin_data WHERE plugin = ? AND key = ? RETURNING bytes",
                                     {Value(plugin), Value(key)});
  if (!erased) return erased.error();
  if (!erased->rows.empty())
    if (const auto used = add_usage(connection, plugin, -1, -erased->rows.front().integer(0)); !used)
      return used.error();
  return transaction.commit();
}

// The first text after all that begin with `prefix`, in byte order; "" is none. UTF-8 never has the byte
// 0xFF, but a prefix' last byte plus one need not be UTF-8: the highest code point after the prefix bounds it
// as well.
std::string after_prefix(const std::string& prefix) {
  return prefix + "\xF4\x8F\xBF\xBF";
}

} // namespace

void PluginRepository::put(std::string plugin, PluginEntry entry, Done<void> done) {
  storage_.run<void>(
      [plugin = std::move(plugin), entry = std::move(entry),
       caps = caps_](Connection& connection) -> Result<void> {
        if (auto good = check_entry(entry); !good) return good;
        return put_now(connection, plugin, entry, caps);
      },
      std::move(done));
}

void PluginRepository::get(std::string plugin, std::string key, std::int64_t now_ms, Done<PluginEntry> done) {
  storage_.run<PluginEntry>(
      [plugin = std::move(plugin), key = std::move(key),
       now_ms](Connection& connection) -> Result<PluginEntry> {
        const auto rows =
            connection.run("SELECT key, value, expires_ms FROM plugin_data WHERE plugin = ? AND key = ?"
                           " AND (expires_ms = 0 OR expires_ms > ?)",
                           {Value(plugin), Value(key), Value(now_ms)});
        if (!rows) return rows.error();
        if (rows->rows.empty())
          return make_error(ErrorCode::not_found, "store_unknown", "nothing is kept under this key", "key");
        const Row& row = rows->rows.front();
        return PluginEntry{row.text(0), row.text(1), row.integer(2)};
      },
      std::move(done));
}

void PluginRepository::erase(std::string plugin, std::string key, Done<void> done) {
  storage_.run<void>([plugin = std::move(plugin), key = std::move(key)](
                         Connection& connection) { return erase_now(connection, plugin, key); },
                     std::move(done));
}

void PluginRepository::list(std::string plugin, std::string prefix, std::string after_key, std::int64_t limit,
                            std::int64_t now_ms, Done<std::vector<PluginEntry>> done) {
  storage_.run<std::vector<PluginEntry>>(
      [plugin = std::move(plugin), prefix = std::move(prefix), after = std::move(after_key), limit,
       now_ms](Connection& connection) -> Result<std::vector<PluginEntry>> {
        const auto rows =
            connection.run("SELECT key, value, expires_ms FROM plugin_data WHERE plugin = ? AND key >= ?"
                           " AND key < ? AND key > ? AND (expires_ms = 0 OR expires_ms > ?)"
                           " ORDER BY key LIMIT ?",
                           {Value(plugin), Value(prefix), Value(after_prefix(prefix)), Value(after),
                            Value(now_ms), Value(std::clamp<std::int64_t>(limit, 1, 1000))});
        if (!rows) return rows.error();
        std::vector<PluginEntry> entries;
        for (const Row& row : rows->rows)
          entries.push_back({row.text(0), row.text(1), row.integer(2)});
        return entries;
      },
      std::move(done));
}

} // namespace viadux::store
