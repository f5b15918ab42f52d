// Tokens in memory, for tests and for a server that runs without a store.
#pragma once

#include "core/auth/token_repository.hpp"
#include "core/control/loop.hpp"

namespace viadux {

class MemoryTokens final : public TokenRepository {
 public:
  explicit MemoryTokens(ControlLoop& loop) : loop_(loop) {}
  void add(TokenRecord token, std::function<void(Result<void>)> done) override;
  void list(std::function<void(Result<std::vector<TokenRecord>>)> done) override;
  void revoke(std::string id, std::int64_t now_ms, std::function<void(Result<void>)> done) override;

 private:
  ControlLoop& loop_;
  std::vector<TokenRecord> tokens_;
};

} // namespace viadux
