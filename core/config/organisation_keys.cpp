// The keys of conf/organisations/<code>/organisation.toml.
#include "core/config/organisations.hpp"

#include <cassert>

namespace viadux {
namespace {

ConfigKey yes_no(const char* name, const char* default_value, const char* help) {
  ConfigKey key;
  key.name = name;
  key.type = ConfigType::boolean;
  key.default_value = default_value;
  key.reload = ReloadClass::live;
  key.help = help;
  return key;
}

} // namespace

ConfigSchema organisation_schema() {
  using enum ConfigType;
  using enum ReloadClass;
  const ConfigSection sections[] = {
      {.name = "",
       .help = "",
       .keys =
           {
               {"name",
                string,
                "",
                {},
                200,
                {},
                live,
                "The organisation's name for people. Empty shows its code."},
               {"parent",
                string,
                "",
                {},
                64,
                {},
                live,
                "Code of the organisation above, from which comes what this file leaves out. Empty is none."},
               {"domains",
                string_list,
                "",
                {},
                1000,
                {},
                live,
                "Domains whose addresses this organisation answers: alias@domain. No other organisation may "
                "have them."},
           }},
      {.name = "rooms_on_demand",
       .help = "Rooms that come into being when somebody dials an alias that nobody has made. Off unless you "
               "say so.",
       .keys =
           {
               {"enabled", boolean, "false", {}, {}, {}, new_rooms, "Whether there are any."},
               {"max", integer, "100", 1, 100'000, {}, new_rooms, "How many at a time."},
           }},
      {.name = "limits",
       .help = "What the organisation may use; 0 is as much as the server has.",
       .keys =
           {
               {"rooms_max", integer, "0", 0, 10'000'000, {}, live, "Rooms."},
               {"participants_max",
                integer,
                "0",
                0,
                1'000'000,
                {},
                live,
                "Participants at a time, in all rooms together."},
               {"room_participants_max", integer, "0", 0, 100'000, {}, live, "Participants in one room."},
           }},
      {.name = "turn",
       .help = "TURN servers for clients whose network lets nothing else through; the organisations below "
               "have them, "
               "too. A policy's hook `media` chooses among them by name.",
       .keys =
           {
               {"name", string, "", {}, 64, {}, live, "What a policy calls it. It must be there."},
               {"urls",
                string_list,
                "",
                {},
                8,
                {},
                live,
                "turn:HOST:PORT?transport=udp and the like. They must be there."},
               {"secret",
                secret,
                "",
                {},
                {},
                {},
                live,
                "The server's shared secret (coturn: static-auth-secret), as env:NAME or file:/path."},
               {"lifetime",
                duration,
                "8h",
                60'000,
                86'400'000,
                {},
                live,
                "How long the name and password that a client gets are good for."},
           },
       .repeated = true},
      {.name = "room",
       .help = "Rooms that are always there; write as many of these as you like.",
       .keys =
           {
               {"alias",
                string,
                "",
                {},
                64,
                {},
                live,
                "What people dial before the @: letters a-z, digits, '.', '_' and '-'. It must be there."},
               {"name", string, "", {}, 200, {}, live, "What people read. Empty shows the alias."},
               {"host_pin",
                pin,
                "",
                {},
                {},
                {},
                live,
                "PIN of the hosts: 4 to 20 digits, or env:NAME or file:/path to keep it out of this file. "
                "Empty is none."},
               {"guest_pin", pin, "", {}, {}, {}, live, "PIN of the guests, likewise."},
               {"guests_without_pin",
                boolean,
                "true",
                {},
                {},
                {},
                live,
                "With a host PIN and no guest PIN: who gives none becomes a guest. Otherwise such calls are "
                "refused."},
               {"guests_allowed", boolean, "true", {}, {}, {}, live, "Whether anybody but hosts may come."},
               {"wait_for_host",
                boolean,
                "false",
                {},
                {},
                {},
                live,
                "Guests wait in the lobby until a host is there."},
               {"participants_max",
                integer,
                "0",
                0,
                100'000,
                {},
                live,
                "Participants; 0 is limits.room_participants_max."},
               yes_no("lobby_when_locked", "true",
                      "Who comes to a locked meeting knocks and waits. false: is refused."),
               yes_no("one_way", "false",
                      "Hosts see guests without sound; guests see and hear nothing. The server enforces it."),
               yes_no("mute_guests", "false", "Guests are muted when they come in."),
               yes_no("guests_can_unmute", "true",
                      "A guest that was muted by a host, or when it came in, may unmute itself."),
               yes_no("guests_can_present", "true", "Guests may show their screen."),
               yes_no("chat", "true", "Participants may write messages."),
               {"lock_at",
                integer,
                "0",
                0,
                100'000,
                {},
                live,
                "The meeting locks by itself when so many people are in it. 0 is never."},
               {"lobby_timeout",
                duration,
                "0s",
                0,
                86'400'000,
                {},
                live,
                "How long somebody waits for a host or to be let in. 0s is rooms.lobby_timeout."},
               {"empty_timeout",
                duration,
                "0s",
                0,
                86'400'000,
                {},
                live,
                "How long the meeting outlives its last participant. 0s is five seconds."},
               {"host_leaves",
                enumeration,
                "stay",
                {},
                {},
                {"stay", "end", "lobby"},
                live,
                "When the last host has left: the meeting goes on; it ends after host_leaves_timeout; its "
                "guests go back to the lobby."},
               {"host_leaves_timeout",
                duration,
                "60s",
                1000,
                86'400'000,
                {},
                live,
                "How long a meeting goes on without a host, with host_leaves = \"end\"."},
               {"layout",
                enumeration,
                "1:7",
                {},
                {},
                {"1:7", "1:0", "1:21", "1:33", "2:21", "2x2", "3x3", "4x4", "5x5", "equal", "stage"},
                new_rooms,
                "How several stand in the picture of clients that can take only one: the speaker large and "
                "so "
                "many small, or as many of a size."},
               {"video_codec",
                enumeration,
                "vp8",
                {},
                {},
                {"vp8", "h264"},
                new_rooms,
                "The picture's codec in this room. Who can't take it needs the mixer."},
           },
       .repeated = true}};
  ConfigSchema schema;
  for (const ConfigSection& section : sections) {
    const Result<void> declared = schema.declare(section);
    assert(declared && "a mistake in the tables above");
    (void)declared;
  }
  return schema;
}

} // namespace viadux
