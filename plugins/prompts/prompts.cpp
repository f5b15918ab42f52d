// Says aloud what people in a meeting have to know: that it ends soon.
#include "ogg_opus.hpp"
#include "player.hpp"
#include "shipped_prompts.hpp"

#include <map>
#include <viadux/documents/events.hpp>
#include <viadux/documents/media.hpp>
#include <viadux/documents/room.hpp>
#include <viadux/documents/steering.hpp>
#include <viadux/events.hpp>
#include <viadux/plugin.hpp>

namespace prompts {

namespace documents = viadux::documents;
using viadux::Result;
using viadux::Task;

enum class Language : std::uint8_t { en, da };

} // namespace prompts

template <>
struct viadux::EnumNames<prompts::Language> {
  static constexpr std::array<std::string_view, 2> names{"en", "da"};
};

namespace prompts {

class Prompts final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{.id = "prompts",
                                       .version = "0.1.0",
                                       .licence = "Apache-2.0",
                                       .help = "Says aloud, and in the chat, that a meeting ends soon.",
                                       .status = viadux::Maturity::alpha};
  static constexpr std::array<std::string_view, 3> required{"viadux.rooms", "viadux.media", "viadux.events"};

  struct Settings {
    bool ending_soon = true;
    Language language = Language::en;
    static constexpr auto fields() {
      return viadux::key_table(
          viadux::key("ending_soon", &Settings::ending_soon, "Say it, where a meeting has an end.").live(),
          viadux::key("language", &Settings::language, "Of the recordings that come with the server.")
              .live());
    }
  } settings;
  struct Metrics {
    viadux::Counter said;
    static constexpr auto fields() {
      return viadux::metric_table(
          viadux::metric("said_total", &Metrics::said, "Prompts said, by whose recording.")
              .labels("recording"));
    }
  } metrics;

  explicit Prompts(viadux::Host host) : Plugin(host), events_(host), player_(host) {}

  Task<Result<void>> start() override {
    for (const auto& [language, bytes] :
         {std::pair(Language::en, shipped_en), std::pair(Language::da, shipped_da)}) {
      auto packets = read_ogg_opus(bytes);
      if (!packets) co_return packets.error();
      shipped_[language] = std::make_shared<const std::vector<std::string>>(std::move(packets).value());
    }
    if (const auto started = player_.start(); !started) co_return started.error();
    const auto subscribed = events_.subscribe("", [this](std::string_view text) { on_event(text); });
    if (!subscribed) co_return subscribed.error();
    co_return Result<void>();
  }

  Task<Result<void>> stop() override {
    player_.stop();
    co_return Result<void>();
  }

 private:
  void on_event(std::string_view text) {
    const auto event = viadux::read_document<documents::Event>(text);
    if (!event || event->type != "meeting_ending_soon" || !settings.ending_soon) return;
    documents::Meeting meeting;
    if (viadux::from_json(event->data, meeting)) host().spawn(announce(std::move(meeting)));
  }

  Task<void> announce(documents::Meeting meeting) {
    documents::RunningRef room;
    room.room = meeting.id;
    // Two who send to each other directly would be brought back to the server for it.
    const auto tracks = co_await host().call<documents::RoomTracks>("viadux.media", "tracks", room);
    if (!tracks || tracks->tracks.empty()) co_return;
    documents::OrganisationRef which;
    which.code = meeting.organisation;
    const auto organisation =
        co_await host().call<documents::OrganisationInfo>("viadux.rooms", "organisation_named", which);
    const auto speaker = co_await enter(meeting);
    if (!speaker) co_return;
    const auto track = player_.port().source(*speaker, VIADUX_OPUS);
    if (!track) co_return co_await leave(*speaker);
    Prompt prompt;
    if (organisation && !organisation->folders.empty())
      prompt.path = organisation->folders.front() + "/prompts/ending_soon.opus";
    prompt.shipped = shipped_.at(settings.language);
    prompt.track = *track;
    prompt.done = [this, speaker = *speaker](bool own) {
      (void)host().post([this, speaker, own] {
        metrics.said.add({own ? "own" : "shipped"});
        host().spawn(leave(speaker));
      });
    };
    player_.play(std::move(prompt));
    co_await write(*speaker, meeting.ends_ms);
  }

  // The same, for who does not hear it; where there is a chat.
  Task<void> write(viadux::Handle speaker, std::int64_t ends_ms) {
    const std::int64_t minutes = std::max<std::int64_t>((ends_ms - host().wall_ms() + 30'000) / 60'000, 1);
    const bool danish = settings.language == Language::da;
    const std::string number = std::to_string(minutes);
    documents::SendMessage message;
    message.from = speaker;
    message.payload = danish ? "Mødet slutter om " + number + (minutes == 1 ? " minut." : " minutter.")
                             : "This meeting ends in " + number + (minutes == 1 ? " minute." : " minutes.");
    (void)co_await host().call<viadux::Nothing>("viadux.rooms", "send_message", message); // refused: no chat
  }

  // As a service: it keeps no meeting alive, and no lock or host is waited for.
  Task<std::optional<viadux::Handle>> enter(documents::Meeting meeting) {
    documents::Admit admit;
    admit.to.address = meeting.alias;
    admit.room = meeting.id;
    admit.display_name = settings.language == Language::da ? "Besked" : "Announcement";
    admit.kind = documents::ParticipantKind::service;
    admit.proven_role = documents::Role::guest;
    admit.returning = true;
    admit.control_only = true;
    admit.rights = {true, false, false, false, false, false};
    const auto in = co_await host().call<documents::Admitted>("viadux.rooms", "admit", admit);
    if (!in) {
      host().log(viadux::LogLevel::warn, "prompt_not_let_in",
                 viadux::Json(viadux::Json::Object{{"reason", viadux::Json(in.error().reason)}}));
      co_return std::nullopt;
    }
    documents::Move move;
    move.participant = in->participant;
    move.room = meeting.id;
    const bool there = in->presence == documents::Presence::meeting &&
                       (in->room == meeting.id || co_await moved(std::move(move)));
    if (!there) {
      co_await leave(in->participant);
      co_return std::nullopt;
    }
    co_return in->participant;
  }
  Task<bool> moved(documents::Move move) {
    const auto done = co_await host().call<viadux::Nothing>("viadux.rooms", "move", move);
    co_return static_cast<bool>(done);
  }
  Task<void> leave(viadux::Handle participant) {
    documents::ParticipantRef who;
    who.participant = participant;
    (void)co_await host().call<viadux::Nothing>("viadux.rooms", "leave", who); // gone: the meeting has ended
  }

  viadux::Events events_;
  Player player_;
  std::map<Language, Packets> shipped_;
};

} // namespace prompts

VIADUX_PLUGIN(prompts::Prompts)
