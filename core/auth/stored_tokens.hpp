// Tokens in the store.
#pragma once

#include "core/auth/token_repository.hpp"
#include "core/store/token_repository.hpp"

namespace viadux {

class StoredTokens final : public TokenRepository {
 public:
  explicit StoredTokens(store::Storage& storage) : tokens_(storage) {}
  void add(TokenRecord token, std::function<void(Result<void>)> done) override;
  void list(std::function<void(Result<std::vector<TokenRecord>>)> done) override;
  void revoke(std::string id, std::int64_t now_ms, std::function<void(Result<void>)> done) override;

 private:
  store::TokenRepository tokens_;
};

} // namespace viadux
