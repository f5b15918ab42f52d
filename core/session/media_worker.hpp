// One worker thread's media: its sessions, the tracks that arrive here, replicas of tracks that arrive
// elsewhere.
#pragma once

#include "core/net/worker.hpp"
#include "core/router/fan_out.hpp"
#include "core/router/router.hpp"
#include "core/session/media_control.hpp"
#include "core/session/media_counters.hpp"
#include "core/session/session_plan.hpp"
#include "core/session/wishes.hpp"
#include "core/transport/ice_directory.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace viadux {

class ControlLoop;
class Session;
struct PortLink;

// What a worker tells the control thread; called there.
struct MediaWorkerEvents {
  std::function<void(SessionId)> connected;
  std::function<void(SessionId, const std::string& reason)> ended;
  std::function<void(TrackId, bool active)> track_active;
  std::function<void(const std::vector<AudioLevel>&)> levels;
};

// A track as another worker has to know it.
struct TrackAddress {
  TrackId track = 0;        // 0: none
  std::uint32_t worker = 0; // or the number of the TrackPort that gives it
  router::TrackConfig config;
  bool to_all = false; // rights to receive do not matter
};

class MediaWorker final : public TurnHook {
 public:
  MediaWorker(std::unique_ptr<Worker> worker, ControlLoop& loop, MediaWorkerEvents events,
              std::int64_t floor_bps);
  ~MediaWorker() override;
  MediaWorker(const MediaWorker&) = delete;
  MediaWorker& operator=(const MediaWorker&) = delete;

  // [control] Before start(): all workers, by index, this one too.
  void connect(std::vector<MediaWorker*> all);
  void start();
  void stop(); // ends all sessions, then the thread

  // [control] Each posts to the worker; false when its queue is full.
  bool add_session(std::shared_ptr<const SessionPlan> plan);
  bool update_session(std::shared_ptr<const SessionPlan> plan, bool ice_restart);
  bool close_session(SessionId session);
  bool set_rights(SessionId session, const MediaRights& rights);
  // `fill` beyond its track: how the slot counts.
  bool fill_slot(SessionId session, std::uint32_t slot, const TrackAddress& track, const SlotFill& fill);
  bool track_gone(TrackId track); // of another worker or a port
  bool add_port(std::shared_ptr<PortLink> link);
  bool remove_port(std::uint32_t port);
  bool take_for_port(const TrackAddress& track, std::uint32_t port); // its packets go to that port, too
  bool leave_for_port(TrackId track, std::uint32_t port);
  bool statistics(SessionId session, std::function<void(Result<std::string>)> done); // `done` on control
  void open_rtp_ports(PortRange range, IpAddress address, std::size_t count,
                      std::function<void(std::vector<RtpPort>)> done); // likewise

  // [any thread]
  Worker& worker() { return *worker_; }
  const Worker& worker() const { return *worker_; }
  const MediaCounters& counters() const { return counters_; }
  const IceDirectoryCounters& ice_counters() const { return directory_->counters(); }

  // [worker] For sessions.
  router::Router& router() { return router_; }
  IceDirectory& directory() { return *directory_; }
  MediaCounters& counting() { return counters_; }
  std::int64_t now_us() const { return worker_->now_us(); }
  std::int64_t floor_bps() const { return floor_bps_; }
  void add_track(TrackId id, router::Track& track);
  void remove_track(TrackId id);
  // The session has RTCP to send that cannot wait for its next tick.
  void urgent(Session& session);
  void session_connected(SessionId session);
  void session_ended(SessionId session, std::string reason);
  void track_active(TrackId track, bool active);
  // The track as subscriptions here can take it: our own, or a replica (made now). Null: gone.
  router::Track* acquire(const TrackAddress& address);
  void release(const TrackAddress& address);

  void on_turn_end() override;

 private:
  struct ReplicaEntry {
    std::unique_ptr<router::Replica> replica;
    std::uint32_t origin = 0;
    std::size_t uses = 0;
  };
  struct Link { // to and from one other worker
    MediaWorker* other = nullptr;
    std::unique_ptr<router::WorkerLink> out; // we are the origin; owned here
    std::unordered_map<TrackId, std::unique_ptr<router::FanOut>> fan_outs;
  };

  struct PortTap {
    TrackAddress held; // by acquire()
    std::unique_ptr<router::FanOut> fan_out;
  };
  struct Port { // to and from one port's thread
    std::shared_ptr<PortLink> link;
    std::unordered_map<TrackId, PortTap> taps;
    Wishes wishes;
    std::vector<TrackId> ended; // that wait for room, in order
  };

  void tick();
  void report_levels();
  void drain_links();
  void drain_ports();
  void publish_to_ports();
  void end_taps(TrackId track);
  void stop_tap(Port& port, TrackId track);
  router::Track* acquire_from_port(const TrackAddress& address);
  void drop(SessionId session);
  void drop_all();
  void start_fan_out(TrackId track, std::uint32_t to);
  void stop_fan_out(TrackId track, std::uint32_t to);
  router::WorkerLink& link_from(std::uint32_t origin);

  std::unique_ptr<Worker> worker_;
  ControlLoop& loop_;
  std::shared_ptr<const MediaWorkerEvents> events_; // tasks that are posted already outlive us
  const std::int64_t floor_bps_;
  MediaCounters counters_;
  std::unique_ptr<IceDirectory> directory_;
  router::Router router_;
  std::vector<Link> links_; // by worker index; our own entry is empty
  std::unordered_map<std::uint32_t, Port> ports_;
  std::unordered_map<SessionId, std::unique_ptr<Session>> sessions_;
  std::unordered_map<TrackId, router::Track*> tracks_;
  std::unordered_map<TrackId, ReplicaEntry> replicas_;
  std::vector<Session*> urgent_;
  std::vector<SessionId> ended_; // by themselves, in this turn
  std::unique_ptr<Timer> tick_timer_;
  std::uint32_t ticks_ = 0;
};

} // namespace viadux
