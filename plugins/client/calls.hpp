// Media calls of a participant: offer and answer, candidates, and who has the floor.
#pragma once

#include "asked.hpp"

namespace client {

struct CallOffer {
  std::string sdp;
  std::string present; // "", send, receive, main
  bool many_slots = false;
};

class Calls {
 public:
  explicit Calls(State& state) : state_(state) {}
  void add_to(Actions& actions);

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

  // In the room that the call is made in, from now on.
  viadux::Task<viadux::Result<void>> go_to(Asked asked);
  // The answer's SDP, or why there is none. What the call had before is closed.
  viadux::Task<viadux::Result<std::string>> open(MemberRef me, std::string call, CallOffer offer);
  viadux::Task<void> close(viadux::Handle session);
  // Of the core, which knows who may; the other clients are told of it here.
  viadux::Task<viadux::Result<void>> take(MemberRef me);
  viadux::Task<void> release(MemberRef me);
  void end_second_calls(Member& loser);
  // Of calls whose connection has ended by itself the names stay until then.
  viadux::Task<void> forget_ended(MemberRef me);

  State& state_;
};

} // namespace client
