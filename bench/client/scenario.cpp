#include "bench/client/scenario.hpp"

#include "bench/client/process_usage.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace viadux::bench {
namespace {

constexpr std::int64_t poll_us = 2'000;
constexpr std::int64_t second_us = 1'000'000;
constexpr std::size_t problems_kept = 20;

std::int64_t us(double seconds) {
  return static_cast<std::int64_t>(seconds * second_us);
}

std::int64_t own_cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * second_us + time.tv_nsec / 1000;
}

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

} // namespace

Scenario::Scenario(EventLoop& loop, DtlsContext& dtls, Signalling& signalling, ScenarioSettings settings)
    : loop_(loop), dtls_(dtls), signalling_(signalling), settings_(std::move(settings)),
      next_seed_(settings_.seed * 1000) {}

Scenario::~Scenario() = default;

void Scenario::invite() {
  const auto add = [&](int room, bool publishes, bool watches) {
    auto& member = members_.emplace_back();
    member.room = settings_.room_prefix + std::to_string(settings_.first_room + room);
    member.room_index = room;
    member.publishes = publishes;
    member.watches = watches;
  };
  if (settings_.kind == "room" || settings_.kind == "mixed") {
    for (int i = 0; i < settings_.size; ++i)
      add(0, true, true);
  } else if (settings_.kind == "pairs") {
    for (int i = 0; i < settings_.size * 2; ++i)
      add(i / 2, true, true);
  } else { // fanout, joins, viewers
    if (settings_.kind != "viewers") add(0, true, false);
    for (int i = 0; i < settings_.size; ++i)
      add(0, settings_.kind == "joins" && settings_.talk, true);
  }
  report_.scenario = settings_.kind;
  report_.size = settings_.size;
}

std::vector<const Scenario::Member*> Scenario::watched_by(const Member& member) const {
  std::vector<const Member*> others;
  // Members are in the order of their rooms; joins and fanout have one room whose first member is watched.
  if (settings_.kind == "viewers") return {};
  if (settings_.kind == "fanout" || settings_.kind == "joins") return {&members_.front()};
  const auto per_room = static_cast<std::size_t>(settings_.kind == "pairs" ? 2 : settings_.size);
  const auto begin = static_cast<std::size_t>(member.room_index) * per_room;
  for (auto i = begin; i < begin + per_room; ++i)
    if (&members_[i] != &member) others.push_back(&members_[i]);
  return others;
}

int Scenario::sources_for(const Member& member) const {
  return settings_.kind == "viewers" ? 1 : static_cast<int>(watched_by(member).size());
}

std::unique_ptr<Peer> Scenario::make_peer(bool publishes, int receive_lines) {
  PeerSettings peer;
  peer.setup = settings_.setup;
  peer.receive = settings_.receive;
  peer.seed = next_seed_++;
  if (publishes) {
    peer.publish = settings_.publish;
    peer.publish->audio_level = static_cast<std::uint8_t>(20 + peer.seed % 40);
    if (settings_.kind == "mixed") speak(*peer.publish);
  } else {
    const int audio_lines = settings_.kind == "mixed" ? 1 : receive_lines;
    peer.receive_audio = settings_.publish.audio ? audio_lines : 0;
    peer.receive_video = settings_.publish.video ? receive_lines : 0;
    peer.receive_link = settings_.receive_link;
    peer.via = settings_.via;
  }
  return std::make_unique<Peer>(loop_, dtls_, ledger_, std::move(peer));
}

void Scenario::problem(const std::string& text) {
  if (report_.problems.size() < problems_kept)
    report_.problems.push_back(text);
  else
    ++more_problems_;
}

Task<bool> Scenario::wait_connected(Peer& peer, std::int64_t asked_us, const char* what) {
  while (peer.state() == Peer::State::checking || peer.state() == Peer::State::handshaking)
    co_await loop_.sleep_us(poll_us);
  if (peer.state() == Peer::State::connected) {
    join_.add(EventLoop::now_us() - asked_us);
    co_return true;
  }
  problem(std::string(what) + " did not connect: " + peer.failure());
  co_return false;
}

Task<void> Scenario::publish(Member& member) {
  if (!member.publishes || member.publisher) co_return;
  member.publisher = make_peer(true, 0);
  const auto asked_us = EventLoop::now_us();
  auto joined = co_await signalling_.publish(*member.publisher, member.room);
  if (!joined) {
    problem("publish: " + joined.error().message);
    co_return;
  }
  member.publishing = *joined;
  co_await wait_connected(*member.publisher, asked_us, "a publisher");
}

Task<void> Scenario::watch(Member& member) {
  if (!member.watches || hears_where_it_publishes()) co_return;
  member.viewer = make_peer(false, sources_for(member));
  Watch what;
  for (const auto* other : watched_by(member))
    what.participants.push_back(other->publishing.participant);
  what.except = member.publishing.participant;
  if (!settings_.queries.empty())
    what.query = settings_.queries[static_cast<std::size_t>(asked_++) % settings_.queries.size()];
  member.asked_us = EventLoop::now_us();
  auto joined = co_await signalling_.watch(*member.viewer, member.room, what);
  if (!joined) {
    problem("watch: " + joined.error().message);
    co_return;
  }
  member.watching = *joined;
  co_await wait_connected(*member.viewer, member.asked_us, "a viewer");
}

Task<void> Scenario::leave(Member& member) {
  for (auto* part : {&member.watching, &member.publishing}) {
    if (part->handle.empty()) continue;
    auto left = co_await signalling_.leave(*part);
    if (!left) problem("leave: " + left.error().message);
    part->handle.clear();
  }
  if (member.viewer) member.viewer->close();
  if (member.publisher) member.publisher->close();
}

Task<void> Scenario::lane(Step step, std::size_t begin, int* running) {
  for (auto i = begin; i < members_.size(); i += static_cast<std::size_t>(settings_.lanes))
    co_await (this->*step)(members_[i]);
  --*running;
}

Task<void> Scenario::for_all(Step step) {
  int running = settings_.lanes;
  for (int i = 0; i < settings_.lanes; ++i)
    spawn(lane(step, static_cast<std::size_t>(i), &running));
  while (running > 0)
    co_await loop_.sleep_us(poll_us);
}

Task<void> Scenario::run() {
  invite();
  report_.rss_before_kb = resident_kb(settings_.server_pids);
  udp_drops_before_ = udp_buffer_drops();
  const auto rooms = members_.back().room_index + 1;
  for (int room = 0; room < rooms; ++room) {
    auto prepared =
        co_await signalling_.prepare(settings_.room_prefix + std::to_string(settings_.first_room + room));
    if (!prepared) problem("room: " + prepared.error().message);
  }
  if (settings_.kind == "joins") {
    co_await visits();
  } else {
    std::fprintf(stderr, "%s %d: joining\n", settings_.kind.c_str(), settings_.size);
    co_await for_all(&Scenario::publish);
    if (report_.problems.empty()) co_await for_all(&Scenario::watch);
    if (report_.problems.empty()) co_await measure();
    co_await for_all(&Scenario::leave);
  }
  co_await loop_.sleep_us(us(1.5));
  report_.rss_after_kb = resident_kb(settings_.server_pids);
  finish();
}

Task<void> Scenario::measure() {
  ledger_.window.begin_us = EventLoop::now_us() + us(settings_.warmup_s);
  ledger_.window.end_us = ledger_.window.begin_us + us(settings_.duration_s);
  std::fprintf(stderr, "%s %d: measuring for %.0f s\n", settings_.kind.c_str(), settings_.size,
               settings_.duration_s);
  co_await loop_.sleep_us(us(settings_.warmup_s));
  report_.rss_joined_kb = resident_kb(settings_.server_pids);
  const auto server_before = cpu_time_us(settings_.server_pids);
  const auto client_before = own_cpu_us();
  const auto begun_us = EventLoop::now_us();
  while (EventLoop::now_us() < ledger_.window.end_us) {
    co_await loop_.sleep_us(std::min(second_us, ledger_.window.end_us - EventLoop::now_us()));
    if (!settings_.publish.video) continue;
    const auto viewer =
        std::ranges::find_if(members_, [](const Member& member) { return member.viewer != nullptr; });
    std::int64_t newest_us = 0;
    std::uint16_t height = 0;
    for (const auto& [id, stream] : viewer->viewer->receiver().streams()) {
      if (!ledger_.streams[id].video || stream.last_us < newest_us) continue;
      newest_us = stream.last_us;
      height = ledger_.streams[id].height;
    }
    report_.heights.push_back(height);
  }
  report_.server_cpu_us = cpu_time_us(settings_.server_pids) - server_before;
  report_.client_cpu_us = own_cpu_us() - client_before;
  report_.seconds = static_cast<double>(EventLoop::now_us() - begun_us) / second_us;
  co_await loop_.sleep_us(us(settings_.drain_s));
  if (settings_.kind == "mixed")
    check_mixes();
  else if (settings_.kind == "viewers")
    check_views();
  else
    check_delivery();
}

void Scenario::check_delivery() {
  for (const auto& member : members_) {
    for (const auto* peer : {member.publisher.get(), member.viewer.get()})
      if (peer != nullptr && peer->state() != Peer::State::connected)
        problem("a session ended: " + peer->failure());
    if (!member.viewer) continue;
    const auto& streams = member.viewer->receiver().streams();
    for (const auto* other : watched_by(member)) {
      for (const auto id : other->publisher->sender()->streams()) {
        const auto& sent = ledger_.streams[id];
        if (settings_.publish.simulcast && sent.video) continue; // which layer is the server's choice
        const auto found = streams.find(id);
        const auto got = found == streams.end() ? 0 : found->second.in_window;
        report_.expected += sent.in_window;
        report_.missing += sent.in_window - got;
      }
    }
  }
  const auto& counters = ledger_.counters;
  if (static_cast<double>(report_.missing) > settings_.tolerate * static_cast<double>(report_.expected))
    problem(number(report_.missing) + " of " + number(report_.expected) + " packets are missing");
  if (counters.delivered == 0) problem("nothing was delivered");
  for (const auto& member : members_)
    if (member.publisher) {
      report_.publisher_bps = member.publisher->sender()->video_bitrate_bps();
      break;
    }
}

Task<void> Scenario::visits() {
  co_await publish(members_.front());
  if (!report_.problems.empty()) co_return;
  ledger_.window.begin_us = EventLoop::now_us();
  co_await for_all(&Scenario::visit);
  ledger_.window.end_us = EventLoop::now_us();
  report_.seconds = static_cast<double>(ledger_.window.end_us - ledger_.window.begin_us) / second_us;
  co_await leave(members_.front());
}

Task<void> Scenario::visit(Member& member) {
  if (&member == &members_.front()) co_return;
  co_await publish(member);
  co_await watch(member);
  if (member.viewer->state() == Peer::State::connected) {
    co_await loop_.sleep_us(us(settings_.stay_s));
    check_visitor(member);
  }
  co_await leave(member);
  member.viewer.reset();
  member.publisher.reset();
  // The first tenth fills the server's caches and pools; growth counts from there.
  if (++visitors_done_ == std::max(1, settings_.size / 10))
    report_.rss_joined_kb = resident_kb(settings_.server_pids);
  if (visitors_done_ % 100 == 0) std::fprintf(stderr, "joins: %d of %d\n", visitors_done_, settings_.size);
}

void Scenario::check_visitor(const Member& member) {
  if (settings_.receive.mixed) {
    const Heard& heard = member.viewer->receiver().heard();
    report_.expected += heard.packets + heard.pictures;
    if (heard.packets == 0) problem("a visitor heard nothing");
    if (heard.pictures == 0) problem("a visitor saw nothing");
    return;
  }
  const auto& streams = member.viewer->receiver().streams();
  if (!settings_.talk) {
    for (const auto id : members_.front().publisher->sender()->streams())
      if (!streams.contains(id)) problem("a visitor got nothing of stream " + number(id));
  } else if (streams.empty()) {
    problem("a visitor got nothing");
  }
  // With talkers the server chooses whom to show, and may switch: only a lone source has no holes.
  if (settings_.talk) return;
  for (const auto& [id, stream] : streams) {
    if (ledger_.streams[id].video) first_picture_.add(stream.first_us - member.asked_us);
    report_.holes += stream.holes();
    report_.expected += stream.unique + stream.holes();
  }
}

void Scenario::finish() {
  auto& report = report_;
  report.counters = ledger_.counters;
  for (const auto& member : members_) {
    report.publishers += member.publisher || (member.publishes && settings_.kind == "joins") ? 1 : 0;
    report.receivers += member.watches ? 1 : 0;
    if (!member.publisher || !report.profile.empty()) continue;
    const auto profile = member.publisher->profile();
    if (profile == SrtpProfile::aead_aes_128_gcm) report.profile = "AEAD_AES_128_GCM";
    if (profile == SrtpProfile::aes128_cm_sha1_80) report.profile = "AES_CM_128_HMAC_SHA1_80";
  }
  const auto& counters = report.counters;
  if (counters.corrupt > 0) problem(number(counters.corrupt) + " packets were changed on the way");
  if (counters.auth_failed > 0)
    problem(number(counters.auth_failed) + " packets did not pass authentication");
  if (counters.malformed > 0) problem(number(counters.malformed) + " packets were malformed");
  if (static_cast<double>(report.holes) > settings_.tolerate * static_cast<double>(report.expected))
    problem(number(report.holes) + " packets are missing between the first and the last of a visit");
  if (more_problems_ > 0) report.problems.push_back("and " + number(more_problems_) + " more");
  report.delay_p50_us = ledger_.delay.percentile(0.5);
  report.delay_p99_us = ledger_.delay.percentile(0.99);
  report.delay_p999_us = ledger_.delay.percentile(0.999);
  report.join_p50_us = join_.percentile(0.5);
  report.join_p99_us = join_.percentile(0.99);
  report.first_picture_p50_us = first_picture_.percentile(0.5);
  report.first_picture_p99_us = first_picture_.percentile(0.99);
  report.buffer_drops = udp_buffer_drops() - udp_drops_before_;
  if (report.rss_after_kb == 0) report.rss_after_kb = resident_kb(settings_.server_pids);
}

} // namespace viadux::bench
