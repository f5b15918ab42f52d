// Where a request goes: what stands after /api/client/v2/conferences/<alias>/.
//
//   lock                                      action "lock"
//   participants/<p>/calls/<c>/ack            participant, call, action "ack"
//   breakouts/<b>/participants/<p>/mute       breakout, participant, action "mute"
//   theme/logo.png                            action "theme", rest "logo.png"
#pragma once

#include <string>
#include <string_view>

namespace client {

struct Target {
  std::string breakout;
  std::string participant;
  std::string call;
  std::string action; // "" stands for the thing itself: POST participants/<p>/calls has action "calls"
  std::string rest;
};

Target read_target(std::string_view path);

} // namespace client
