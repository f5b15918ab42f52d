// Who sent what: senders and receivers are in one process, so what is missing is known exactly.
#pragma once

#include "bench/client/histogram.hpp"

#include <cstdint>
#include <deque>
#include <limits>

namespace viadux::bench {

// What is sent within [begin, end) is measured; it may arrive after the end.
struct Window {
  std::int64_t begin_us = std::numeric_limits<std::int64_t>::max();
  std::int64_t end_us = std::numeric_limits<std::int64_t>::max();
  bool contains(std::int64_t time_us) const { return time_us >= begin_us && time_us < end_us; }
};

struct SentStream { // one encoding of one publisher
  bool video = false;
  std::uint16_t height = 0;
  std::uint64_t packets = 0;
  std::uint64_t in_window = 0;
};

// Sums over all receivers.
struct Counters {
  std::uint64_t delivered = 0; // unique packets of the window
  std::uint64_t delivered_bytes = 0;
  std::uint64_t received = 0; // all, the window or not
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  std::uint64_t corrupt = 0;
  std::uint64_t compared = 0; // packets whose whole pattern was compared
  std::uint64_t auth_failed = 0;
  std::uint64_t malformed = 0;
  std::uint64_t dropped_on_purpose = 0;
  std::uint64_t nacked = 0;
  std::uint64_t rtx_received = 0; // with the padding-only probes
  std::uint64_t rtx_recovered = 0;
  std::uint64_t rtx_repeated = 0; // of packets that we had: probes for bandwidth, or asked for too early
  std::uint64_t plis_sent = 0;
  std::uint64_t key_frames = 0;
  std::uint64_t rtx_sent = 0; // by our senders, from here on
  std::uint64_t plis_received = 0;
  std::uint64_t rembs_received = 0;
  std::uint64_t feedback_received = 0;
  std::uint64_t send_failed = 0; // the socket's buffer was full
};

struct Ledger {
  Window window;
  std::deque<SentStream> streams; // by stream id; a deque so that references stay
  Counters counters;
  Histogram delay; // of the window's packets, publisher to viewer

  std::uint32_t add(bool video, std::uint16_t height) {
    streams.push_back({video, height, 0, 0});
    return static_cast<std::uint32_t>(streams.size() - 1);
  }
};

} // namespace viadux::bench
