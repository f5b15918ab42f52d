// Media calls of a participant: offer and answer, candidates, and who has the floor.
#pragma once

#include "direct.hpp"
#include "uuid.hpp"

namespace client {

struct CallOffer {
  std::string sdp;
  CallKind kind = CallKind::main;
  bool many_slots = false;
};

class Calls {
 public:
  Calls(State& state, Direct& direct) : state_(state), direct_(direct) {}
  void add_to(Actions& actions);
  // In the room where it is now, if nobody else does.
  void present_again(MemberRef me);

 private:
  using Response = viadux::Task<viadux::HttpResponse>;
  Response calls(Asked asked);
  Response candidate(Asked asked);
  Response ack(Asked asked);
  Response update(Asked asked);
  Response disconnect(Asked asked);
  Response take_floor(Asked asked);
  Response release_floor(Asked asked);
  Response statistics(Asked asked);
  Response figures(Asked asked);

  // In the room that the call is made in, from now on.
  viadux::Task<viadux::Result<void>> go_to(Asked asked);
  // Of a call that is not there (any more): it begins anew under its name.
  viadux::Task<viadux::Result<std::string>> reopen(MemberRef me, std::string call, CallRequest request);
  // The answer's SDP, or why there is none. What the call had before is closed.
  viadux::Task<viadux::Result<std::string>> open(MemberRef me, std::string call, CallOffer offer);
  viadux::Task<void> close(viadux::Handle session);
  // Of the core, which knows who may; the other clients are told of it here.
  viadux::Task<viadux::Result<void>> take(MemberRef me);
  viadux::Task<void> take_if_it_may(MemberRef me);
  viadux::Task<void> release(MemberRef me);
  void end_second_calls(Member& loser);
  // Of calls whose connection has ended by itself the names stay until then.
  viadux::Task<void> forget_ended(MemberRef me);

  State& state_;
  Direct& direct_;
};

} // namespace client
