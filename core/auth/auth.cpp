#include "core/auth/auth.hpp"

#include "core/auth/constant_time.hpp"
#include "core/auth/digest.hpp"
#include "core/log/log.hpp"

#include <algorithm>

namespace viadux {
namespace {

constexpr std::string_view token_prefix = "vdx_";
constexpr std::size_t token_bytes = 32;
constexpr std::size_t max_token = 256; // longer ones are not worth hashing
constexpr std::size_t max_label = 200;
constexpr std::int64_t max_lifetime_ms = 100LL * 365 * 86'400'000;
constexpr std::int64_t refresh_us = 30'000'000;

std::string hash_of(std::string_view token) {
  const Sha256 digest = sha256(token);
  return to_hex(digest.data(), digest.size());
}

Error wrong(const char* field, const char* reason, std::string message, std::string hint = {}) {
  return make_error(ErrorCode::bad_argument, reason, std::move(message), field, std::move(hint));
}

} // namespace

std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view scheme = "bearer";
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return {};
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if ((header[i] | 0x20) != scheme[i]) return {}; // RFC 9110 section 11.1: the scheme in any case
  }
  header.remove_prefix(scheme.size());
  while (header.starts_with(' '))
    header.remove_prefix(1);
  while (header.ends_with(' '))
    header.remove_suffix(1);
  return header;
}

Auth::Auth(ControlLoop& loop, TokenRepository& repository, std::shared_ptr<const Organisations> organisations)
    : loop_(loop), repository_(repository), organisations_(std::move(organisations)) {}

Auth::~Auth() {
  loop_.cancel(timer_);
}

void Auth::start(std::function<void(Result<void>)> done) {
  refresh(std::move(done));
  schedule_refresh();
}

void Auth::schedule_refresh() {
  timer_ = loop_.after(refresh_us, [this] {
    refresh([](const Result<void>& read) {
      if (!read) log_warning("auth", "tokens could not be read again", {{"reason", read.error().reason}});
    });
    schedule_refresh();
  });
}

void Auth::refresh(std::function<void(Result<void>)> done) {
  repository_.list([this, alive = std::weak_ptr(alive_), done = std::move(done),
                    changes = changes_](Result<std::vector<TokenRecord>> tokens) {
    if (alive.expired()) return;
    if (!tokens) return done(tokens.error());
    // A token made or revoked here since the question was asked may be missing in the answer: the next one
    // has it.
    if (changes != changes_) return done({});
    by_hash_.clear();
    for (TokenRecord& token : *tokens) {
      std::string hash = token.hash;
      by_hash_.emplace(std::move(hash), std::move(token));
    }
    done({});
  });
}

Error Auth::fail(std::string_view source, const char* reason, const char* message) {
  ++failed_;
  const std::int64_t delay_us = failures_.add(source, loop_.clock().now_us());
  if (delay_us > 0)
    log_warning("auth", "a source is slowed", {{"source", source}, {"delay_ms", delay_us / 1000}});
  return make_error(ErrorCode::refused, reason, message, "authorization");
}

Result<Principal> Auth::check(std::string_view token, std::string_view source) {
  if (token.empty()) {
    return make_error(ErrorCode::refused, "token_missing", "this needs a token", "authorization",
                      "send Authorization: Bearer vdx_...; viadux token new makes one");
  }
  const std::string hash = token.size() <= max_token ? hash_of(token) : std::string();
  const auto found = by_hash_.find(hash);
  const bool known = found != by_hash_.end() && constant_time_equal(found->second.hash, hash);
  const std::int64_t now_ms = loop_.clock().wall_ms();
  const bool expired = known && found->second.expires_ms != 0 && found->second.expires_ms <= now_ms;
  const std::optional<PrincipalRole> role = known ? principal_role_from(found->second.role) : std::nullopt;
  if (known && role && !expired && found->second.revoked_ms == 0) {
    const TokenRecord& record = found->second;
    return Principal{record.id, *role, record.organisation, record.label, organisations_};
  }
  if (const std::int64_t wait_us = failures_.wait_us(source, loop_.clock().now_us()); wait_us > 0) {
    ++failed_;
    ++slowed_;
    return make_error(ErrorCode::busy, "auth_slowed", "too many wrong tokens came from here", "authorization",
                      "try again in " + std::to_string((wait_us + 999'999) / 1'000'000) + " s");
  }
  if (known && found->second.revoked_ms != 0)
    return fail(source, "token_revoked", "this token has been revoked");
  if (expired) return fail(source, "token_expired", "this token has expired");
  return fail(source, "token_unknown", "this token is not known here");
}

void Auth::create(const NewToken& wanted, std::function<void(Result<CreatedToken>)> done) {
  const auto refuse = [&](Error error) { loop_.post([done, error = std::move(error)] { done(error); }); };
  if (!wanted.organisation.empty() &&
      (!organisations_ || organisations_->find(wanted.organisation) == nullptr)) {
    std::vector<std::string> codes;
    for (const Organisation* each :
         organisations_ ? organisations_->all() : std::vector<const Organisation*>()) {
      codes.push_back(each->code);
    }
    const auto near = nearest_name(wanted.organisation, codes);
    return refuse(wrong("organisation", "organisation_unknown",
                        "there is no organisation \"" + wanted.organisation + "\"",
                        near ? "did you mean \"" + *near + "\"?" : ""));
  }
  if (wanted.label.size() > max_label)
    return refuse(wrong("label", "label_too_long", "the label is over 200 bytes"));
  if (wanted.lifetime_ms < 0 || wanted.lifetime_ms > max_lifetime_ms) {
    return refuse(wrong("lifetime", "lifetime_out_of_range", "the lifetime is negative or over 100 years"));
  }
  const std::string token = std::string(token_prefix) + base64url(random_bytes(token_bytes));
  const std::string name = random_bytes(6);
  const std::int64_t now_ms = loop_.clock().wall_ms();
  const TokenRecord record{to_hex(reinterpret_cast<const std::uint8_t*>(name.data()), name.size()),
                           hash_of(token),
                           std::string(to_string(wanted.role)),
                           wanted.organisation,
                           wanted.label,
                           now_ms,
                           wanted.lifetime_ms == 0 ? 0 : now_ms + wanted.lifetime_ms,
                           0};
  repository_.add(record, [this, alive = std::weak_ptr(alive_), record, secret = Secret(token),
                           done = std::move(done)](const Result<void>& added) {
    if (!added) return done(added.error());
    if (!alive.expired()) {
      ++changes_;
      by_hash_.emplace(record.hash, record);
    }
    log_info("auth", "token made",
             {{"id", record.id}, {"role", record.role}, {"organisation", record.organisation}});
    done(CreatedToken{secret, record});
  });
}

std::vector<TokenRecord> Auth::list(std::string_view organisation) const {
  std::vector<TokenRecord> tokens;
  for (const auto& [hash, token] : by_hash_) {
    const bool within = organisation.empty() || (!token.organisation.empty() && organisations_ &&
                                                 organisations_->is_within(token.organisation, organisation));
    if (!within) continue;
    tokens.push_back(token);
    tokens.back().hash.clear();
  }
  std::ranges::sort(tokens, {},
                    [](const TokenRecord& token) { return std::pair(token.created_ms, token.id); });
  return tokens;
}

void Auth::revoke(const std::string& id, std::function<void(Result<void>)> done) {
  const std::int64_t now_ms = loop_.clock().wall_ms();
  for (auto& [hash, token] : by_hash_) {
    if (token.id != id || token.revoked_ms != 0) continue;
    token.revoked_ms = now_ms; // first here, in case the store takes its time
    ++changes_;
    log_info("auth", "token revoked", {{"id", id}});
  }
  repository_.revoke(id, now_ms,
                     [this, alive = std::weak_ptr(alive_), done = std::move(done)](Result<void> revoked) {
                       if (!alive.expired())
                         ++changes_; // an answer read before the store knew would bring it back
                       done(std::move(revoked));
                     });
}

} // namespace viadux
