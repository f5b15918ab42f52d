// viadux/documents/breakout.hpp - interface "viadux.rooms": break-outs, the child rooms of a running room.
//
// A break-out runs until it is closed, its time is up, or its parent ends; it cannot be dialled. Participants
// are moved in and out with their live sessions (`move`, `leave_breakout`). It shares its parent's settings,
// but for waiting and locks.
#pragma once

#include <viadux/documents/steering.hpp>

namespace viadux::documents {

enum class BreakoutEnd : std::uint8_t { transfer, disconnect }; // its people come back, or leave

// What a break-out was made with.
struct Breakout {
  std::string description;
  BreakoutEnd end_action = BreakoutEnd::transfer;
  bool guests_may_leave = true;
  static constexpr auto fields() {
    return field_table(
        field("description", &Breakout::description, "For its people.").limit(256),
        field("end_action", &Breakout::end_action, "At its end, its people come back or leave."),
        field("guests_may_leave", &Breakout::guests_may_leave, "A guest may go back by itself."));
  }
};

// viadux.rooms create_breakout -> BreakoutRef. For hosts of the parent. busy/breakouts_full: 50 of a room.
struct CreateBreakout {
  Handle room;
  Handle by;
  std::string name;
  std::int64_t duration_s = 0;
  Breakout breakout;
  std::vector<Handle> participants;
  static constexpr auto fields() {
    return field_table(
        field("room", &CreateBreakout::room, "The parent, a running room.").required(),
        field("by", &CreateBreakout::by, "Who asks."),
        field("name", &CreateBreakout::name, "What people read.").required().limit(128),
        field("duration_s", &CreateBreakout::duration_s, "Until its end; 0 is as long as its parent.")
            .range(0, 86'400),
        field("breakout", &CreateBreakout::breakout, "How it behaves."),
        field("participants", &CreateBreakout::participants,
              "Moved into it, from the parent or its break-outs.")
            .limit(1024));
  }
};

// A break-out, named: viadux.rooms close_breakout -> Nothing. For hosts in it or in its parent.
struct BreakoutRef {
  Handle room;
  Handle by;
  static constexpr auto fields() {
    return field_table(field("room", &BreakoutRef::room, "The break-out's running room.").required(),
                       field("by", &BreakoutRef::by, "Who asks."));
  }
};

} // namespace viadux::documents

template <>
struct viadux::EnumNames<viadux::documents::BreakoutEnd> {
  static constexpr std::array<std::string_view, 2> names{"transfer", "disconnect"};
};
