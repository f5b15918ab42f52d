#include "core/store/schema.hpp"

#include <span>

namespace viadux::store {
namespace {

// $KEY is text that compares byte by byte, as plain TEXT does in SQLite and needs to be told to in
// PostgreSQL.
constexpr const char* first[] = {
    "CREATE TABLE rooms ("
    " id $KEY PRIMARY KEY, organisation $KEY NOT NULL, alias $KEY NOT NULL, settings TEXT NOT NULL,"
    " host_pin TEXT NOT NULL, guest_pin TEXT NOT NULL, created_ms BIGINT NOT NULL, opens_ms BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL, on_demand BIGINT NOT NULL, UNIQUE (organisation, alias))",
    "CREATE INDEX rooms_expiry ON rooms (expires_ms) WHERE expires_ms > 0",
    "CREATE TABLE tokens ("
    " id $KEY PRIMARY KEY, hash $KEY NOT NULL UNIQUE, role TEXT NOT NULL, organisation $KEY NOT NULL,"
    " label TEXT NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, revoked_ms BIGINT NOT "
    "NULL)",
    "CREATE TABLE plugin_data ("
    " plugin $KEY NOT NULL, key $KEY NOT NULL, value TEXT NOT NULL, bytes BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL, PRIMARY KEY (plugin, key))",
    "CREATE INDEX plugin_data_expiry ON plugin_data (expires_ms) WHERE expires_ms > 0",
    "CREATE TABLE plugin_usage (plugin $KEY PRIMARY KEY, entries BIGINT NOT NULL, bytes BIGINT NOT NULL)",
};
constexpr std::span<const char* const> steps[] = {first};
static_assert(std::size(steps) == schema_version);

std::string for_engine(std::string_view sql, Engine engine) {
  constexpr std::string_view word = "$KEY";
  std::string text(sql);
  const std::string type = engine == Engine::sqlite ? "TEXT" : "TEXT COLLATE \"C\"";
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += type.size())
    text.replace(at, word.size(), type);
  return text;
}

// The lock that makes two starting servers wait; the number is ours alone.
Result<void> lock(Connection& connection) {
  if (connection.engine() == Engine::sqlite) return {}; // BEGIN IMMEDIATE has it already
  const auto locked = connection.run("SELECT 1 FROM pg_advisory_xact_lock(7811648)");
  if (!locked) return locked.error();
  return {};
}

Result<std::int64_t> version_of(Connection& connection) {
  const auto rows = connection.run("SELECT version FROM schema_version");
  if (!rows) return rows.error();
  return rows->rows.empty() ? 0 : rows->rows.front().integer(0);
}

// One step, if it is still needed. Gives the version now.
Result<std::int64_t> step(Connection& connection) {
  Transaction transaction(connection);
  if (!transaction.begun()) return transaction.begun().error();
  if (auto locked = lock(connection); !locked) return locked.error();
  if (auto made = connection.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
      !made)
    return made.error();
  auto version = version_of(connection);
  if (!version) return version;
  if (*version > schema_version)
    return make_error(ErrorCode::unsupported, "storage_too_new",
                      "the database has schema version " + std::to_string(*version) +
                          ", this program knows " + std::to_string(schema_version),
                      {}, "use the newer program, or restore a backup from before it");
  if (*version == schema_version) return version;
  for (const char* sql : steps[*version])
    if (auto done = connection.run(for_engine(sql, connection.engine())); !done) return done.error();
  const auto noted = *version == 0
                         ? connection.run("INSERT INTO schema_version (version) VALUES (1)")
                         : connection.run("UPDATE schema_version SET version = ?", {Value(*version + 1)});
  if (!noted) return noted.error();
  if (auto committed = transaction.commit(); !committed) return committed.error();
  return *version + 1;
}

} // namespace

Result<void> migrate(Connection& connection) {
  for (;;) {
    const auto version = step(connection);
    if (!version) return version.error();
    if (*version == schema_version) return {};
  }
}

} // namespace viadux::store
