#include "core/store/token_repository.hpp"

namespace viadux::store {
namespace {

TokenRow token_of(const Row& row) {
  return {row.text(0), row.text(1),    row.text(2),    row.text(3),
          row.text(4), row.integer(5), row.integer(6), row.integer(7)};
}

Error unknown() {
  return make_error(ErrorCode::not_found, "token_unknown", "there is no such token");
}

} // namespace

void TokenRepository::add(TokenRow token, Done<void> done) {
  storage_.run<void>(
      [token = std::move(token)](Connection& connection) -> Result<void> {
        const auto added = connection.run(
            "INSERT INTO tokens (id, hash, role, organisation, label, created_ms, expires_ms, revoked_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            {Value(token.id), Value(token.hash), Value(token.role), Value(token.organisation),
             Value(token.label), Value(token.created_ms), Value(token.expires_ms), Value(token.revoked_ms)});
        if (!added) return added.error();
        if (added->rows.empty())
          return make_error(ErrorCode::refused, "token_exists", "there is a token of this name already",
                            "id");
        return {};
      },
      std::move(done));
}

void TokenRepository::find(std::string hash, Done<TokenRow> done) {
  storage_.run<TokenRow>(
      [hash = std::move(hash)](Connection& connection) -> Result<TokenRow> {
        const auto rows =
            connection.run("SELECT id, hash, role, organisation, label, created_ms, expires_ms, revoked_ms"
                           " FROM tokens WHERE hash = ?",
                           {Value(hash)});
        if (!rows) return rows.error();
        if (rows->rows.empty()) return unknown();
        return token_of(rows->rows.front());
      },
      std::move(done));
}

void TokenRepository::list(std::string organisation, Done<std::vector<TokenRow>> done) {
  storage_.run<std::vector<TokenRow>>(
      [organisation = std::move(organisation)](Connection& connection) -> Result<std::vector<TokenRow>> {
        const auto rows =
            connection.run("SELECT id, hash, role, organisation, label, created_ms, expires_ms, revoked_ms"
                           " FROM tokens WHERE organisation = ? OR ? = '' ORDER BY created_ms, id",
                           {Value(organisation), Value(organisation)});
        if (!rows) return rows.error();
        std::vector<TokenRow> tokens;
        for (const Row& row : rows->rows)
          tokens.push_back(token_of(row));
        return tokens;
      },
      std::move(done));
}

void TokenRepository::revoke(std::string id, std::int64_t now_ms, Done<void> done) {
  storage_.run<void>(
      [id = std::move(id), now_ms](Connection& connection) -> Result<void> {
        // The first time stays: a list tells since when it has not been usable.
        const auto revoked = connection.run(
            "UPDATE tokens SET revoked_ms = CASE WHEN revoked_ms = 0 THEN ? ELSE revoked_ms END WHERE id = ?",
            {Value(now_ms), Value(id)});
        if (!revoked) return revoked.error();
        if (revoked->affected == 0) return unknown();
        return {};
      },
      std::move(done));
}

} // namespace viadux::store
