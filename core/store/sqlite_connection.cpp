// SQLite. https://www.sqlite.org/c3ref/intro.html
#include "core/store/connection.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <sqlite3.h>
#include <unistd.h>

namespace viadux::store {
namespace {

constexpr int busy_timeout_ms = 2000;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinishStatement>;

// sqlite3_errmsg() names tables and columns, never values.
Error error_of(int code, sqlite3* database) {
  const std::string said = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  switch (code & 0xff) { // the primary code
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return make_error(ErrorCode::busy, "storage_busy", "the database is locked by another process", {},
                      "see which one has the file open; try again");
  case SQLITE_FULL:
    return make_error(ErrorCode::busy, "storage_full", "the disk of the database is full", {},
                      "free some space");
  case SQLITE_CONSTRAINT:
    return make_error(ErrorCode::refused, "storage_conflict", said);
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return make_error(ErrorCode::internal, "storage_corrupt", "the database file is damaged: " + said, {},
                      "stop the server, keep a copy of the file, restore the last backup");
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
  case SQLITE_READONLY:
  case SQLITE_IOERR:
    return make_error(ErrorCode::busy, "storage_unavailable", "the database file cannot be used: " + said, {},
                      "check that the folder exists and that the server may write to it");
  default:
    return make_error(ErrorCode::internal, "storage_failed", "the database refused a statement: " + said);
  }
}

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(Database database) : database_(std::move(database)) {}

  Engine engine() const override { return Engine::sqlite; }

 protected:
  Result<Rows> run_checked(std::string_view sql, std::span<const Value> parameters) override {
    const auto prepared = prepare(sql);
    if (!prepared) return prepared.error();
    sqlite3_stmt* statement = *prepared;
    Result<Rows> rows = step(statement, parameters);
    sqlite3_reset(statement); // ends the implicit transaction; its code repeats that of step()
    sqlite3_clear_bindings(statement);
    return rows;
  }

 private:
  Error fail(int code) {
    Error error = error_of(code, database_.get());
    if (error.reason == "storage_corrupt" || error.reason == "storage_unavailable") mark_broken(error);
    return error;
  }

  Result<sqlite3_stmt*> prepare(std::string_view sql) {
    if (const auto found = statements_.find(sql); found != statements_.end()) return found->second.get();
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    Statement statement(made);
    if (code != SQLITE_OK) return fail(code);
    return statements_.emplace(std::string(sql), std::move(statement)).first->second.get();
  }

  int bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
      return sqlite3_bind_int64(statement, index, *number);
    if (const auto* text = std::get_if<std::string>(&value))
      return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_null(statement, index);
  }

  Result<Rows> step(sqlite3_stmt* statement, std::span<const Value> parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (const int code = bind(statement, static_cast<int>(i + 1), parameters[i]); code != SQLITE_OK)
        return fail(code);
    Rows rows;
    const std::int64_t before = sqlite3_total_changes64(database_.get());
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
      rows.rows.push_back(row_of(statement));
    if (code != SQLITE_DONE) return fail(code);
    rows.affected = sqlite3_total_changes64(database_.get()) - before;
    return rows;
  }

  static Row row_of(sqlite3_stmt* statement) {
    Values values;
    const int columns = sqlite3_column_count(statement);
    values.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) {
      switch (sqlite3_column_type(statement, i)) {
      case SQLITE_NULL:
        values.emplace_back();
        break;
      case SQLITE_INTEGER:
        values.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)});
        break;
      default: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
        values.emplace_back(std::in_place_type<std::string>, text ? text : "", text ? bytes : 0);
      }
      }
    }
    return Row(std::move(values));
  }

  Database database_; // before the statements, which must go first
  std::map<std::string, Statement, std::less<>> statements_;
};

} // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path) {
  if (path != ":memory:") {
    // PINs are in it. SQLite gives its journal files the permissions of this one.
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
      return make_error(ErrorCode::busy, "storage_unavailable",
                        "cannot open the database file " + path + ": " + std::strerror(errno), {},
                        "check that the folder exists and that the server may write to it");
    ::close(file);
  }
  sqlite3* opened = nullptr;
  constexpr int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) return error_of(code, opened);
  sqlite3_busy_timeout(opened, busy_timeout_ms);
  auto connection = std::make_unique<SqliteConnection>(std::move(database));
  // WAL with NORMAL survives a crash of the server; only a power cut may take the last moments. 8 times
  // faster than FULL.
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA foreign_keys=ON",
                             "PRAGMA trusted_schema=OFF"})
    if (auto set = connection->run(pragma); !set) {
      Error error = set.error();
      error.message = path + ": " + error.message;
      return error;
    }
  return std::unique_ptr<Connection>(std::move(connection));
}

} // namespace viadux::store
