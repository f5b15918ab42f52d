// One event, in the words of those for whom its room is the conference, and of those who look into that room:
// break-outs' events are wrapped for hosts, so that one stream tells several rooms apart.
#pragma once

#include "roster.hpp"

namespace client {

enum class View : std::uint8_t { none, plain, wrapped };

inline View view_of(const Member& viewer, const Room& room) {
  if (viewer.base() == room.is.id) return View::plain;
  return viewer.oversees() && room.is_breakout() && room.is.parent == viewer.home ? View::wrapped
                                                                                  : View::none;
}

class Notice {
 public:
  Notice(const Room& room, std::string_view name, viadux::Json data)
      : room_(room), name_(name), data_(std::move(data)) {}

  // Written once for all who read it so. Not for View::none.
  const std::shared_ptr<const std::string>& as(View view);

 private:
  const Room& room_;
  const std::string_view name_;
  const viadux::Json data_;
  std::shared_ptr<const std::string> plain_, wrapped_;
};

} // namespace client
