#include "core/cli/server_rooms.hpp"

#include "core/log/log.hpp"

#include <memory>

namespace viadux {
namespace {

VideoCodec codec_of(const std::string& name) {
  return name == "h264" ? VideoCodec::h264 : VideoCodec::vp8;
}

NewRoom new_room(const Organisation& organisation, const RoomDefinition& definition) {
  NewRoom room;
  room.organisation = organisation.code;
  room.alias = definition.alias;
  room.settings.name = definition.name;
  room.settings.guests_without_pin = definition.guests_without_pin;
  room.settings.guests_allowed = definition.guests_allowed;
  room.settings.wait_for_host = definition.wait_for_host;
  room.settings.participants_max = static_cast<std::uint32_t>(definition.participants_max);
  room.settings.video_codec = codec_of(definition.video_codec);
  room.settings.layout = layout_from(definition.layout).value_or(Layout::one_seven);
  const auto small = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  room.settings.lobby_when_locked = definition.lobby_when_locked;
  room.settings.one_way = definition.one_way;
  room.settings.mute_guests = definition.mute_guests;
  room.settings.guests_can_unmute = definition.guests_can_unmute;
  room.settings.guests_can_present = definition.guests_can_present;
  room.settings.chat = definition.chat;
  room.settings.lock_at = small(definition.lock_at);
  room.settings.lobby_s = small(definition.lobby_s);
  room.settings.empty_s = small(definition.empty_s);
  room.settings.host_leaves = host_leaves_from(definition.host_leaves).value_or(HostLeaves::stay);
  room.settings.host_leaves_s = small(definition.host_leaves_s);
  room.pins.host = definition.host_pin.reveal();
  room.pins.guest = definition.guest_pin.reveal();
  return room;
}

} // namespace

OrganisationLimits organisation_limits(const Organisation& organisation) {
  OrganisationLimits limits;
  limits.known = true;
  limits.rooms_on_demand = organisation.rooms_on_demand.enabled;
  limits.rooms_on_demand_max = static_cast<std::uint32_t>(organisation.rooms_on_demand.max);
  limits.rooms_max = static_cast<std::uint32_t>(organisation.rooms_max);
  limits.participants_max = static_cast<std::uint32_t>(organisation.participants_max);
  limits.room_participants_max = static_cast<std::uint32_t>(organisation.room_participants_max);
  for (const RoomDefinition& room : organisation.rooms)
    limits.defined_aliases.push_back(room.alias);
  return limits;
}

void make_defined_rooms(const Organisations& organisations, Rooms& rooms,
                        std::function<void(std::size_t failed)> done) {
  struct Progress {
    std::size_t waiting = 1, failed = 0;
    std::function<void(std::size_t)> done;
    void finish_one() {
      if (--waiting == 0) done(failed);
    }
  };
  const auto progress = std::make_shared<Progress>();
  progress->done = std::move(done);
  for (const Organisation* organisation : organisations.all()) {
    for (const RoomDefinition& definition : organisation->rooms) {
      ++progress->waiting;
      const auto made = [progress, code = organisation->code,
                         alias = definition.alias](const Result<void>& result) {
        if (!result) {
          ++progress->failed;
          log_warning("rooms", "a defined room could not be made",
                      {{"organisation", code}, {"alias", alias}, {"reason", result.error().reason}});
        }
        progress->finish_one();
      };
      const NewRoom wanted = new_room(*organisation, definition);
      rooms.create(wanted, [&rooms, wanted, made](const Result<RoomInfo>& room) {
        // It is there from an earlier start: what its file says now counts, a changed PIN above all.
        if (!room && room.error().reason == "alias_taken") return rooms.redefine(wanted, made);
        made(room ? Result<void>() : Result<void>(room.error()));
      });
    }
  }
  progress->finish_one();
}

} // namespace viadux
