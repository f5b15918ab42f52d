// What a wire script acts on: tracks, one slot, and the lines of what came out.
#pragma once

#include "core/router/router.hpp"
#include "core/router/subscription.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace viadux::wire {

// The words of a line.
using Words = std::vector<std::string>;

class Stage final : public router::Egress, public router::TrackSource {
 public:
  ~Stage() override;

  // Does what a line says. Returns an explanation if the line is no good.
  std::string act(const Words& words);
  // Ends the turn.
  void flush();
  // What came out since the last call, as lines of a script.
  std::vector<std::string> take_output();

  void send(std::span<const router::OutPacket> run) override;
  void retransmit(std::span<const router::OutPacket> run) override;
  void request_key_frame(router::Track& track, unsigned encoding) override;

 private:
  std::string make_track(const Words& words);
  std::string make_slot(const Words& words);
  std::string receive(const Words& words);
  std::string compose(const Words& words);
  router::EgressExtensions next_extensions();

  router::Router router_;
  std::map<std::uint64_t, std::unique_ptr<router::Track>> tracks_;
  std::unique_ptr<router::Subscription> slot_;
  std::optional<router::RtxStream> rtx_;
  rtp::ExtensionMap ids_;
  std::uint16_t transport_sequence_ = 1;
  std::int64_t now_us_ = 1'000'000;
  std::vector<std::string> output_;
};

} // namespace viadux::wire
