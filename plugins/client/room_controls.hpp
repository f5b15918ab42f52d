// What hosts do to the whole meeting, and what anybody may ask about it.
#pragma once

#include "asked.hpp"

#include <viadux/documents/room.hpp>

namespace client {

class RoomControls {
 public:
  explicit RoomControls(State& state) : state_(state) {}
  void add_to(Actions& actions);

 private:
  using Response = viadux::Task<viadux::HttpResponse>;
  Response lock(Asked asked);
  Response unlock(Asked asked);
  Response mute_guests(Asked asked);
  Response unmute_guests(Asked asked);
  Response set_guests_can_unmute(Asked asked);
  Response disconnect(Asked asked);
  Response start_conference(Asked asked);
  Response clear_all_hands(Asked asked);
  Response dial(Asked asked);
  Response transform_layout(Asked asked);
  Response status(Asked asked);
  Response participants(Asked asked);
  Response layouts(Asked asked);
  Response layout_pictures(Asked asked);
  Response accepted(Asked asked);

  Response set(viadux::documents::SetRunning wanted);
  // A method of the core's that takes the room and who asks.
  Response steer(Asked asked, std::string_view method);

  State& state_;
};

} // namespace client
