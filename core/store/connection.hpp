// One connection to a database, the same for SQLite and PostgreSQL. [storage thread only]
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::store {

enum class Engine : std::uint8_t { sqlite, postgresql };

// NULL, a 64-bit integer, or UTF-8 text without NUL bytes. Nothing else crosses: both engines agree on these.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Values = std::vector<Value>;

class Row {
 public:
  explicit Row(Values values) : values_(std::move(values)) {}
  // A NULL, or a column of the other kind, reads as 0 and as "".
  std::int64_t integer(std::size_t column) const;
  const std::string& text(std::size_t column) const;
  bool null(std::size_t column) const { return std::holds_alternative<std::monostate>(values_.at(column)); }
  std::size_t size() const { return values_.size(); }

 private:
  Values values_;
};

struct Rows {
  std::vector<Row> rows;     // what SELECT or RETURNING gave
  std::int64_t affected = 0; // rows inserted, updated or deleted
};

// Reasons a database gives, the same words for both engines:
//   storage_busy (locked, serialisation failure, deadline)   -> busy: may be tried again
//   storage_unavailable (no connection, connection lost)     -> busy: may be tried again; usable() is then
//   false storage_conflict (unique or other constraint)            -> refused storage_full (disk) -> busy
//   storage_corrupt (not a database, damaged)                -> internal; the connection is then broken()
//   storage_text (a parameter is not UTF-8 or has a NUL)     -> bad_argument
//   storage_failed (a mistake in our SQL, anything else)     -> internal
// Messages never hold a parameter's value.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one statement with `?` for each of `parameters`. Statements are prepared once and cached by their
  // text, so `sql` must be one of a fixed set of strings.
  Result<Rows> run(std::string_view sql, std::span<const Value> parameters = {});
  Result<Rows> run(std::string_view sql, std::initializer_list<Value> parameters) {
    return run(sql, std::span<const Value>(parameters.begin(), parameters.size()));
  }

  virtual Engine engine() const = 0;
  // After a failure that only a new connection can cure: that failure.
  const std::optional<Error>& broken() const { return broken_; }

 protected:
  virtual Result<Rows> run_checked(std::string_view sql, std::span<const Value> parameters) = 0;
  void mark_broken(const Error& why) { broken_ = why; }

 private:
  std::optional<Error> broken_;
};

// BEGIN now; COMMIT by commit(), otherwise ROLLBACK at the end of the scope. Check begun() first.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  const Result<void>& begun() const { return begun_; }
  Result<void> commit();

 private:
  Connection& connection_;
  Result<void> begun_;
  bool open_ = false;
};

// `path` is a file, or ":memory:". The file is made, readable by its owner only, where it is missing.
Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path);

// `conninfo` is what libpq takes: postgresql://… or key=value words. Waits at most 5 s. Errors never repeat
// it, since it may hold a password.
Result<std::unique_ptr<Connection>> open_postgresql(const std::string& conninfo);

// "?" outside of quotes becomes "$1", "$2", …
std::string number_placeholders(std::string_view sql);

} // namespace viadux::store
