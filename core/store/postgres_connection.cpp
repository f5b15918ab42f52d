// PostgreSQL by libpq. https://www.postgresql.org/docs/15/libpq.html
#include "core/store/connection.hpp"

#include <array>
#include <charconv>
#include <libpq-fe.h>
#include <map>

namespace viadux::store {
namespace {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Link = std::unique_ptr<PGconn, CloseConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;

// https://www.postgresql.org/docs/15/errcodes-appendix.html; the first two letters are the class.
Error error_of(std::string_view state, const char* primary) {
  const std::string said = primary ? primary : "no details";
  const std::string_view state_class = state.substr(0, 2);
  if (state_class == "23") return make_error(ErrorCode::refused, "storage_conflict", said);
  if (state_class == "40" || state == "55P03" || state == "57014")
    return make_error(ErrorCode::busy, "storage_busy", "the database is busy: " + said, {}, "try again");
  if (state == "53100")
    return make_error(ErrorCode::busy, "storage_full", "the disk of the database is full", {},
                      "free some space");
  if (state_class == "08" || state_class == "53" || state_class == "57")
    return make_error(ErrorCode::busy, "storage_unavailable", "the database is not available: " + said);
  if (state_class == "XX")
    return make_error(ErrorCode::internal, "storage_corrupt", "the database is damaged: " + said, {},
                      "see the log of PostgreSQL");
  return make_error(ErrorCode::internal, "storage_failed", "the database refused a statement: " + said);
}

class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(Link link) : link_(std::move(link)) {}

  Engine engine() const override { return Engine::postgresql; }

 protected:
  Result<Rows> run_checked(std::string_view sql, std::span<const Value> parameters) override {
    const auto name = prepare(sql, parameters.size());
    if (!name) return name.error();
    std::vector<std::string> numbers; // keeps the text of integers for the time of the call
    numbers.reserve(parameters.size());
    std::vector<const char*> values;
    for (const Value& value : parameters) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        values.push_back(text->c_str());
      } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
        numbers.push_back(std::to_string(*number));
        values.push_back(numbers.back().c_str());
      } else {
        values.push_back(nullptr);
      }
    }
    const Answer answer(PQexecPrepared(link_.get(), name->c_str(), static_cast<int>(values.size()),
                                       values.data(), nullptr, nullptr, 0));
    return rows_of(answer.get());
  }

 private:
  Error fail(const PGresult* answer) {
    const char* state = answer ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
    // An error without a state is libpq's own, not the server's: the link does not work, whatever PQstatus()
    // says yet.
    if (!state || PQstatus(link_.get()) != CONNECTION_OK) {
      Error lost =
          make_error(ErrorCode::busy, "storage_unavailable", "the connection to the database was lost", {},
                     "it is made again by itself; try again");
      mark_broken(lost);
      return lost;
    }
    const char* primary = answer ? PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    Error error = error_of(state, primary);
    if (error.reason == "storage_unavailable" || error.reason == "storage_corrupt") mark_broken(error);
    return error;
  }

  Result<std::string> prepare(std::string_view sql, std::size_t parameters) {
    if (const auto found = names_.find(sql); found != names_.end()) return found->second;
    std::string name = "s" + std::to_string(names_.size());
    const std::string numbered = number_placeholders(sql);
    const Answer answer(
        PQprepare(link_.get(), name.c_str(), numbered.c_str(), static_cast<int>(parameters), nullptr));
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return fail(answer.get());
    names_.emplace(std::string(sql), name);
    return name;
  }

  Result<Rows> rows_of(const PGresult* answer) {
    const ExecStatusType status = PQresultStatus(answer);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return fail(answer);
    Rows rows;
    const int columns = PQnfields(answer);
    for (int r = 0; r < PQntuples(answer); ++r) {
      Values values;
      for (int c = 0; c < columns; ++c)
        values.push_back(value_of(answer, r, c));
      rows.rows.emplace_back(std::move(values));
    }
    // libpq counts what SELECT gave here too; for us only changes count.
    const std::string_view affected = PQcmdTuples(const_cast<PGresult*>(answer));
    const std::string_view command = PQcmdStatus(const_cast<PGresult*>(answer));
    if (!command.starts_with("SELECT"))
      std::from_chars(affected.data(), affected.data() + affected.size(), rows.affected);
    return rows;
  }

  static Value value_of(const PGresult* answer, int row, int column) {
    if (PQgetisnull(answer, row, column)) return {};
    const char* text = PQgetvalue(answer, row, column);
    const auto length = static_cast<std::size_t>(PQgetlength(answer, row, column));
    // pg_type.h: bool is asked for nowhere; int2, int4, int8 and count(*) are 21, 23, 20; sum() of int8 is
    // numeric, 1700.
    constexpr std::array<Oid, 4> integers{20, 21, 23, 1700};
    for (const Oid integer : integers)
      if (PQftype(answer, column) == integer) {
        std::int64_t number = 0;
        std::from_chars(text, text + length, number);
        return number;
      }
    return std::string(text, length);
  }

  Link link_;
  std::map<std::string, std::string, std::less<>> names_;
};

} // namespace

Result<std::unique_ptr<Connection>> open_postgresql(const std::string& conninfo) {
  // Later words win in libpq, and an expanded dbname comes where it stands: what the administrator wrote is
  // kept, ours are defaults. Keepalives find a silent partition within about 11 s; a statement never takes
  // longer than 5 s.
  const std::array<const char*, 10> keywords{"connect_timeout",
                                             "keepalives_idle",
                                             "keepalives_interval",
                                             "keepalives_count",
                                             "tcp_user_timeout",
                                             "client_encoding",
                                             "application_name",
                                             "options",
                                             "dbname",
                                             nullptr};
  const std::array<const char*, 10> values{"5",
                                           "5",
                                           "2",
                                           "3",
                                           "10000",
                                           "UTF8",
                                           "viadux",
                                           "-c statement_timeout=5000 -c lock_timeout=3000",
                                           conninfo.c_str(),
                                           nullptr};
  Link link(PQconnectdbParams(keywords.data(), values.data(), 1));
  if (!link || PQstatus(link.get()) != CONNECTION_OK) {
    // libpq's text names host, port and reason, and the user, but no password.
    std::string said = link ? PQerrorMessage(link.get()) : "out of memory";
    while (!said.empty() && (said.back() == '\n' || said.back() == ' '))
      said.pop_back();
    return make_error(ErrorCode::busy, "storage_unavailable", "cannot connect to PostgreSQL: " + said, {},
                      "check store.url, and that the server runs and lets this user in");
  }
  PQsetNoticeProcessor(
      link.get(), [](void*, const char*) {}, nullptr);
  return std::unique_ptr<Connection>(std::make_unique<PostgresConnection>(std::move(link)));
}

} // namespace viadux::store
