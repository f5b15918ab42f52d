#include "core/store/room_repository.hpp"

#include <algorithm>

namespace viadux::store {
namespace {

RoomRow room_of(const Row& row) {
  return {row.text(0), row.text(1),    row.text(2),    row.text(3),    row.text(4),
          row.text(5), row.integer(6), row.integer(7), row.integer(8), row.integer(9) != 0};
}

Error unknown() {
  return make_error(ErrorCode::not_found, "room_unknown", "there is no such room");
}

Result<RoomRow> find_now(Connection& connection, const std::string& organisation, const std::string& alias) {
  const auto rows = connection.run("SELECT id, organisation, alias, settings, host_pin, guest_pin, "
                                   "created_ms, opens_ms, expires_ms, on_demand"
                                   " FROM rooms WHERE organisation = ? AND alias = ?",
                                   {Value(organisation), Value(alias)});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return unknown();
  return room_of(rows->rows.front());
}

Result<void> check_caps(Connection& connection, const RoomRow& room, const RoomCaps& caps) {
  const std::int64_t on_demand_cap = room.on_demand ? caps.on_demand : 0;
  if (caps.rooms == 0 && on_demand_cap == 0) return {};
  // Counting and adding must be one thing also where two servers do it; SQLite's transaction is alone
  // already.
  if (connection.engine() == Engine::postgresql)
    if (auto locked = connection.run("SELECT 1 FROM pg_advisory_xact_lock(7811649, hashtext(?))",
                                     {Value(room.organisation)});
        !locked)
      return locked.error();
  const auto rows =
      connection.run("SELECT COUNT(*), COALESCE(SUM(on_demand), 0) FROM rooms WHERE organisation = ?",
                     {Value(room.organisation)});
  if (!rows) return rows.error();
  const std::int64_t all = rows->rows.front().integer(0);
  const std::int64_t on_demand = rows->rows.front().integer(1);
  if ((caps.rooms && all >= caps.rooms) || (on_demand_cap && on_demand >= on_demand_cap))
    return make_error(ErrorCode::busy, "rooms_full", "the organisation has as many rooms as it may have");
  return {};
}

// False when somebody else has the alias.
Result<bool> add_now(Connection& connection, const RoomRow& room, const RoomCaps& caps) {
  Transaction transaction(connection);
  if (!transaction.begun()) return transaction.begun().error();
  if (auto allowed = check_caps(connection, room, caps); !allowed) return allowed.error();
  const auto added =
      connection.run("INSERT INTO rooms (id, organisation, alias, settings, host_pin, guest_pin, created_ms, "
                     "opens_ms, expires_ms,"
                     " on_demand) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (organisation, alias) DO "
                     "NOTHING RETURNING id",
                     {Value(room.id), Value(room.organisation), Value(room.alias), Value(room.settings),
                      Value(room.host_pin), Value(room.guest_pin), Value(room.created_ms),
                      Value(room.opens_ms), Value(room.expires_ms), Value(std::int64_t{room.on_demand})});
  if (!added) return added.error();
  if (auto committed = transaction.commit(); !committed) return committed.error();
  return !added->rows.empty();
}

} // namespace

void RoomRepository::add(RoomRow room, RoomCaps caps, Done<void> done) {
  storage_.run<void>(
      [room = std::move(room), caps](Connection& connection) -> Result<void> {
        // Before the caps: that the alias is taken is the better answer of the two.
        const auto found = find_now(connection, room.organisation, room.alias);
        const auto added = found ? Result<bool>(false) : add_now(connection, room, caps);
        if (!added) return added.error();
        if (!*added)
          return make_error(ErrorCode::refused, "alias_taken", "another room has this alias", "alias");
        return {};
      },
      std::move(done));
}

void RoomRepository::find_or_add(RoomRow room, RoomCaps caps, Done<RoomRow> done) {
  storage_.run<RoomRow>(
      [room = std::move(room), caps](Connection& connection) -> Result<RoomRow> {
        auto found = find_now(connection, room.organisation, room.alias);
        if (found || found.error().code != ErrorCode::not_found) return found;
        const auto added = add_now(connection, room, caps);
        if (!added) return added.error();
        return find_now(connection, room.organisation, room.alias);
      },
      std::move(done));
}

void RoomRepository::find(std::string organisation, std::string alias, Done<RoomRow> done) {
  storage_.run<RoomRow>([organisation = std::move(organisation), alias = std::move(alias)](
                            Connection& connection) { return find_now(connection, organisation, alias); },
                        std::move(done));
}

void RoomRepository::update(RoomRow room, Done<void> done) {
  storage_.run<void>(
      [room = std::move(room)](Connection& connection) -> Result<void> {
        const auto updated =
            connection.run("UPDATE rooms SET settings = ?, host_pin = ?, guest_pin = ?, opens_ms = ?,"
                           " expires_ms = ? WHERE id = ?",
                           {Value(room.settings), Value(room.host_pin), Value(room.guest_pin),
                            Value(room.opens_ms), Value(room.expires_ms), Value(room.id)});
        if (!updated) return updated.error();
        if (updated->affected == 0) return unknown();
        return {};
      },
      std::move(done));
}

void RoomRepository::remove(std::string id, Done<void> done) {
  storage_.run<void>(
      [id = std::move(id)](Connection& connection) -> Result<void> {
        const auto removed = connection.run("DELETE FROM rooms WHERE id = ?", {Value(id)});
        if (!removed) return removed.error();
        if (removed->affected == 0) return unknown();
        return {};
      },
      std::move(done));
}

void RoomRepository::list(std::string organisation, std::string after_alias, std::int64_t limit,
                          Done<std::vector<RoomRow>> done) {
  storage_.run<std::vector<RoomRow>>(
      [organisation = std::move(organisation), after = std::move(after_alias),
       limit](Connection& connection) -> Result<std::vector<RoomRow>> {
        const auto rows = connection.run(
            "SELECT id, organisation, alias, settings, host_pin, guest_pin, created_ms, opens_ms, "
            "expires_ms, on_demand"
            " FROM rooms WHERE organisation = ? AND alias > ? ORDER BY alias LIMIT ?",
            {Value(organisation), Value(after), Value(std::clamp<std::int64_t>(limit, 1, 1000))});
        if (!rows) return rows.error();
        std::vector<RoomRow> rooms;
        for (const Row& row : rows->rows)
          rooms.push_back(room_of(row));
        return rooms;
      },
      std::move(done));
}

} // namespace viadux::store
