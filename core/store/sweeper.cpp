#include "core/store/sweeper.hpp"

namespace viadux::store {
namespace {

// Rows of one table in one round: the storage thread is not held longer than a few milliseconds.
constexpr std::int64_t batch = 500;

Result<std::int64_t> sweep_rooms(Connection& connection, std::int64_t now_ms) {
  const auto rows = connection.run("DELETE FROM rooms WHERE id IN (SELECT id FROM rooms WHERE expires_ms > 0"
                                   " AND expires_ms <= ? ORDER BY expires_ms LIMIT ?)",
                                   {Value(now_ms), Value(batch)});
  if (!rows) return rows.error();
  return rows->affected;
}

Result<std::int64_t> sweep_tokens(Connection& connection, std::int64_t now_ms) {
  const Value before(now_ms - Sweeper::token_grace_ms);
  const auto rows =
      connection.run("DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE"
                     " (expires_ms > 0 AND expires_ms <= ?) OR (revoked_ms > 0 AND revoked_ms <= ?)"
                     " LIMIT ?)",
                     {before, before, Value(batch)});
  if (!rows) return rows.error();
  return rows->affected;
}

// What it takes it also gives back to the plugin's account.
Result<std::int64_t> sweep_plugins(Connection& connection, std::int64_t now_ms) {
  Transaction transaction(connection);
  if (!transaction.begun()) return transaction.begun().error();
  // In one order, for both a put and this: first the account, then the entry. Else two servers could wait in
  // a circle.
  const auto plugins =
      connection.run("SELECT DISTINCT plugin FROM plugin_data WHERE expires_ms > 0 AND expires_ms <= ?"
                     " ORDER BY plugin LIMIT 1",
                     {Value(now_ms)});
  if (!plugins) return plugins.error();
  if (plugins->rows.empty()) return 0;
  const Value plugin(plugins->rows.front().text(0));
  if (auto locked = connection.run("UPDATE plugin_usage SET entries = entries WHERE plugin = ?", {plugin});
      !locked)
    return locked.error();
  const auto taken = connection.run(
      "DELETE FROM plugin_data WHERE plugin = ? AND key IN (SELECT key FROM plugin_data WHERE plugin = ?"
      " AND expires_ms > 0 AND expires_ms <= ? ORDER BY expires_ms LIMIT ?) RETURNING bytes",
      {plugin, plugin, Value(now_ms), Value(batch)});
  if (!taken) return taken.error();
  std::int64_t bytes = 0;
  for (const Row& row : taken->rows)
    bytes += row.integer(0);
  const auto count = static_cast<std::int64_t>(taken->rows.size());
  const auto given_back =
      connection.run("UPDATE plugin_usage SET entries = entries - ?, bytes = bytes - ? WHERE plugin = ?",
                     {Value(count), Value(bytes), plugin});
  if (!given_back) return given_back.error();
  if (auto committed = transaction.commit(); !committed) return committed.error();
  return count;
}

} // namespace

Sweeper::Sweeper(ControlLoop& loop, Storage& storage, std::int64_t interval_us)
    : loop_(loop), storage_(storage), interval_us_(interval_us) {
  arm();
}

Sweeper::~Sweeper() {
  loop_.cancel(timer_);
}

void Sweeper::arm() {
  timer_ = loop_.after(interval_us_, [this] {
    sweep([](const Result<std::int64_t>&) {
    }); // a failure is told by the storage's state; the next round tries again
    arm();
  });
}

void Sweeper::sweep(Done<std::int64_t> done) {
  storage_.run<std::int64_t>(
      [now_ms = loop_.clock().wall_ms()](Connection& connection) -> Result<std::int64_t> {
        std::int64_t taken = 0;
        for (const auto part : {sweep_rooms, sweep_tokens, sweep_plugins}) {
          auto rows = part(connection, now_ms);
          if (!rows) return rows;
          taken += *rows;
        }
        return taken;
      },
      [swept = swept_, done = std::move(done)](Result<std::int64_t> taken) {
        if (taken) *swept += static_cast<std::uint64_t>(*taken);
        done(std::move(taken));
      });
}

} // namespace viadux::store
