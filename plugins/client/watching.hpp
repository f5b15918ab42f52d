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
  void on_meeting_ended(viadux::Handle room);
  void on_message(viadux::Handle room, const viadux::documents::Message& message);
  void on_participant(const viadux::documents::Participant& participant);
  void on_left(const viadux::documents::Participant& participant);
  void update_member(const viadux::documents::Participant& participant);
  viadux::Task<void> resync();
  // False: it runs, and could not be read.
  viadux::Task<bool> read_room(viadux::Handle room);
  static std::int64_t read_page(const viadux::Json& state, Room& room);
  void put_out(Member& member, std::string_view words);

  State& state_;
  viadux::Events events_;
};

} // namespace client
