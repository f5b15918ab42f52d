#include "core/store/connection.hpp"

namespace viadux::store {
namespace {

// RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF. PostgreSQL refuses all else,
// and SQLite would take it: judged here, both behave alike.
bool utf8_without_nul(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = p + text.size();
  const auto tail = [&](std::size_t i) { return p + i < end && (p[i] & 0xC0) == 0x80; };
  while (p < end) {
    const unsigned char c = *p;
    if (c == 0) return false;
    if (c < 0x80) {
      p += 1;
    } else if (c >= 0xC2 && c < 0xE0) {
      if (!tail(1)) return false;
      p += 2;
    } else if (c >= 0xE0 && c < 0xF0) {
      if (!tail(1) || !tail(2) || (c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] >= 0xA0)) return false;
      p += 3;
    } else if (c >= 0xF0 && c < 0xF5) {
      if (!tail(1) || !tail(2) || !tail(3) || (c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] >= 0x90))
        return false;
      p += 4;
    } else {
      return false;
    }
  }
  return true;
}

const std::string no_text;

Result<void> without_rows(const Result<Rows>& rows) {
  if (!rows) return rows.error();
  return {};
}

} // namespace

std::int64_t Row::integer(std::size_t column) const {
  const auto* value = std::get_if<std::int64_t>(&values_.at(column));
  return value ? *value : 0;
}

const std::string& Row::text(std::size_t column) const {
  const auto* value = std::get_if<std::string>(&values_.at(column));
  return value ? *value : no_text;
}

Result<Rows> Connection::run(std::string_view sql, std::span<const Value> parameters) {
  for (const Value& value : parameters)
    if (const auto* text = std::get_if<std::string>(&value); text && !utf8_without_nul(*text))
      return make_error(ErrorCode::bad_argument, "storage_text", "text is not UTF-8 or contains a NUL byte");
  return run_checked(sql, parameters);
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
  // SQLite: take the write lock now. A transaction that reads first and writes later may otherwise find that
  // another process has written in between, which no waiting cures.
  const Result<Rows> begun =
      connection.run(connection.engine() == Engine::sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
  if (begun)
    open_ = true;
  else
    begun_ = begun.error();
}

Transaction::~Transaction() {
  if (open_) static_cast<void>(connection_.run("ROLLBACK"));
}

Result<void> Transaction::commit() {
  open_ = false;
  Result<void> committed = without_rows(connection_.run("COMMIT"));
  if (!committed && !connection_.broken()) static_cast<void>(connection_.run("ROLLBACK"));
  return committed;
}

std::string number_placeholders(std::string_view sql) {
  std::string numbered;
  int number = 0;
  char quote = 0;
  for (const char c : sql) {
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '?') {
      numbered += '$' + std::to_string(++number);
      continue;
    }
    numbered += c;
  }
  return numbered;
}

} // namespace viadux::store
