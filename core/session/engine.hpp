// Media, as the control thread sees it: makes sessions from offers, spreads them over the workers, carries
// the director's decisions to them. The workers do the work (media_worker.hpp); between the two are only
// bounded queues.
#pragma once

#include "core/control/loop.hpp"
#include "core/metrics/metrics.hpp"
#include "core/net/worker.hpp"
#include "core/router/track.hpp"
#include "core/sdp/negotiate.hpp"
#include "core/session/media_control.hpp"
#include "core/session/session_plan.hpp"
#include "core/transport/certificate_store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace viadux {

class MediaWorker;
class TrackPort;
struct TrackAddress;

struct EngineOptions {
  std::uint32_t workers = 1;
  std::uint16_t base_port = 40000;         // worker i listens on base_port + i; 0 lets the kernel choose
  std::vector<IpAddress> addresses;        // to listen on and to offer; empty: all that are up
  std::vector<IpAddress> public_addresses; // 1:1 NAT: offered instead
  bool tcp = true;
  bool use_gso = true;
  PortRange rtp_ports{50000, 59999}; // of sessions without ICE
  std::int64_t start_bps = 600'000, floor_bps = 250'000;
  std::int64_t max_send_bps = 20'000'000, max_receive_bps = 4'000'000;
  std::uint8_t dscp_audio = 0, dscp_video = 0; // marks on what is sent; 0 is none
  std::int64_t ice_timeout_us = 30'000'000;
  std::int64_t rtp_timeout_us = 60'000'000; // of sessions without ICE
  std::uint32_t max_sessions = 10'000;
};

class Engine final : public MediaControl {
 public:
  // Opens the workers' sockets. Errors: as Worker::create().
  static Result<std::unique_ptr<Engine>> create(const EngineOptions& options, ControlLoop& loop,
                                                Metrics& metrics);
  ~Engine() override;

  // [control] Starts and ends the workers' threads; stop() closes every session first.
  void start();
  void stop();

  void set_listener(MediaListener* listener) override { listener_ = listener; }
  Result<SessionAnswer> open(const SessionRequest& request) override;
  Result<SessionAnswer> offer(const SessionRequest& request, std::span<const OfferedLine> lines) override;
  Result<SessionAnswer> accept(SessionId session, const std::string& answer) override;
  Result<SessionAnswer> update(SessionId session, const std::string& offer) override;
  Result<void> add_candidates(SessionId session, const std::string& fragment) override;
  Result<void> set_rights(SessionId session, const MediaRights& rights) override;
  Result<void> fill_slot(SessionId session, std::uint32_t slot, const SlotFill& fill) override;
  Result<void> close(SessionId session) override;

  // For a thread of yours that takes and gives tracks. `wake` (may be empty: who looks by the clock needs
  // none) is called from any thread when there is something to poll, must not block, and owns what it
  // touches. Errors: busy.
  Result<std::unique_ptr<TrackPort>> open_port(std::function<void()> wake);

  // Counters of one session as a JSON object; `done` comes on the control thread, with `gone` when it has
  // ended.
  void statistics(SessionId session, std::function<void(Result<std::string>)> done);
  std::size_t sessions() const { return sessions_.size(); }
  std::uint16_t port(std::uint32_t worker) const;

 private:
  friend class MediaWorker;
  friend class TrackPort;
  struct Record {
    std::uint32_t worker = 0;
    std::uint64_t room = 0;
    SessionRequest request; // the offer is not kept
    sdp::Negotiated negotiated;
    IceCredentials ice;
    std::shared_ptr<const Certificate> certificate;
    std::vector<TrackId> tracks; // by line
    std::vector<sdp::LocalSource> sources;
    std::uint32_t rtcp_ssrc = 0;
    std::string cname;
    std::vector<RtpPort> rtp_ports;                 // without ICE, by line; port 0 is none
    std::optional<sdp::SessionDescription> offered; // ours, waiting for its answer: no worker knows of it yet
  };
  // What we have to know of a line, whoever offers it.
  struct Line {
    sdp::Kind kind = sdp::Kind::audio;
    sdp::Content content = sdp::Content::main;
    bool rejected = false;
  };
  struct TrackRecord {
    SessionId session = 0; // 0: given by a port
    std::uint32_t line = 0;
    std::uint32_t port = 0;
    router::TrackConfig config; // of a port's
    bool to_all = false;        // likewise
  };
  struct WorkerRecord {
    std::unique_ptr<MediaWorker> media;
    std::uint32_t sessions = 0;
    std::int64_t cpu_us = 0, cpu_read_at_us = 0;
    double load = 0; // of one core, over the last second
    std::vector<RtpPort> spare_ports;
    bool refilling = false;
  };

  Engine(const EngineOptions& options, ControlLoop& loop);
  std::uint32_t choose_worker(std::uint64_t room) const;
  void measure_load();
  void refill_ports(std::uint32_t worker);
  Result<Record> make_record(const SessionRequest& request);
  void keep(SessionId id, Record record);
  Result<SessionAnswer> negotiate(SessionId id, Record& record, const std::string& offer, bool first);
  Result<std::string> write_offer(Record& record, std::span<const OfferedLine> lines);
  Result<SessionAnswer> negotiate_answer(SessionId id, Record& record, const std::string& answer);
  // What both ways come to: tracks, transports, and the worker's order.
  Result<void> conclude(SessionId id, Record& record, sdp::Negotiated agreed, bool first, bool restarted);
  // The codecs of what we offer and answer, the preferred one first.
  static void choose_codecs(const SessionRequest& request, sdp::LocalCapabilities& local);
  Result<sdp::LocalCapabilities> capabilities(Record& record, std::span<const Line> lines, bool ice);
  Result<void> lend_port(Record& record, std::size_t line);
  Result<std::vector<TransportConfig>> transport_configs(const Record& record) const;
  SessionAnswer describe(SessionId id, const Record& record) const;
  std::shared_ptr<SessionPlan> plan(SessionId id, const Record& record,
                                    std::vector<TransportConfig> transports) const;
  // After a negotiation. `before`: what the session had until then.
  void settle_tracks(SessionId id, const Record& record, std::span<const TrackId> before);
  void settle_ports(Record& record, std::span<const RtpPort> before, bool agreed);
  void forget(SessionId id);
  void forget_track(TrackId track, std::uint32_t origin);
  std::optional<TrackAddress> address_of(TrackId track) const;
  // Until the worker's queue takes it, as what must not be left undone.
  void insist(std::function<bool()> attempt);
  // [control] What the workers tell.
  void session_connected(SessionId id);
  void session_ended(SessionId id, const std::string& reason);
  void track_active(TrackId track, bool active);
  void collect(MetricSink& sink) const;

  EngineOptions options_;
  ControlLoop& loop_;
  MediaListener* listener_ = nullptr;
  std::unique_ptr<CertificateStore> certificates_;
  std::vector<WorkerRecord> workers_;
  std::unordered_map<SessionId, Record> sessions_;
  std::unordered_map<TrackId, TrackRecord> tracks_;
  std::map<std::uint64_t, std::map<std::uint32_t, std::uint32_t>> room_workers_; // room -> worker -> sessions
  SessionId last_session_ = 0;
  TrackId last_track_ = 0;
  std::uint32_t ports_opened_ = 0;
  TimerId load_timer_ = 0;
  bool stopping_ = false;
  std::map<std::string, std::uint64_t> ended_; // by reason
  std::uint64_t opened_ = 0, refused_ = 0, other_sound_ = 0;
  Metrics* metrics_ = nullptr;
  CollectorId collector_ = 0;
  std::shared_ptr<Engine*> self_ = std::make_shared<Engine*>(this);
};

} // namespace viadux
