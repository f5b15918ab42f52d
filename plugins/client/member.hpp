// A participant that this plugin has brought, and all of them.
#pragma once

#include "feed.hpp"
#include "limits.hpp"
#include "token.hpp"
#include "uuid.hpp"

#include <map>
#include <memory>
#include <set>
#include <unordered_map>

namespace client {

// Something that happened once and stands in no state: chat, a transfer, a removal.
struct Happening {
  std::int64_t at_us = 0;
  std::shared_ptr<const std::string> text; // one for all who missed it
};

// An offer that was handed to the other one of two, until it is answered.
class Exchange {
 public:
  // Empty: there is no answer, and will be none.
  void settle(std::string answer) {
    if (answer_) return;
    answer_ = std::move(answer);
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }
  bool await_ready() const noexcept { return answer_.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
  std::string await_resume() const { return *answer_; }

 private:
  std::optional<std::string> answer_;
  std::coroutine_handle<> waiter_;
};

struct MediaCall {
  viadux::Handle session;
  CallKind kind = CallKind::main; // a second call brings the presentation, or shows it
  bool has_video = false;
  bool many_slots = false;
};

struct Member {
  static constexpr std::int64_t remembered_us = 60'000'000;
  static constexpr std::size_t most_remembered = 256;
  static constexpr std::size_t most_remembered_bytes = 256 * 1024;

  std::string uuid;
  viadux::Handle participant;
  viadux::Handle room;
  viadux::Handle home;             // the main room of where it is: that room itself, or its parent
  bool knows_breakouts = false;    // its client can look into several rooms
  std::set<std::string> breakouts; // that its client has been told of
  std::string address;             // as it stands in the path, lower case
  std::string http_host;
  std::string display_name;
  std::string call_tag;
  viadux::documents::Role role = viadux::documents::Role::guest;
  viadux::documents::Authenticated authenticated = viadux::documents::Authenticated::none;
  std::string source_address; // for the policy; never told
  bool waiting = false;       // in the lobby
  std::int64_t joined_ms = 0;
  std::int64_t expires_ms = 0; // of its newest token
  bool gone = false;
  std::int64_t gone_us = 0;

  std::map<std::string, MediaCall> calls; // by the client's name of it
  // Direct media (direct.hpp).
  bool wants_direct = false;         // its client can
  bool can_direct = false;           // and the policy lets it
  std::int64_t returns_until_us = 0; // it was told to come back to direct media, and has so long for that
  bool direct = false;               // it sends to the other one, not to us
  viadux::documents::Role direct_role = viadux::documents::Role::guest; // when that was granted
  std::string direct_call;                                              // its name; empty is none
  std::int64_t direct_since_us = 0;
  bool direct_asked = false;          // and has no answer yet
  bool linked = false;                // an offer has been answered
  std::shared_ptr<Exchange> exchange; // that waits for its answer
  bool video_muted_by_host = false;
  bool presented = false; // in the room that it is being moved from
  std::string overlay_text;
  std::string slots; // the event that says who is in which slot; empty without many slots
  Bucket bucket;
  Feed feed;
  std::deque<Happening> unwritten; // the last minute's
  std::size_t unwritten_bytes = 0;

  // Part of the state, which the next stream begins with anyway.
  void tell(std::string_view text) { (void)feed.write(text); }
  // Kept for the next stream where nobody reads now.
  void tell_once(std::shared_ptr<const std::string> text, std::int64_t now_us);
  void tell_once(std::string text, std::int64_t now_us) {
    tell_once(std::make_shared<const std::string>(std::move(text)), now_us);
  }
  void forget_old(std::int64_t now_us);
  void write_missed(std::int64_t now_us);
  bool has_video() const;
  // A host looks from the main room into its break-outs, wherever it is itself.
  bool oversees() const { return knows_breakouts && role == viadux::documents::Role::host && !waiting; }
  // The room that its client takes for the conference.
  viadux::Handle base() const { return oversees() ? home : room; }

 private:
  void forget_first();
};

using MemberRef = std::shared_ptr<Member>;

class Members {
 public:
  MemberRef find(const std::string& uuid) const;
  MemberRef of(viadux::Handle participant) const;
  void add(MemberRef member);
  // Forgets it at once.
  void remove(const Member& member);
  // Its handle is no longer good, but its stream may come back to read why.
  void let_go(Member& member, std::int64_t now_us);
  std::size_t size() const { return by_uuid_.size(); }
  std::vector<MemberRef> all() const; // a copy: it may change while one walks through it

  template <class Visit>
  void each(Visit visit) {
    for (const auto& [handle, member] : by_participant_)
      visit(*member);
  }

 private:
  std::unordered_map<std::string, MemberRef> by_uuid_;
  std::unordered_map<std::uint64_t, MemberRef> by_participant_;
};

} // namespace client
