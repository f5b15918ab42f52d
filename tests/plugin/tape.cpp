// A recorder and a player in one: taps all tracks of one room, counts what comes, and plays each into another
// room. tape.sh drives it in a real server, with synthetic participants on both sides.
#include <atomic>
#include <map>
#include <thread>
#include <viadux/documents/media.hpp>
#include <viadux/documents/room.hpp>
#include <viadux/http.hpp>
#include <viadux/media.hpp>
#include <viadux/plugin.hpp>

namespace documents = viadux::documents;

struct Told {
  std::int64_t packets = 0, bytes = 0, key_frames = 0, sounds = 0, gaps = 0, gaps_without_key = 0,
               backwards = 0, by_report = 0, ended = 0, wanted = 0, largest_batch = 0, refused = 0,
               first_without_key = 0;
  static constexpr auto fields() {
    return viadux::field_table(
        viadux::field("packets", &Told::packets, "Of all tracks."),
        viadux::field("bytes", &Told::bytes, "Of payload."),
        viadux::field("key_frames", &Told::key_frames, "Packets that begin one."),
        viadux::field("sounds", &Told::sounds, "Packets of sound."),
        viadux::field("gaps", &Told::gaps, "Times that packets were left out."),
        viadux::field("gaps_without_key", &Told::gaps_without_key,
                      "Of video, not followed by a key frame: none."),
        viadux::field("backwards", &Told::backwards,
                      "Times that a track's time went back over 100 ms: none."),
        viadux::field("by_report", &Told::by_report, "Packets timed by the sender's reports."),
        viadux::field("ended", &Told::ended, "Tracks."),
        viadux::field("wanted", &Told::wanted, "Sources, ever."),
        viadux::field("largest_batch", &Told::largest_batch, "Items."),
        viadux::field("refused", &Told::refused, "Writes."),
        viadux::field("first_without_key", &Told::first_without_key,
                      "Video that did not begin with a key frame: none."));
  }
};

class Tape final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{.id = "tape",
                                       .version = "1.0.0",
                                       .licence = "Apache-2.0",
                                       .help = "Taps one room and plays into another."};
  static constexpr std::array<std::string_view, 3> required{"viadux.http", "viadux.media", "viadux.rooms"};

  explicit Tape(viadux::Host host) : Plugin(host), http_(host), port_(host) {}
  ~Tape() override { end_thread(); }

  viadux::Task<viadux::Result<void>> start() override {
    for (const auto& route : {http_.route("POST", "/tape/copy/{from}/{to}", *this, &Tape::copy),
                              http_.route("POST", "/tape/sleep/{ms}", *this, &Tape::sleep),
                              http_.route("GET", "/tape/told", *this, &Tape::told)}) {
      if (!route) co_return route.error();
    }
    co_return viadux::Result<void>();
  }
  viadux::Task<viadux::Result<void>> stop() override {
    end_thread();
    port_.close();
    co_return viadux::Result<void>();
  }

 private:
  using Response = viadux::HttpResponse;
  struct Track {
    viadux::Handle source;
    bool video = false, begun = false;
    std::int64_t last_us = 0;
  };

  viadux::Task<Response> copy(viadux::HttpRequest request) {
    const auto copied =
        co_await start_copy(std::string(request.capture("from")), std::string(request.capture("to")));
    if (!copied) co_return Response::problem(viadux::http_status(copied.error().code), copied.error());
    co_return Response::empty(204);
  }

  viadux::Task<viadux::Result<documents::Admitted>> enter(std::string alias) {
    documents::Admit admit;
    admit.to.address = std::move(alias);
    admit.display_name = "tape";
    admit.kind = documents::ParticipantKind::service;
    admit.control_only = true;
    co_return co_await host().call<documents::Admitted>("viadux.rooms", "admit", admit);
  }

  viadux::Task<viadux::Result<void>> start_copy(std::string from, std::string to) {
    const auto listener = co_await enter(std::move(from));
    if (!listener) co_return listener.error();
    const auto player = co_await enter(std::move(to));
    if (!player) co_return player.error();
    documents::RunningRef room;
    room.room = listener->room;
    const auto list = co_await host().call<documents::RoomTracks>("viadux.media", "tracks", room);
    if (!list) co_return list.error();
    const auto opened = port_.open([this] { ring(); });
    if (!opened) co_return opened.error();
    for (const auto& entry : list->tracks) {
      const auto format = port_.tap(entry.track.id);
      if (!format) co_return format.error();
      const auto source = port_.source(player->participant, format->codec);
      if (!source) co_return source.error();
      tracks_[entry.track.id.value] = {*source, entry.track.kind == documents::MediaKind::video, false, 0};
      tapped_[source->value] = entry.track.id;
    }
    thread_ = std::thread([this] { run(); });
    co_return viadux::Result<void>();
  }

  viadux::Task<Response> sleep(viadux::HttpRequest request) {
    sleep_ms_ = std::atoi(std::string(request.capture("ms")).c_str());
    co_return Response::empty(204);
  }
  viadux::Task<Response> told(viadux::HttpRequest /*request*/) {
    const std::lock_guard lock(mutex_);
    co_return Response::json(200, told_);
  }

  // ---- the plugin's own thread, and what may be called from the host's

  void ring() {
    bell_.fetch_add(1);
    bell_.notify_one();
  }
  void end_thread() {
    stopping_ = true;
    ring();
    if (thread_.joinable()) thread_.join();
  }
  void run() {
    while (!stopping_) {
      const std::uint32_t heard = bell_.load();
      while (const viadux::Batch batch = port_.read())
        take(batch);
      if (const int ms = sleep_ms_.exchange(0); ms > 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(ms));
      else
        bell_.wait(heard);
    }
  }
  void take(const viadux::Batch& batch) {
    const std::lock_guard lock(mutex_);
    told_.largest_batch =
        std::max<std::int64_t>(told_.largest_batch, static_cast<std::int64_t>(batch.size()));
    std::vector<viadux_item> out;
    for (const viadux_item& item : batch) {
      switch (item.kind) {
      case VIADUX_PACKET:
        out.push_back(note(item));
        break;
      case VIADUX_TRACK_ENDED:
        ++told_.ended;
        break;
      case VIADUX_WANTED:
        ++told_.wanted;
        break;
      case VIADUX_KEY_FRAME_WANTED:
        port_.request_key_frame(tapped_[item.track]);
        break;
      default:
        break;
      }
    }
    if (!out.empty() && !port_.write(out)) ++told_.refused;
  }
  // Counts it, and gives it as a packet of the source.
  viadux_item note(viadux_item item) {
    Track& track = tracks_[item.track];
    const bool key = (item.flags & VIADUX_KEY_FRAME) != 0;
    ++told_.packets;
    told_.bytes += static_cast<std::int64_t>(item.payload.size);
    told_.key_frames += key;
    told_.sounds += !track.video;
    told_.by_report += (item.flags & VIADUX_BY_REPORT) != 0;
    if ((item.flags & VIADUX_AFTER_GAP) != 0) {
      ++told_.gaps;
      told_.gaps_without_key += track.video && !key;
    }
    constexpr std::int64_t first_report_us = 100'000; // may put its clock right by so much
    if (track.begun && item.media_us < track.last_us - first_report_us) ++told_.backwards;
    if (!track.begun && track.video && !key) ++told_.first_without_key;
    track.begun = true;
    track.last_us = item.media_us;
    item.track = track.source.value;
    item.media_us = host().now_us();
    return item;
  }

  viadux::Http http_;
  viadux::MediaPort port_;
  std::map<viadux_handle, Track> tracks_; // set before the thread begins
  std::map<viadux_handle, viadux::Handle> tapped_;
  std::atomic<std::uint32_t> bell_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<int> sleep_ms_{0};
  std::mutex mutex_;
  Told told_;
  std::thread thread_;
};

VIADUX_PLUGIN(Tape)
