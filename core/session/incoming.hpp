// The receiving half of a session: which packet belongs to which track, what was lost, what we owe the
// sender. [worker]
#pragma once

#include "core/congestion/publisher_cap.hpp"
#include "core/router/track.hpp"
#include "core/rtp/audio_level.hpp"
#include "core/rtp/extensions.hpp"
#include "core/rtp/nack_generator.hpp"
#include "core/rtp/receive_statistics.hpp"
#include "core/rtp/rtcp_writer.hpp"
#include "core/rtp/transport_feedback.hpp"
#include "core/session/session_plan.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viadux {

class Session;

rtp::Codec to_codec(sdp::CodecId id);
rtp::ExtensionMap to_extension_map(const sdp::ExtensionIds& ids);
// What the router has to know of a line on which the peer sends.
router::TrackConfig track_config(TrackId id, const sdp::NegotiatedLine& line);

class Incoming final : public router::TrackSource {
 public:
  static constexpr std::size_t max_streams = 64; // SSRCs of one session

  explicit Incoming(Session& session) : session_(session) {}
  ~Incoming() override;

  // Makes tracks for the lines that have one in the plan, ends those that have none any more.
  void apply_plan();
  void on_rtp(std::span<ReceivedPacket> batch, std::uint32_t transport);
  void on_sender_report(const rtp::SenderReport& report, std::int64_t now_us);
  void on_bye(std::span<const std::uint32_t> ssrcs);
  void on_tmmbn(std::uint32_t sender, std::span<const rtp::TmmbrEntry> entries);

  void request_key_frame(router::Track& track, unsigned encoding) override;
  bool has_urgent() const { return urgent_; }
  void send_key_frame_requests();

  void send_nacks(std::int64_t now_us);
  void send_feedback(std::int64_t now_us);
  void send_cap(std::int64_t now_us);
  // At most 31 blocks about what arrives on this transport.
  std::size_t report_blocks(std::uint32_t transport, std::span<rtp::ReportBlock> out, std::int64_t now_us);
  void watch_activity(std::int64_t now_us);
  void collect_levels(std::vector<AudioLevel>& levels, std::int64_t now_us);
  void append_statistics(std::string& json, std::int64_t now_us) const;

 private:
  struct Line {
    std::uint32_t index = 0;
    TrackId id = 0;
    std::unique_ptr<router::Track> track;
    rtp::ExtensionMap extensions;
    rtp::Codec codec = rtp::Codec::unknown;
    std::uint8_t payload_type = 0;
    std::optional<std::uint8_t> rtx_payload_type;
    bool nack = false, pli = false, fir = false, remb = false, levels = false;
    bool tmmbr = false; // has nothing better
    std::int64_t tmmbr_told_bps = 0;
    bool tmmbr_held = false; // the sender has said that it holds to what it was told
    std::array<std::uint32_t, router::max_encodings> ssrcs{}; // by encoding, as they were seen
    std::array<bool, router::max_encodings> key_frame_wanted{};
    std::optional<rtp::LevelMeter> meter;
    std::optional<congestion::PublisherCap> cap; // video
    bool active = false;
  };
  struct Stream { // one SSRC
    std::uint32_t ssrc = 0;
    std::uint32_t line = 0; // index into lines_
    std::uint8_t encoding = 0;
    bool rtx = false;
    rtp::NackGenerator nack;
    rtp::ReceiveStatistics statistics;
    rtp::ClockOffset clock;
    explicit Stream(std::uint32_t clock_hz) : statistics(clock_hz) {}
  };

  Stream* find(std::uint32_t ssrc);
  Stream* latch(const rtp::PacketView& packet, const rtp::ExtensionValues& values, std::uint32_t transport);
  Line* line_of(const rtp::PacketView& packet, const rtp::ExtensionValues& values, std::uint32_t transport);
  Stream* media_stream(std::uint32_t line, std::uint8_t encoding);
  void on_packet(ReceivedPacket& packet, std::uint32_t transport);
  void on_media(Stream& stream, const rtp::PacketView& packet, const rtp::ExtensionValues& values,
                std::int64_t arrival_us);
  void on_retransmission(Stream& stream, const rtp::PacketView& packet, const rtp::ExtensionValues& values,
                         std::int64_t arrival_us);
  bool may_send(const Line& line) const;
  std::int64_t update_cap(Line& line, std::int64_t now_us) const;
  void send_tmmbr(Line& line, std::int64_t now_us);
  std::unique_ptr<Line> make_line(std::uint32_t index);

  Session& session_;
  std::vector<std::unique_ptr<Line>> lines_; // by line of the description; null where nothing comes
  std::vector<std::unique_ptr<Stream>> streams_;
  Stream* last_ = nullptr;
  rtp::ExtensionMap extensions_; // an id means the same on every line of a bundle (RFC 9143 section 9.1)
  rtp::TransportFeedbackWriter feedback_;
  std::uint32_t feedback_ssrc_ = 0;
  std::uint32_t feedback_transport_ = 0;
  std::int64_t next_feedback_us_ = 0, next_cap_us_ = 0, next_activity_us_ = 0;
  std::uint8_t fir_count_ = 0;
  bool urgent_ = false;
};

} // namespace viadux
