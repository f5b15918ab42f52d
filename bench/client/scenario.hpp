// Who joins, for how long, and whether what arrived is what was sent.
#pragma once

#include "bench/client/peer.hpp"
#include "bench/client/report.hpp"
#include "bench/client/signalling.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viadux::bench {

struct ScenarioSettings {
  std::string kind = "fanout"; // fanout, room, pairs, joins, viewers, mixed
  int size = 10;
  double duration_s = 6;
  double warmup_s = 2;
  double drain_s = 0.7;             // for what is still on its way, and for repairs
  double stay_s = 1;                // joins: how long a visitor stays
  bool talk = false;                // joins: a visitor publishes, too
  int talkers = 1;                  // mixed: so many speak, the rest is silent
  std::vector<std::string> queries; // of WHEP addresses, one after another over those who watch
  int lanes = 8;                    // how many join at the same time
  std::string room_prefix = "bench-";
  int first_room = 1;
  double tolerate = 0; // which share of the expected packets may be missing
  std::string setup = "actpass";
  PublishSettings publish;
  ReceiveSettings receive;
  std::optional<LinkSettings> receive_link;
  std::optional<Candidate> via;
  std::vector<int> server_pids;
  std::uint32_t seed = 1;
};

class Scenario {
 public:
  Scenario(EventLoop& loop, DtlsContext& dtls, Signalling& signalling, ScenarioSettings settings);
  ~Scenario();

  Task<void> run(); // once
  const Report& report() const { return report_; }

 private:
  struct Member {
    std::string room;
    int room_index = 0;
    bool publishes = false, watches = false;
    std::unique_ptr<Peer> publisher, viewer;
    Joined publishing, watching;
    std::int64_t asked_us = 0; // when it asked to watch
  };
  using Step = Task<void> (Scenario::*)(Member&);

  void invite();
  std::unique_ptr<Peer> make_peer(bool publishes, int receive_lines);
  void speak(PublishSettings& publish);
  bool hears_where_it_publishes() const { return settings_.kind == "mixed" && signalling_.publishers_hear(); }
  Task<void> for_all(Step step);
  Task<void> lane(Step step, std::size_t begin, int* running);
  Task<void> publish(Member& member);
  Task<void> watch(Member& member);
  Task<void> leave(Member& member);
  Task<void> visit(Member& member);
  Task<bool> wait_connected(Peer& peer, std::int64_t asked_us, const char* what);
  Task<void> measure();
  Task<void> visits();
  void check_delivery();
  void check_mixes();
  void check_views();
  void check_visitor(const Member& member);
  void finish();
  void problem(const std::string& text);
  int sources_for(const Member& member) const;
  std::vector<const Member*> watched_by(const Member& member) const;

  EventLoop& loop_;
  DtlsContext& dtls_;
  Signalling& signalling_;
  ScenarioSettings settings_;
  Ledger ledger_;
  Histogram join_, first_picture_;
  std::vector<Member> members_;
  int speaking_ = 0; // mixed: talkers made so far
  std::shared_ptr<const Speech> silence_;
  std::uint32_t next_seed_;
  std::uint64_t more_problems_ = 0;
  int visitors_done_ = 0;
  int asked_ = 0; // who has asked to watch
  std::int64_t udp_drops_before_ = 0;
  Report report_;
};

} // namespace viadux::bench
