// Access tokens. Only their hash is kept; what the hash is, the auth folder decides. [control]
#pragma once

#include "core/store/storage.hpp"

#include <string>
#include <vector>

namespace viadux::store {

struct TokenRow {
  std::string id;           // public name, shown in lists and used to revoke; unique
  std::string hash;         // what find() looks for; unique
  std::string role;         // viewer, operator, policy_writer, integrator
  std::string organisation; // code; it and those below it
  std::string label;        // who or what it is for, as the administrator wrote
  std::int64_t created_ms = 0;
  std::int64_t expires_ms = 0; // 0 is never
  std::int64_t revoked_ms = 0; // 0 is not
};

class TokenRepository {
 public:
  explicit TokenRepository(Storage& storage) : storage_(storage) {}

  // refused/token_exists when the id or the hash is taken.
  void add(TokenRow token, Done<void> done);
  // Also expired and revoked ones: the caller judges by its own clock. not_found/token_unknown.
  void find(std::string hash, Done<TokenRow> done);
  // Oldest first; an empty organisation lists all.
  void list(std::string organisation, Done<std::vector<TokenRow>> done);
  // A second time changes nothing and is no error. not_found/token_unknown.
  void revoke(std::string id, std::int64_t now_ms, Done<void> done);

 private:
  Storage& storage_;
};

} // namespace viadux::store
