// The viewing half of a peer: checks every packet against what its sender stamped on it, asks for what is
// missing and reports what came, at a browser's cadence.
#pragma once

#include "bench/client/event_loop.hpp"
#include "bench/client/ledger.hpp"
#include "bench/client/payload.hpp"
#include "bench/client/rtcp.hpp"
#include "bench/client/rtp.hpp"
#include "bench/client/sdp.hpp"
#include "bench/client/sound.hpp"

#include <bitset>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace viadux::bench {

// What one receiver has of one sending encoding.
struct ReceivedStream {
  static constexpr std::uint32_t remembered = 2048;
  std::uint32_t first = 0, highest = 0; // counters
  std::uint64_t unique = 0, in_window = 0, window_bytes = 0;
  std::int64_t first_us = 0, last_us = 0;
  std::bitset<remembered> seen;
  // Between the first and the highest counter; what the server left out on purpose counts, too.
  std::uint64_t holes() const { return std::uint64_t{highest} - first + 1 - unique; }
};

struct ReceiveSettings {
  unsigned compare_every = 16; // the whole pattern of every Nth packet; 1 is all
  bool nack = true;
  bool transport_cc = true;
  bool mixed = false; // the server makes what comes: it has no stamp, and sound is decoded
};

// What came of a mix within the window.
struct Heard {
  std::uint64_t packets = 0;
  std::uint64_t audible = 0;
  std::uint64_t pictures = 0; // packets of them
};

class Receiver {
 public:
  using SendRtcp =
      std::function<void(std::uint8_t* packet, std::size_t size)>; // with srtp_trailer bytes of room

  Receiver(EventLoop& loop, Ledger& ledger, const ReceiveSettings& settings, std::uint32_t own_ssrc,
           SendRtcp send);

  void configure(const std::vector<MediaLine>& lines); // the server's side of each line that we receive
  void on_rtp(Bytes packet, std::int64_t now_us);      // decrypted
  void on_sender_report(std::uint32_t ssrc, std::uint32_t middle_of_ntp, std::int64_t now_us);
  void send_feedback(std::int64_t now_us); // every 100 ms: transport-cc, and PLI until there is a key frame
  void send_reports(std::int64_t now_us);  // every second

  const std::unordered_map<std::uint32_t, ReceivedStream>& streams() const { return streams_; }
  const Heard& heard() const { return heard_; }
  std::uint32_t own_ssrc() const { return own_ssrc_; }

 private:
  struct Missing {
    std::uint16_t sequence;
    std::uint8_t tries;
    std::int64_t next_us;
  };
  struct Source { // one SSRC of the server's
    bool video = false, key_seen = false;
    std::uint32_t ssrc = 0, last_sr = 0;
    std::int64_t base = 0, highest = 0, last_sr_us = 0, last_pli_us = 0;
    std::uint64_t received = 0, reported_expected = 0, reported_received = 0;
    double jitter = 0;
    std::int64_t last_transit = 0;
    std::vector<Missing> missing;
  };
  struct Origin {
    bool video, rtx;
  };
  struct PayloadKind {
    bool known = false, video = false, rtx = false;
  };

  Source& source_for(const RtpHeader& header, bool video);
  void track_sequence(Source& source, const RtpHeader& header, std::int64_t now_us);
  void on_rtx(const RtpPacket& packet);
  void take_mixed(bool video, Bytes payload, std::int64_t now_us);
  void deliver(Source* source, Origin origin, Bytes payload, std::int64_t now_us);
  void count(const ReadPayload& read, Origin origin, std::size_t bytes, std::int64_t now_us);
  void send_nacks();
  void send(RtcpWriter& writer);
  static void forget_missing(Source& source, std::uint16_t sequence);

  Ledger& ledger_;
  ReceiveSettings settings_;
  std::uint32_t own_ssrc_;
  SendRtcp send_;
  std::array<PayloadKind, 128> kinds_{};
  std::uint8_t transport_cc_ = 0;
  std::map<std::uint32_t, std::uint32_t> rtx_to_main_;
  std::map<std::uint32_t, std::uint32_t> stream_to_ssrc_; // where a sender's stream last came from
  std::unordered_map<std::uint32_t, Source> sources_;
  std::unordered_map<std::uint32_t, ReceivedStream> streams_;
  TransportFeedback feedback_;
  std::uint32_t last_ssrc_ = 0;
  std::uint64_t packets_ = 0;
  std::unique_ptr<Ear> ear_;
  Heard heard_;
  Timer nack_timer_;
};

} // namespace viadux::bench
