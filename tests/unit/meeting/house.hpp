// A server's rooms in virtual time: real registry, real bus, real SQLite in memory; only media is not real.
#pragma once

#include "core/control/manual_loop.hpp"
#include "core/log/log.hpp"
#include "core/meeting/rooms.hpp"
#include "fake_media.hpp"

#include <gtest/gtest.h>
#include <optional>

namespace viadux {

struct House {
  // Meetings end with their last participant, unless a test is about just that.
  static MeetingOptions prompt() {
    MeetingOptions options;
    options.linger_us = 0;
    return options;
  }
  explicit House(MeetingOptions options = prompt(), GuessLimits guesses = {})
      : storage(loop, {.url = "sqlite::memory:", .own_thread = false}), repository(storage), bus(loop),
        rooms({loop, media, bus, repository, [this](const std::string& code) { return limits_of(code); },
               nullptr,
               [this](std::string_view, const std::string&, const Json& question, const PolicyDone& done) {
                 const PolicyDecision decided =
                     policy ? policy(question) : PolicyDecision{*Json::parse(R"({"admitted":true})"), {}, ""};
                 loop.post([done, decided] { done(decided); });
               }},
              options, guesses) {
    limits["demo"].known = true;
    log_set_level(LogLevel::warning); // hundreds of joins
    EXPECT_TRUE(storage.start());
  }

  OrganisationLimits limits_of(const std::string& code) {
    const auto found = limits.find(code);
    return found == limits.end() ? OrganisationLimits{} : found->second;
  }

  Result<RoomInfo> create(NewRoom room) {
    std::optional<Result<RoomInfo>> result;
    if (room.organisation.empty()) room.organisation = "demo";
    rooms.create(std::move(room), [&](Result<RoomInfo> made) { result.emplace(std::move(made)); });
    loop.run();
    return *result;
  }
  void create(const std::string& alias, const std::string& host_pin = "", const std::string& guest_pin = "",
              const RoomSettings& settings = {}) {
    NewRoom room;
    room.alias = alias;
    room.settings = settings;
    room.pins = {host_pin, guest_pin};
    EXPECT_TRUE(create(room));
  }
  Result<Admitted> admit(AdmitRequest request) {
    std::optional<Result<Admitted>> result;
    rooms.admit(std::move(request), [&](Result<Admitted> in) { result.emplace(std::move(in)); });
    loop.run();
    EXPECT_TRUE(result) << "admit() never answered";
    return *result;
  }
  static AdmitRequest request(const std::string& alias, const std::string& pin = "",
                              const std::string& source = "192.0.2.1") {
    AdmitRequest request;
    request.organisation = "demo";
    request.alias = alias;
    request.pin = pin;
    request.source_address = source;
    request.protocol = "whip";
    return request;
  }
  Result<Admitted> join(const std::string& alias, const std::string& pin = "",
                        const std::string& source = "192.0.2.1") {
    return admit(request(alias, pin, source));
  }
  // The word of the refusal, or "in".
  std::string knock(const std::string& alias, const std::string& pin = "",
                    const std::string& source = "192.0.2.1") {
    const auto in = join(alias, pin, source);
    return in ? "in" : in.error().reason;
  }
  // Joins with a session; its tracks carry media.
  struct Guest {
    ParticipantId id = 0;
    SessionId session = 0;
    RoomId room = 0;
  };
  Guest enter(const std::string& alias, const std::string& offer, ParticipantId except = 0) {
    const auto in = join(alias);
    EXPECT_TRUE(in);
    SessionOffer lines;
    lines.offer = offer;
    lines.except = except;
    const auto answer = rooms.attach_session(in->participant, lines);
    EXPECT_TRUE(answer);
    for (const TrackInfo& track : answer->tracks)
      rooms.on_track_active(track.id, true);
    loop.run();
    return {in->participant, answer->session, in->room};
  }
  void hear(TrackId track, std::uint8_t minus_dbov) {
    const AudioLevel level{track, minus_dbov};
    rooms.on_audio_levels({&level, 1});
    loop.run();
  }

  ManualLoop loop;
  FakeMedia media;
  store::Storage storage;
  store::RoomRepository repository;
  EventBus bus;
  std::map<std::string, OrganisationLimits> limits;
  std::function<PolicyDecision(const Json& question)>
      policy; // none: everybody comes in whom the room lets in
  Rooms rooms;
};

} // namespace viadux
