// An engine on loopback with its workers' threads, a listener that writes everything down, and clients. The
// test's thread is the control thread and the clients' thread: until() turns them all.
#pragma once

#include "core/metrics/metrics.hpp"
#include "core/session/engine.hpp"
#include "pumped_loop.hpp"
#include "web_client.hpp"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace viadux {

struct RecordingMedia final : MediaListener {
  std::set<SessionId> connected;
  std::map<SessionId, std::string> closed;
  std::map<TrackId, bool> active;
  std::map<TrackId, std::vector<std::uint8_t>> levels;
  void on_session_connected(SessionId session) override { connected.insert(session); }
  void on_session_closed(SessionId session, const std::string& reason) override { closed[session] = reason; }
  void on_track_active(TrackId track, bool is_active) override { active[track] = is_active; }
  void on_audio_levels(std::span<const AudioLevel> heard) override {
    for (const AudioLevel& level : heard)
      levels[level.track].push_back(level.minus_dbov);
  }
};

// A client in its session.
struct Guest {
  explicit Guest(std::uint32_t seed) : client(seed) {}
  WebClient client;
  SessionAnswer answer;
  SessionId id() const { return answer.session; }
  // The track or slot of a media line; 0 or a failure where the answer has none.
  TrackId track(std::size_t line) const {
    for (const TrackInfo& info : answer.tracks)
      if (info.mid == client.answered().at(line).mid) return info.id;
    return 0;
  }
};

inline bench::OfferLine sends(const std::string& kind, std::vector<std::string> rids = {}) {
  return {kind, true, 0, 0, std::move(rids)};
}
inline bench::OfferLine receives(const std::string& kind) {
  return {kind, false, 0, 0, {}};
}

class House : public testing::Test {
 protected:
  explicit House(std::uint32_t workers = 1);
  ~House() override;

  // Another engine in place of the one that nobody has used yet.
  void restart(const std::function<void(EngineOptions&)>& change);

  // Turns everything until it holds; false after `seconds`.
  bool until(const std::function<bool()>& holds, int seconds = 15);
  // Turns everything for a while: only where something must NOT happen.
  void pass(int milliseconds);

  SessionRequest request(std::string offer, std::uint64_t room = 1) const;
  // Opens a session and waits until it is connected.
  Guest& join(const std::vector<bench::OfferLine>& lines, std::uint64_t room = 1);
  // The same in steps; several at once land on workers before their load is known.
  Guest& enter(const std::vector<bench::OfferLine>& lines, std::uint64_t room = 1);
  bool await_connection(const Guest& guest);
  void update(Guest& guest, const std::vector<bench::OfferLine>& lines);
  void fill(const Guest& to, std::uint32_t slot, TrackId track, std::uint8_t priority = 0);
  std::string statistics(SessionId session); // "" where gone
  // The number behind `"key":` after `from` in the statistics.
  double figure(SessionId session, const std::string& key);
  double metric(const std::string& series);

  virtual void on_turn() {}

  PumpedLoop loop_;
  Metrics metrics_;
  EngineOptions options_;
  RecordingMedia media_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::unique_ptr<Guest>> guests_;
  std::uint32_t seed_ = 1;

 private:
  void begin();
  void end();
};

class TwoWorkers : public House {
 protected:
  TwoWorkers() : House(2) {}
};

} // namespace viadux
