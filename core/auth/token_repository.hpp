// Where tokens are kept. [control; `done` comes on the control thread, never from inside the call]
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

struct TokenRecord {
  std::string id;   // public name, unique
  std::string hash; // lower-case hex SHA-256 of the whole token; unique. The token itself is kept nowhere
  std::string role;
  std::string organisation; // "" is the whole server
  std::string label;
  std::int64_t created_ms = 0;
  std::int64_t expires_ms = 0; // 0: never
  std::int64_t revoked_ms = 0; // 0: not
};

class TokenRepository {
 public:
  virtual ~TokenRepository() = default;
  // refused/token_exists when the id or hash is taken.
  virtual void add(TokenRecord token, std::function<void(Result<void>)> done) = 0;
  // Oldest first, revoked and expired ones too.
  virtual void list(std::function<void(Result<std::vector<TokenRecord>>)> done) = 0;
  // A second time changes nothing. not_found/token_unknown.
  virtual void revoke(std::string id, std::int64_t now_ms, std::function<void(Result<void>)> done) = 0;
};

} // namespace viadux
