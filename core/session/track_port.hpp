// Where a thread that is no media worker takes and gives tracks: the mixer's codec threads, a plugin's taps
// and sources. The workers never wait for it; between the two are bounded rings, and what does not fit is
// dropped and counted.
//
//   control                                    the port's thread, as often as it likes (or when woken)
//   auto port = engine.open_port(wake);        port->poll(sink);           what has come since, in order
//   port->take(track);                         port->request_key_frame(track, 0);
//   TrackId mine = port->give({.codec = …});   port->send(mine, packet);   to whom it is wanted, no one else
//   engine.fill_slot(session, slot, {mine});   port->flush();              once per batch: now the workers
//   see it
//
// A given track is a track like any other: slots on every worker take it by its id, video begins at a key
// frame, and that receivers want one is told to the sink. [control] calls come from the control thread,
// [port] ones from one thread at a time; the two may run at once. A port ends before its engine.
#pragma once

#include "core/router/fan_out.hpp"
#include "core/session/media_control.hpp"
#include "core/session/track_demand.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

class Engine;
class MediaWorker;

// What poll() tells. [port]
class TrackPortSink {
 public:
  virtual ~TrackPortSink() = default;
  // A packet of a taken track, decrypted; the payload is valid during the call. `record.time_us` is its
  // arrival on the media clock; the flag `after_gap` says that packets before it found the ring full (video
  // then goes on with a key frame).
  virtual void on_packet(TrackId track, const router::ChannelRecord& record,
                         std::span<const std::uint8_t> payload) = 0;
  // The sender's clock: at `media_us` the encoding's RTP time was `timestamp` (RTCP SR).
  virtual void on_time(TrackId /*track*/, std::uint8_t /*encoding*/, std::uint32_t /*timestamp*/,
                       std::int64_t /*media_us*/) {}
  // A taken track is gone, after its last packet; leave() it no more.
  virtual void on_ended(TrackId track) = 0;
  // A given track has its first receiver, or has lost its last: nobody need encode what nobody gets.
  virtual void on_wanted(TrackId /*track*/, bool /*wanted*/) {}
  // Of a given track with encodings on demand (TrackConfig::on_demand_bps): a bit for each that somebody gets
  // or waits for.
  virtual void on_encodings_in_use(TrackId /*track*/, std::uint8_t /*encodings*/) {}
  // A receiver of a given video track needs a key frame. Merged: at most twice a second a worker.
  virtual void on_key_frame_wanted(TrackId /*track*/, std::uint8_t /*encoding*/) {}
};

// A packet of a given track. Sequence numbers rise by one, whoever receives; timestamps are in the codec's
// clock.
struct PortPacket {
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::int64_t media_us = 0; // now, on the media clock (Clock::now_us)
  bool marker = false;
  std::uint8_t minus_dbov = 127; // audio: RFC 6464 level, told to receivers
  std::uint8_t encoding = 0;
  std::span<const std::uint8_t> payload; // at most rtp::max_packet_size
};

// What wakes a port's thread: at most one call between two polls, whatever comes. The last one may come while
// the port ends, so `wake` owns what it touches.
class PortBell {
 public:
  explicit PortBell(std::function<void()> wake) : wake_(std::move(wake)) {}
  void ring() { // [any thread]
    if (wake_ && !rung_.load() && !rung_.exchange(true)) wake_();
  }
  void answer() { rung_.store(false); } // [port] before it looks
 private:
  const std::function<void()> wake_;
  std::atomic<bool> rung_{false};
};

// Between one worker and one port. Both hold it, so neither finds it gone.
struct PortLink {
  static constexpr std::size_t ring_bytes = 1U << 20; // 10 s of 50 voices, 0.4 s of 20 Mbit/s
  PortLink(std::uint32_t number, std::shared_ptr<PortBell> rings) : port(number), bell(std::move(rings)) {}
  const std::uint32_t port;
  const std::shared_ptr<PortBell> bell;
  router::WorkerLink to_port{router::PacketChannel(ring_bytes)};   // the worker is the origin
  router::WorkerLink to_worker{router::PacketChannel(ring_bytes)}; // the port is
};

class TrackPort {
 public:
  static constexpr std::uint32_t first_number = 1U << 16; // ports and workers share TrackAddress::worker
  static constexpr std::size_t max_commands = 65'536;     // give() refuses then

  // [control] After the port's thread has polled for the last time. Taken tracks are left, given ones
  // withdrawn.
  ~TrackPort();
  TrackPort(const TrackPort&) = delete;
  TrackPort& operator=(const TrackPort&) = delete;

  // [control] Answers what the track is. Errors: gone (there is no such track), busy.
  Result<router::TrackConfig> take(TrackId track);
  void leave(TrackId track); // some of its packets may still come
  // Makes a track whose origin is this port; `config.id` is filled in. Errors: busy, gone (the engine has
  // stopped).
  // `to_all`: something the house itself shows (a still), whatever the receiver may receive otherwise.
  Result<TrackId> give(router::TrackConfig config, bool to_all = false);
  void withdraw(TrackId track);

  // [port] Takes what has come, at most `limit` packets of each worker. True if more may be there.
  bool poll(TrackPortSink& sink, std::size_t limit = 4096);
  // Once may not be enough: ask again until a key frame comes.
  void request_key_frame(TrackId taken, std::uint8_t encoding);
  // False where nobody wants it (nothing is done then) or a ring was full (dropped, counted; video is not
  // resumed there before its next key frame, which the sink is asked for).
  bool send(TrackId given, const PortPacket& packet);
  void flush();

  std::uint32_t number() const { return number_; }
  std::uint64_t dropped() const {
    return dropped_.load(std::memory_order_relaxed);
  } // [any thread] of given tracks

 private:
  friend class Engine;
  struct Command {
    enum class Kind : std::uint8_t { give, withdraw, take, leave } kind = Kind::give;
    TrackId track = 0;
    std::uint32_t worker = 0; // take: where it arrives
    router::TrackConfig config;
  };
  struct Given {
    router::TrackConfig config;
    TrackDemand demand;
    std::vector<bool> broken; // by worker: video that waits for a key frame
  };

  TrackPort(Engine& engine, std::uint32_t number, std::vector<MediaWorker*> workers,
            std::function<void()> wake);
  bool order(Command command);
  void run_commands();
  static void tell(TrackId track, const TrackDemand::Change& change, TrackPortSink& sink);
  void on_feedback(const router::TrackFeedback& message, std::size_t worker, TrackPortSink& sink);
  bool send_to(std::size_t worker, Given& given, const router::ChannelRecord& record,
               std::span<const std::uint8_t> payload);

  Engine& engine_;
  const std::uint32_t number_;
  const std::shared_ptr<PortBell> bell_;
  const std::vector<MediaWorker*> workers_;
  std::vector<std::shared_ptr<PortLink>> links_;     // by worker
  std::unordered_map<TrackId, std::uint32_t> taken_; // [control] and on which worker
  std::vector<TrackId> given_ids_;                   // [control]
  // [control] Leaves that may still wait for room in a worker's queue; false calls one off.
  std::unordered_map<TrackId, std::shared_ptr<bool>> leaving_;

  std::mutex commands_mutex_; // held for a push or a swap only; workers never take it
  std::vector<Command> commands_;

  std::vector<Command> running_;                          // [port]
  std::unordered_map<TrackId, Given> given_;              // [port]
  std::unordered_map<TrackId, std::uint32_t> arrives_on_; // [port]
  std::atomic<std::uint64_t> dropped_{0};
};

} // namespace viadux
