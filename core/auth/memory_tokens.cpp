#include "core/auth/memory_tokens.hpp"

#include <algorithm>

namespace viadux {

void MemoryTokens::add(TokenRecord token, std::function<void(Result<void>)> done) {
  const bool taken = std::ranges::any_of(
      tokens_, [&](const TokenRecord& other) { return other.id == token.id || other.hash == token.hash; });
  Result<void> result;
  if (taken) {
    result = make_error(ErrorCode::refused, "token_exists", "a token with this name exists");
  } else {
    tokens_.push_back(std::move(token));
  }
  loop_.post([done = std::move(done), result] { done(result); });
}

void MemoryTokens::list(std::function<void(Result<std::vector<TokenRecord>>)> done) {
  loop_.post([done = std::move(done), tokens = tokens_] { done(tokens); });
}

void MemoryTokens::revoke(std::string id, std::int64_t now_ms, std::function<void(Result<void>)> done) {
  const auto found = std::ranges::find(tokens_, id, &TokenRecord::id);
  Result<void> result;
  if (found == tokens_.end()) {
    result = make_error(ErrorCode::not_found, "token_unknown", "there is no such token", "id");
  } else if (found->revoked_ms == 0) {
    found->revoked_ms = now_ms;
  }
  loop_.post([done = std::move(done), result] { done(result); });
}

} // namespace viadux
