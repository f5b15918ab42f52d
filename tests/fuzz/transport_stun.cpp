// A STUN message from anybody: parsed, checked, and given to an ICE agent.
#include "core/transport/ice_agent.hpp"
#include "core/transport/stun_message.hpp"

#include <array>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace viadux;
  const auto message = StunMessage::parse({data, size});
  if (!message) return 0;
  (void)message->integrity_matches("VOkJxbRl1RmTxUk/WvJxBt");
  IceAgent agent({"evtj", "VOkJxbRl1RmTxUk/WvJxBt"}, {"h6vY", ""}, 8, 0);
  std::array<std::uint8_t, max_packet_size> room;
  const Path path{1, {IpAddress::v4({127, 0, 0, 1}), 4000}, {}};
  const IceCheck check = agent.handle(*message, path, 1'000'000, room);
  // What we answer others must be able to read.
  if (!check.answer.empty() && !StunMessage::parse(check.answer)) std::abort();
  return 0;
}
