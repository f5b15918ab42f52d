// Coming in and staying: request_token, refresh_token, release_token, and who comes back after a restart.
#pragma once

#include "state.hpp"

#include <viadux/documents/policy_hooks.hpp>
#include <viadux/http.hpp>

namespace client {

class Joining {
 public:
  explicit Joining(State& state) : state_(state) {}

  viadux::Task<viadux::HttpResponse> request_token(viadux::HttpRequest request);
  viadux::Task<viadux::HttpResponse> refresh_token(viadux::HttpRequest request);
  viadux::Task<viadux::HttpResponse> release_token(viadux::HttpRequest request);

  // Whose token a request carries; null where it is no good. Who is not here any more, but was, is taken in
  // again.
  viadux::Task<MemberRef> authenticate(viadux::HttpRequest request);
  // A token that takes a participant to another room, once. It opens no more than `pin` does there.
  std::string ticket(const Member& member, const std::string& address, viadux::documents::Role role,
                     const std::string& pin);
  // A token that brings somebody into a break-out of the meeting that `host` steers, once, as a guest.
  std::string invitation(const Member& host, const std::string& breakout);
  // A token that brings it back into its room as what it was, once, with routed or with direct media.
  std::string return_ticket(const Member& member, bool direct);
  // Asked when somebody has come, before it is told what it is.
  // `routed`: it comes back from direct media, for as long as that is not for it.
  std::function<void(Member&, const viadux::documents::MediaAnswer&, bool routed)> on_joined;
  // Its tokens count no more: here from the call on, after a restart once the task has ended.
  viadux::Task<void> revoke(const Member& member);
  // Its tokens of before make it no host after a restart, once the task has ended.
  viadux::Task<void> demote(const Member& member);
  // Participants whose token has run out, tickets that nobody used.
  void tick();
  void drain() { draining_ = true; }

  static std::string token_of(const viadux::HttpRequest& request);

 private:
  viadux::Task<MemberRef> revive(Claims claims, std::string source);
  viadux::Task<MemberRef> take_back(Claims claims, std::string source);
  viadux::Task<viadux::Result<viadux::documents::StoreEntry>> stored(std::string name);
  viadux::Task<void> store(viadux::documents::StoreEntry entry);
  viadux::Task<void> store_revocation(std::string uuid, std::int64_t until_ms);
  viadux::Task<viadux::HttpResponse> ask_for_pin(viadux::documents::Dialled to);
  viadux::Task<void> make_guest(Member& member);
  viadux::HttpResponse welcome(Member& member, const viadux::documents::MediaRules& rules);
  std::string issue(Member& member);
  void take_back_direct(Member& member);
  viadux::Json stun_json() const;
  std::string issue_ticket(Claims claims, std::int64_t lifetime_ms);
  viadux::Task<void> move_in(Member& member, std::string breakout);
  MemberRef add(const viadux::documents::Admitted& in, const Claims& claims, std::string source);
  viadux::Task<void> leave(viadux::Handle participant);
  bool is_revoked(const std::string& uuid) const { return revoked_.contains(uuid); }

  State& state_;
  AddressLimits joins_;
  std::unordered_map<std::string, std::int64_t> revoked_; // uuid -> until when its tokens could count
  std::unordered_map<std::string, std::int64_t> tickets_; // name -> until when
  std::unordered_map<std::string, int> reviving_;
  bool draining_ = false;
};

// {"version_id": ..., "pseudo_version": ...}
viadux::Json version_json();

} // namespace client
