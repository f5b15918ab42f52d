#include "core/auth/stored_tokens.hpp"

namespace viadux {

void StoredTokens::add(TokenRecord token, std::function<void(Result<void>)> done) {
  tokens_.add({std::move(token.id), std::move(token.hash), std::move(token.role),
               std::move(token.organisation), std::move(token.label), token.created_ms, token.expires_ms,
               token.revoked_ms},
              std::move(done));
}

void StoredTokens::list(std::function<void(Result<std::vector<TokenRecord>>)> done) {
  tokens_.list("", [done = std::move(done)](Result<std::vector<store::TokenRow>> rows) {
    if (!rows) return done(rows.error());
    std::vector<TokenRecord> tokens;
    tokens.reserve(rows->size());
    for (store::TokenRow& row : *rows) {
      tokens.push_back({std::move(row.id), std::move(row.hash), std::move(row.role),
                        std::move(row.organisation), std::move(row.label), row.created_ms, row.expires_ms,
                        row.revoked_ms});
    }
    done(std::move(tokens));
  });
}

void StoredTokens::revoke(std::string id, std::int64_t now_ms, std::function<void(Result<void>)> done) {
  tokens_.revoke(std::move(id), now_ms, std::move(done));
}

} // namespace viadux
