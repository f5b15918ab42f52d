// One publisher, one track, one viewer, and a road between them that may lose and delay.
#pragma once

#include "core/router/router.hpp"
#include "core/router/subscription.hpp"
#include "router/publisher.hpp"
#include "router/viewer.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace viadux::router::test {

// A publisher and its track, joined: key-frame requests reach the publisher at once.
class Stage final : public TrackSource {
 public:
  Stage(Router& router, const Vp8PublisherConfig& config)
      : publisher(config),
        track({.id = config.track, .codec = rtp::Codec::vp8, .encodings = config.encodings}, *this, router) {}

  void request_key_frame(Track&, unsigned encoding) override {
    ++requests;
    publisher.request_key_frame(encoding);
  }
  void deliver(const SentPart& part, std::int64_t now_us) {
    track.receive(part.encoding, part.view(), {}, now_us);
  }
  // Sender reports of all encodings.
  void report(std::int64_t now_us) {
    for (unsigned i = 0; i < track.encodings(); ++i) {
      track.on_sender_report(i, publisher.timestamp_at(i, now_us), now_us);
    }
  }

  unsigned requests = 0;
  Vp8Publisher publisher;
  Track track;
};

inline constexpr std::int64_t frame_us = 33'333;

inline SlotConfig vp8_slot() {
  return {.ssrc = 77,
          .formats = {{rtp::Codec::vp8, 100, 0}},
          .first_sequence = 65'530,
          .first_timestamp = 0xffff'fff0};
}

} // namespace viadux::router::test
