// Direct media: two people's clients send to each other, and this server carries only their offers and
// answers.
//
// Granted where both have asked for it, nobody else is in the room, both may do the same, and the
// organisation's policy agrees. The first comer's offer is put aside; the second one's goes to the first.
// Whatever ends one of these conditions sends both back to routed media: their clients come anew, by a token
// of ours.
#pragma once

#include "asked.hpp"
#include "joining.hpp"
#include "requests.hpp"

namespace client {

class Direct {
 public:
  Direct(State& state, Joining& joining) : state_(state), joining_(joining) {}

  // Of somebody who has just come and asked for it.
  viadux::Task<void> grant(MemberRef member);
  // After whatever happened in the room: are its conditions still true?
  void check(Room& room);

  using Response = viadux::Task<viadux::HttpResponse>;
  Response calls(MemberRef me, CallRequest request);
  Response update(MemberRef me, CallRequest request, std::string call);
  void candidate(Member& me, const CandidateRequest& request);
  void ack(Member& me, const AckRequest& request);
  // Its call has ended, or itself has left.
  void disconnect(Member& me);

 private:
  bool may_hold(const Room& room) const;
  MemberRef peer_of(const Member& me) const;
  void escalate(Member& member);
  // Whether it has media is in the roster; the core knows nothing of these calls.
  void set_call(Member& member, std::string call);
  viadux::Task<std::string> relay(MemberRef me, MemberRef to, std::string_view event, std::string sdp);
  viadux::Task<void> give_up(std::shared_ptr<Exchange> exchange);

  State& state_;
  Joining& joining_;
};

} // namespace client
