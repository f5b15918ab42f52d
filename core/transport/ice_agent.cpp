#include "core/transport/ice_agent.hpp"

#include <algorithm>

namespace viadux {

namespace {
// Error answers a second at most: enough for a peer that made a mistake, of no use to anyone else.
constexpr int max_refusals = 10;
} // namespace

IceAgent::IceAgent(IceCredentials local, IceCredentials remote, std::size_t max_paths, std::int64_t now_us)
    : current_{std::move(local), std::move(remote)}, max_paths_(max_paths), last_valid_us_(now_us) {
  paths_.reserve(max_paths_);
}

void IceAgent::restart(IceCredentials local, IceCredentials remote) {
  // Two restarts without a nomination between them: the middle one never came to life.
  if (!previous_) previous_ = std::move(current_);
  current_ = {std::move(local), std::move(remote)};
  ++generation_;
}

// USERNAME is ours, a colon, the peer's (RFC 8445 7.2.2, 7.3). The peer's part is checked where we know it.
const IceAgent::Credentials* IceAgent::credentials_of(std::string_view username, unsigned& generation) const {
  const std::size_t colon = username.find(':');
  if (colon == username.npos) return nullptr;
  const auto matches = [&](const Credentials& credentials) {
    return username.substr(0, colon) == credentials.local.ufrag &&
           (credentials.remote.ufrag.empty() || username.substr(colon + 1) == credentials.remote.ufrag);
  };
  generation = generation_;
  if (matches(current_)) return &current_;
  generation = generation_ - 1;
  return previous_ && matches(*previous_) ? &*previous_ : nullptr;
}

IceCheck IceAgent::handle(const StunMessage& message, const Path& path, std::int64_t now_us,
                          std::span<std::uint8_t> room) {
  IceCheck check;
  // We send no requests, so no answer is for us; indications only keep NATs open (RFC 8445 11).
  if (message.type != StunClass::request || message.method != stun_binding) return check;
  if (!message.username || !message.has_integrity) { // RFC 8489 9.1.3
    check.answer = refuse(message, 400, "Bad Request", {}, now_us, room);
    return check;
  }
  unsigned generation = 0;
  const Credentials* const credentials = credentials_of(*message.username, generation);
  if (!credentials || !message.integrity_matches(credentials->local.pwd)) {
    check.answer = refuse(message, 401, "Unauthenticated", {}, now_us, room);
    return check;
  }
  const std::string& password = credentials->local.pwd;
  if (message.unknown_required_count > 0) {
    check.answer = refuse(message, 420, "Unknown Attribute", password, now_us, room);
    return check;
  }
  // A lite agent is controlled as long as its peer is a full one (RFC 8445 6.1.1) and never changes its mind.
  if (message.ice_controlled) {
    check.answer = refuse(message, 487, "Role Conflict", password, now_us, room);
    return check;
  }
  StunWriter answer(room, StunClass::success, stun_binding, message.transaction);
  answer.add_xor_mapped_address(path.remote);
  answer.add_integrity(password);
  answer.add_fingerprint();
  check.answer = answer.message();
  accept(message, path, generation, now_us, check);
  return check;
}

std::span<const std::uint8_t> IceAgent::refuse(const StunMessage& message, std::uint16_t code,
                                               std::string_view reason, std::string_view password,
                                               std::int64_t now_us, std::span<std::uint8_t> room) {
  if (now_us - refusals_since_us_ >= 1'000'000) {
    refusals_since_us_ = now_us;
    refusals_ = 0;
  }
  if (++refusals_ > max_refusals) return {};
  StunWriter answer(room, StunClass::error, stun_binding, message.transaction);
  answer.add_error(code, reason);
  if (code == 420)
    answer.add_unknown_attributes(std::span(message.unknown_required).first(message.unknown_required_count));
  if (!password.empty()) answer.add_integrity(password);
  answer.add_fingerprint();
  return answer.message();
}

void IceAgent::accept(const StunMessage& message, const Path& path, unsigned generation, std::int64_t now_us,
                      IceCheck& check) {
  check.valid = true;
  last_valid_us_ = now_us;
  std::size_t at = find(path);
  if (at == none && paths_.size() == max_paths_) { // the one that was silent for longest makes room
    at = selected_ == 0 ? 1 : 0;
    for (std::size_t i = 0; i < paths_.size(); ++i)
      if (i != selected_ && paths_[i].checked_us < paths_[at].checked_us) at = i;
    check.dropped.push_back(paths_[at].path);
    paths_[at].path = path;
  } else if (at == none) {
    at = paths_.size();
    paths_.push_back({path, now_us, generation});
  }
  paths_[at].checked_us = now_us;
  paths_[at].generation = generation;

  // Nothing moves media back to a pair of before a restart.
  const bool nominates = message.use_candidate && (!selected() || generation >= paths_[selected_].generation);
  if (nominates || selected_ == none) {
    check.selected_changed = selected_ != at;
    selected_ = at;
  }
  if (nominates && previous_ && generation == generation_) finish_restart(check);
}

void IceAgent::finish_restart(IceCheck& check) {
  check.restarted = true;
  check.retired_ufrag = previous_->local.ufrag;
  previous_.reset();
  const Path chosen = paths_[selected_].path;
  std::erase_if(paths_, [&](const ValidPath& valid) {
    if (valid.generation == generation_) return false;
    check.dropped.push_back(valid.path);
    return true;
  });
  selected_ = find(chosen);
}

bool IceAgent::forget(const Path& path) {
  const std::size_t at = find(path);
  if (at == none) return false;
  const bool was_selected = at == selected_;
  const Path chosen = selected() ? *selected() : Path{};
  paths_.erase(paths_.begin() + static_cast<std::ptrdiff_t>(at));
  selected_ = was_selected ? none : find(chosen);
  if (!was_selected) return false;
  for (std::size_t i = 0; i < paths_.size(); ++i)
    if (selected_ == none || paths_[i].checked_us > paths_[selected_].checked_us) selected_ = i;
  return true;
}

std::size_t IceAgent::find(const Path& path) const {
  for (std::size_t i = 0; i < paths_.size(); ++i)
    if (paths_[i].path == path) return i;
  return none;
}

bool IceAgent::knows(const Path& path) const {
  return find(path) != none;
}

std::vector<Path> IceAgent::paths() const {
  std::vector<Path> all;
  all.reserve(paths_.size());
  for (const ValidPath& valid : paths_)
    all.push_back(valid.path);
  return all;
}

std::vector<std::string> IceAgent::ufrags() const {
  std::vector<std::string> all{current_.local.ufrag};
  if (previous_) all.push_back(previous_->local.ufrag);
  return all;
}

} // namespace viadux
