// Direct media: two people's clients send to each other, and this server carries only their offers and
// answers.
//
// Granted where both have asked for it, nobody else is in the room, both may do the same, and the
// organisation's policy agrees. The first comer's offer is put aside; the second one's goes to the first.
// Whatever ends one of these conditions sends both back to routed media: their clients come anew, by a token
// of ours. Once they have been true again for a while, both are brought back to direct media the same way.
#pragma once

#include "asked.hpp"
#include "joining.hpp"
#include "requests.hpp"

namespace client {

class Direct {
 public:
  Direct(State& state, Joining& joining) : state_(state), joining_(joining) {}

  // Of somebody who has just come, where it has asked for it.
  void grant(Member& member, const viadux::documents::MediaAnswer& policy, bool routed);
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
  // Where the two could send to each other but for having come with routed media.
  bool may_return(const Room& room) const;
  void consider_return(Room& room);
  viadux::Task<void> bring_back(viadux::Handle room, std::int64_t since_us);
  bool may_hold(const Room& room) const;
  MemberRef peer_of(const Member& me) const;
  void escalate(Member& member);
  void refer(Member& member, std::string_view screen, bool direct);
  // Whether it has media is in the roster; the core knows nothing of these calls.
  void set_call(Member& member, std::string call);
  viadux::Task<std::string> relay(MemberRef me, MemberRef to, std::string_view event, std::string sdp);
  viadux::Task<void> give_up(std::shared_ptr<Exchange> exchange);

  State& state_;
  Joining& joining_;
};

} // namespace client
