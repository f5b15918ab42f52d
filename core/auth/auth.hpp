// Checks who calls. One for the process; plugins reach it as `viadux.auth`. [control]
//
//   Result<Principal> who = auth.check(bearer_token(header), client_address);
//   if (!who || !who->may(PrincipalRole::operator_, room.organisation)) ...
#pragma once

#include "core/auth/failures.hpp"
#include "core/auth/principal.hpp"
#include "core/auth/token_repository.hpp"
#include "core/control/loop.hpp"
#include "core/log/secret.hpp"

namespace viadux {

// The credentials of an Authorization header of scheme Bearer (RFC 6750 section 2.1); "" when there are none.
std::string_view bearer_token(std::string_view authorization_header);

struct NewToken {
  PrincipalRole role = PrincipalRole::viewer;
  std::string organisation;     // "" is the whole server
  std::string label;            // what it is for: at most 200 bytes
  std::int64_t lifetime_ms = 0; // 0: for ever
};
struct CreatedToken {
  Secret token; // "vdx_" and 43 characters: 256 random bits. To be shown once; it can't be had again
  TokenRecord record;
};

class Auth {
 public:
  // The three live longer than this.
  Auth(ControlLoop& loop, TokenRepository& repository, std::shared_ptr<const Organisations> organisations);
  ~Auth();

  // Reads the tokens, and again every 30 s, since other nodes make and revoke some too.
  void start(std::function<void(Result<void>)> done);
  void set_organisations(std::shared_ptr<const Organisations> organisations) {
    organisations_ = std::move(organisations);
  }

  // Who this token belongs to. `source` is where it came from (an address), to slow those who guess. A right
  // token is always let in: at 256 bits nobody guesses one, and others behind the same address must not
  // suffer. Errors: refused with token_missing, token_unknown, token_expired, token_revoked; busy with
  // auth_slowed (the hint says for how long). Messages never hold the token.
  Result<Principal> check(std::string_view token, std::string_view source);

  // Errors: bad_argument (field says which: organisation, label, lifetime), what the repository says.
  void create(const NewToken& wanted, std::function<void(Result<CreatedToken>)> done);
  // Of an organisation and those below it; "" is all. Without hashes.
  std::vector<TokenRecord> list(std::string_view organisation) const;
  // In force here at once. not_found/token_unknown.
  void revoke(const std::string& id, std::function<void(Result<void>)> done);

  std::uint64_t failed() const { return failed_; } // wrong credentials
  std::uint64_t slowed() const { return slowed_; } // of those, answered auth_slowed

 private:
  void refresh(std::function<void(Result<void>)> done);
  void schedule_refresh();
  Error fail(std::string_view source, const char* reason, const char* message);

  ControlLoop& loop_;
  TokenRepository& repository_;
  std::shared_ptr<const Organisations> organisations_;
  std::unordered_map<std::string, TokenRecord> by_hash_;
  Failures failures_;
  TimerId timer_ = 0;
  std::uint64_t changes_ = 0; // tokens made or revoked here
  std::uint64_t failed_ = 0;
  std::uint64_t slowed_ = 0;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true); // callbacks of the repository may come after the end
};

} // namespace viadux
