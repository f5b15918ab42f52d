// What the concerns of this plugin share: its participants, the rooms, the tokens. [control]
#pragma once

#include "roster.hpp"

#include <viadux/declare.hpp>
#include <viadux/documents/media.hpp>

namespace client {

struct Settings {
  viadux::Duration token_lifetime{120'000'000};
  viadux::Duration key_lifetime{86'400'000'000};
  viadux::Duration heartbeat{15'000'000};
  double requests_per_second = 30;
  double joins_per_second = 50;
  bool direct_media = false;
  std::vector<std::string> stun;
  bool page = true;
  static constexpr auto fields() {
    return viadux::key_table(
        viadux::key("token_lifetime", &Settings::token_lifetime,
                    "A participant that does not refresh its token for so long leaves.")
            .range(10e6, 3600e6)
            .live(),
        viadux::key("key_lifetime", &Settings::key_lifetime,
                    "How long one key seals tokens; older ones still open what they sealed.")
            .range(60e6, 30 * 86'400e6)
            .live(),
        viadux::key("heartbeat", &Settings::heartbeat,
                    "How often an idle event stream says that it is alive.")
            .range(1e6, 300e6)
            .live(),
        viadux::key("requests_per_second", &Settings::requests_per_second,
                    "What one participant may ask, beside a burst of five times that.")
            .range(1, 10000)
            .live(),
        viadux::key(
            "joins_per_second", &Settings::joins_per_second,
            "Joins from one address, beside a burst of ten times that: a hospital may be one address.")
            .range(1, 10000)
            .live(),
        viadux::key(
            "direct_media", &Settings::direct_media,
            "Two people whose clients can send to each other do, where the policy's hook media does not say.")
            .live(),
        viadux::key("stun", &Settings::stun,
                    "Servers that tell clients in direct media their address: \"stun:stun.example.org\".")
            .live(),
        viadux::key("page", &Settings::page, "Serve the web page at / and /<alias>."));
  }
};

struct Metrics {
  viadux::Counter requests;
  viadux::Gauge participants;
  viadux::Gauge streams;
  viadux::Counter revived;
  static constexpr auto fields() {
    return viadux::metric_table(
        viadux::metric("requests_total", &Metrics::requests, "Requests of the client API by HTTP status.")
            .labels("status"),
        viadux::metric("participants", &Metrics::participants, "Participants that came by the client API."),
        viadux::metric("streams", &Metrics::streams, "Event streams that are open."),
        viadux::metric("revived_total", &Metrics::revived,
                       "Participants brought back by their token, after a restart of the server."));
  }
};

struct State {
  viadux::Host host;
  const Settings& settings;
  const Metrics& metrics;
  Tokens tokens{};
  Members members{};
  std::map<std::uint64_t, Room> rooms{};
  // Somebody was put out, or has ended: its tokens count no more.
  std::function<void(const Member&)> on_out{};
  // Somebody who presented was moved, with the presentation as it runs.
  std::function<void(MemberRef)> on_presents_again{};
  // It leaves a room: for another one, or for good.
  std::function<void(Member&)> on_away{};
  // Something has changed in a room, or somebody in it.
  std::function<void(Room&)> on_changed{};
  // It is no host any more: what its tokens of before say of that counts no more.
  std::function<void(const Member&)> on_demoted{};

  std::int64_t now_us() const { return host.now_us(); }
  std::int64_t now_ms() const { return host.wall_ms(); }

  Room* room_of(const Member& member) { return find_room(member.room); }
  Room* find_room(viadux::Handle handle) {
    const auto found = rooms.find(handle.value);
    return found == rooms.end() ? nullptr : &found->second;
  }

  // -- rooms of one meeting (finding.cpp)
  // A member is where its participant is.
  void place(Member& member, const viadux::documents::Participant& participant);
  // By the API's name of it; of the meeting that `member` is in, or looks into.
  Room* find_breakout(const Member& member, std::string_view uuid);
  std::vector<Room*> breakouts_of(viadux::Handle home);
  // Whom a request of `member` about `room` can mean: hosts reach everybody in their meeting.
  Person* find_person(const Member& member, viadux::Handle room, std::string_view uuid);

  // -- telling (telling.cpp)
  // To those in the room and those who look into it.
  void tell_all(Room& room, std::string_view name, const viadux::Json& data);
  // What happened once, likewise; kept for those who are not reading now.
  void tell_all_once(Room& room, std::string_view name, const viadux::Json& data, std::string_view except);
  // As the person is now, to all who may see it; `before` is what it was, null when it is new.
  void tell_person(Room& room, const Person& person, const Person* before);
  void tell_gone(Room& room, const Person& person, bool moved);
  // The presenter, where it has changed.
  void tell_presenter(Room& room);
  void tell_breakout_begin(Room& room);
  void tell_breakout_end(Room& room);
  // It asks for one that is not there: its client missed the end.
  void tell_breakout_unknown(Member& member, const std::string& uuid);
  // One room as it is, for this reader.
  std::string whole_room(Room& room, const Member& member);
  // Everything that a new stream begins with.
  void tell_everything(Member& member);
  // Whose picture is in whose slots (slots.cpp).
  void tell_slots(Room& room, const viadux::documents::SessionSlots& slots);
  // Asks for them: after a renegotiation, or where events were lost.
  viadux::Task<void> read_slots(MemberRef member);
  // Out: the reason, and the end of its stream.
  void tell_farewell(Member& member, std::string_view words);
};

} // namespace client
