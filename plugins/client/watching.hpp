// Keeps State true to what happens in the core, and tells the streams of it.
#pragma once

#include "state.hpp"

#include <viadux/events.hpp>

namespace client {

class Watching {
 public:
  explicit Watching(State& state) : state_(state), events_(state.host) {}
  viadux::Result<void> start();

 private:
  void on_event(std::string_view text);
  void on_meeting(const viadux::documents::Meeting& meeting);
  void on_participant(const viadux::documents::Participant& participant);
  void on_left(const viadux::documents::Participant& participant);
  void update_member(const viadux::documents::Participant& participant);
  viadux::Task<void> resync();
  viadux::Task<void> read_room(viadux::Handle room);

  State& state_;
  viadux::Events events_;
};

} // namespace client
