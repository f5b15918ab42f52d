// What is done to one participant, by itself or by a host.
#pragma once

#include "asked.hpp"
#include "joining.hpp"

namespace client {

class PersonControls {
 public:
  PersonControls(State& state, Joining& joining) : state_(state), joining_(joining) {}
  void add_to(Actions& actions);

 private:
  using Response = viadux::Task<viadux::HttpResponse>;
  Response mute(Asked asked);
  Response unmute(Asked asked);
  Response video_mute(Asked asked);
  Response video_unmute(Asked asked);
  Response client_mute(Asked asked);
  Response client_unmute(Asked asked);
  Response raise_hand(Asked asked);
  Response lower_hand(Asked asked);
  Response spotlight_on(Asked asked);
  Response spotlight_off(Asked asked);
  Response let_in(Asked asked);
  Response disconnect(Asked asked);
  Response role(Asked asked);
  Response transfer(Asked asked);
  Response overlay_text(Asked asked);
  Response allow_presentation(Asked asked);
  Response deny_presentation(Asked asked);
  Response presentation_in_mix(Asked asked);
  Response channels(Asked asked);
  Response camera(Asked asked);
  Response dtmf(Asked asked);
  Response accepted(Asked asked);
  Response captions(Asked asked);

  Response set(viadux::documents::SetParticipant wanted);
  Response set_audio(Asked asked, bool muted);
  Response set_video(Asked asked, bool muted);
  Response set_spotlight(Asked asked, bool on);
  Response set_presentation(Asked asked, std::optional<bool> denied, std::optional<bool> in_mix);
  Response set_client_muted(Asked asked, bool muted);
  Response act(Asked asked, std::string_view method);
  // The participant that the path names, as it is now; null when it has left.
  Person* person(const Asked& asked);

  State& state_;
  Joining& joining_;
};

} // namespace client
