// One media connection, whole on one worker: from the transport's packets to tracks, and from subscriptions
// to the transport. All of it is [worker].
#pragma once

#include "core/rtp/rtcp.hpp"
#include "core/rtp/transport_feedback.hpp"
#include "core/session/bandwidth.hpp"
#include "core/session/incoming.hpp"
#include "core/session/media_worker.hpp"
#include "core/session/outgoing.hpp"
#include "core/session/session_plan.hpp"

#include <memory>
#include <string>
#include <vector>

namespace viadux {

class Session final : public rtp::RtcpSink {
 public:
  Session(MediaWorker& worker, std::shared_ptr<const SessionPlan> plan);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  SessionId id() const { return plan_->session; }
  bool connected() const { return connected_; }

  // A later offer: lines added, directions changed, ICE restarted.
  void update(std::shared_ptr<const SessionPlan> plan, bool ice_restart);
  void set_rights(const MediaRights& rights);
  void fill_slot(std::uint32_t slot, const TrackAddress& track, const SlotFill& fill);
  // Says goodbye; nothing is called back afterwards.
  void close();

  // Every 20 ms: NACK, feedback, reports, the estimate, as each is due.
  void tick();
  // At the turn's end: key-frame requests that came up meanwhile.
  void send_urgent();
  // Appends what is audible here.
  void collect_levels(std::vector<AudioLevel>& levels);
  std::string statistics() const; // a JSON object

  // For incoming, outgoing and bandwidth.
  MediaWorker& worker() { return worker_; }
  const SessionPlan& plan() const { return *plan_; }
  const MediaRights& rights() const { return rights_; }
  Transport& transport(std::uint32_t index) { return *ports_[index]->transport; }
  std::size_t transports() const { return ports_.size(); }
  Transport& transport_of(const sdp::NegotiatedLine& line) { return transport(line.transport); }
  std::int64_t rtt_us() const;

  // RtcpSink
  void on_sender_report(const rtp::SenderReport& report) override;
  void on_report_blocks(std::uint32_t reporter, std::span<const rtp::ReportBlock> blocks) override;
  void on_bye(std::span<const std::uint32_t> ssrcs) override;
  void on_nack(std::uint32_t media_ssrc, std::span<const std::uint16_t> sequences) override;
  void on_pli(std::uint32_t media_ssrc) override;
  void on_fir(std::uint32_t media_ssrc, std::uint8_t command_sequence) override;
  void on_remb(std::uint64_t bitrate_bps, std::span<const std::uint32_t> ssrcs) override;
  void on_tmmbr(std::uint32_t sender, std::span<const rtp::TmmbrEntry> entries) override;
  void on_tmmbn(std::uint32_t sender, std::span<const rtp::TmmbrEntry> entries) override {
    incoming_.on_tmmbn(sender, entries);
  }
  void on_transport_feedback(std::uint32_t media_ssrc, std::span<const std::uint8_t> body) override;

 private:
  // A transport says who it is: one object for each.
  struct Port final : TransportListener {
    Port(Session& owner, std::uint32_t number) : session(owner), index(number) {}
    void on_connected() override { session.port_connected(); }
    void on_rtp(std::span<ReceivedPacket> batch) override { session.incoming_.on_rtp(batch, index); }
    void on_rtcp(std::span<const std::uint8_t> packet) override { session.received_rtcp(packet); }
    void on_closed(CloseReason reason) override { session.port_closed(reason); }
    Session& session;
    std::uint32_t index;        // in the plan
    std::uint16_t rtp_port = 0; // without ICE
    std::unique_ptr<Transport> transport;
  };

  void port_connected();
  void port_closed(CloseReason reason);
  void received_rtcp(std::span<const std::uint8_t> packet);
  std::unique_ptr<Port> make_port(std::uint32_t index);
  void update_ports(bool ice_restart);
  void build_slots();
  void apply_fill(OutgoingSlot& slot);
  OutgoingSlot* slot_by_ssrc(std::uint32_t ssrc);
  void send_reports();
  void count_transport();
  // Whether nothing has come for too long where the peer is to send and ICE's consent does not watch it.
  bool has_fallen_silent(std::int64_t now_us);

  MediaWorker& worker_;
  std::shared_ptr<const SessionPlan> plan_;
  MediaRights rights_;
  std::vector<std::unique_ptr<Port>> ports_;
  Incoming incoming_;
  std::vector<std::unique_ptr<OutgoingSlot>> slots_; // by line; null where we do not send
  Bandwidth bandwidth_;
  rtp::TransportFeedbackReader feedback_reader_;
  bool connected_ = false, closed_ = false;
  std::int64_t next_report_us_ = 0, next_nack_us_ = 0;
  std::int64_t report_rtt_us_ = 0;
  std::int64_t heard_us_ = 0, next_listen_us_ = 0;
  std::uint64_t heard_packets_ = 0;
  std::vector<TransportStats> counted_; // what of each transport is in the worker's counters already
};

} // namespace viadux
