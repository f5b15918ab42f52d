// A session that publishes, fed with any RTP and RTCP, and another that watches what comes of it.
#include "session_stage.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static viadux::SessionStage stage;
  stage.open();
  viadux::for_each_datagram(data, size, [&](std::string_view packet) { stage.publish(packet); });
  stage.close();
  return 0;
}
