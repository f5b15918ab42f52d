// The publishing half of a peer: VP8-like video in one or three encodings and Opus-like audio.
#pragma once

#include "bench/client/event_loop.hpp"
#include "bench/client/ledger.hpp"
#include "bench/client/payload.hpp"
#include "bench/client/rtcp.hpp"
#include "bench/client/rtp.hpp"
#include "bench/client/sdp.hpp"
#include "bench/client/sound.hpp"

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace viadux::bench {

struct PublishSettings {
  bool audio = true;
  bool video = true;
  bool simulcast = false;
  bool paced = false; // spread a frame's packets over most of its interval, as browsers do; else in one burst
  std::int64_t bitrate_bps = 1'500'000; // of the video, all layers together
  int fps = 30;
  int key_interval_s = 10;
  std::size_t packet_bytes = 1150; // the largest video payload
  std::size_t audio_bytes = 80;
  std::uint8_t audio_level = 30;                  // -dBov
  std::shared_ptr<const Speech> speech = nullptr; // real sound, which then has no stamp; its level counts
  bool hears = false;                             // on the line of its sound comes that of the others
};

class Sender {
 public:
  // Both take a buffer with srtp_trailer bytes of room behind `size`.
  using SendPacket = std::function<void(std::uint8_t* packet, std::size_t size)>;

  Sender(EventLoop& loop, Ledger& ledger, const PublishSettings& settings, std::uint32_t seed,
         SendPacket send_rtp, SendPacket send_rtcp);

  std::vector<OfferLine> offer_lines() const;
  // What the server agreed to, audio and video in the order of offer_lines().
  void configure(const std::vector<MediaLine>& answered);
  void start();
  void stop();

  void on_nack(std::uint32_t ssrc, std::uint16_t sequence);
  void on_key_frame_request(std::uint32_t ssrc);
  void on_remb(std::uint64_t bitrate_bps);
  void send_reports(std::int64_t now_us); // call it once a second

  const std::vector<std::uint32_t>& streams() const { return stream_ids_; } // ids in the ledger, audio first
  std::int64_t video_bitrate_bps() const { return allowed_bps_; }
  bool speaks() const { return settings_.speech && settings_.speech->voice; }

 private:
  struct Sent { // kept for retransmission
    RtpHeader header;
    std::vector<std::uint8_t> payload;
  };
  struct Encoding {
    std::uint32_t stream = 0, ssrc = 0, rtx_ssrc = 0;
    std::uint16_t sequence = 0, rtx_sequence = 0, picture_id = 0;
    std::uint32_t counter = 0, frame = 0, timestamp = 0, packets = 0, octets = 0;
    std::uint16_t width = 0, height = 0;
    std::int64_t target_bps = 0, bitrate_bps = 0, last_key_us = 0;
    bool key_wanted = true, taken = true; // taken: the answer has this layer
    std::string rid;
    std::vector<Sent> history;
  };
  struct Line {
    std::uint8_t payload_type = 0, rtx_payload_type = 0;
    std::uint8_t transport_cc = 0, mid_id = 0, rid_id = 0, repaired_rid_id = 0, level_id = 0;
    std::string mid;
    bool agreed = false;
  };
  struct Planned { // one packet of a frame, not yet sent
    std::size_t encoding;
    Vp8Layer layer;
    std::uint32_t timestamp, frame;
    std::size_t bytes;
    bool marker;
  };

  static Line line_from(const MediaLine& answered);
  void on_audio();
  void on_frame();
  void plan_frame(std::size_t index, std::int64_t now_us);
  void send_planned(const Planned& planned);
  void on_pace();
  void transmit(const Line& line, Encoding& encoding, const RtpHeader& header, Bytes payload, bool rtx);
  void account(Encoding& encoding, std::int64_t now_us, std::size_t bytes);
  void divide_bitrate();

  Ledger& ledger_;
  PublishSettings settings_;
  SendPacket send_rtp_, send_rtcp_;
  Line audio_line_, video_line_;
  Encoding audio_;
  std::vector<Encoding> video_; // the largest first
  std::vector<std::uint32_t> stream_ids_;
  std::uint16_t transport_sequence_ = 0;
  std::int64_t allowed_bps_ = 0;
  std::int64_t next_audio_us_ = 0, next_frame_us_ = 0, pace_step_us_ = 0, phase_us_ = 0;
  std::deque<Planned> planned_;
  Timer audio_timer_, frame_timer_, pace_timer_;
};

} // namespace viadux::bench
