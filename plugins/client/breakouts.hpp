// Break-out rooms: hosts divide a meeting, move people, and call them back.
#pragma once

#include "asked.hpp"
#include "joining.hpp"
#include "requests.hpp"

namespace client {

class Breakouts {
 public:
  Breakouts(State& state, Joining& joining) : state_(state), joining_(joining) {}
  void add_to(Actions& actions);

 private:
  using Response = viadux::Task<viadux::HttpResponse>;
  Response breakouts(Asked asked); // POST breakouts, and the verbs for all of them
  Response create(Asked asked);
  Response message(Asked asked);
  Response empty(Asked asked);
  Response close_all(Asked asked);
  Response move(Asked asked); // POST participants/breakout
  Response leave(Asked asked);
  Response ask_for_help(Asked asked);
  Response need_no_help(Asked asked);
  Response guest_token(Asked asked);

  viadux::HttpResponse set_help(const Asked& asked, bool wanted);
  // Where somebody's client can look into several rooms and it is a host, it is asked to go; everybody else
  // is moved, with the media as it runs.
  viadux::Task<viadux::Result<void>> send(MemberRef by, std::string who, viadux::Handle to);
  void refer(Member& host, const Room& to, const Member& by);

  State& state_;
  Joining& joining_;
};

} // namespace client
