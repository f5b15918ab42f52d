// The part of "viadux.rooms" by which people steer a meeting, and its break-outs.
#include "core/plugin/instance.hpp"
#include "core/plugin/meeting_documents.hpp"
#include "core/plugin/rooms_interface.hpp"

namespace viadux {

// Runs `act` where `by` may steer the room.
template <class Request>
void RoomsInterface::add_room_method(std::string name,
                                     std::function<Result<void>(RoomId, const Request&)> act) {
  add_method<Request, Nothing>(
      std::move(name), [this, act](PluginInstance&, const Request& asked, const MethodDone<Nothing>& done) {
        auto result = parts_.rooms.may_steer(asked.by.value, asked.room.value);
        if (result) result = act(asked.room.value, asked);
        done(nothing(result));
      });
}

// Where `by` is the participant itself, or may steer its room.
template <class Request>
void RoomsInterface::add_own_method(std::string name,
                                    std::function<Result<void>(ParticipantId, const Request&)> act) {
  add_method<Request, Nothing>(
      std::move(name), [this, act](PluginInstance&, const Request& asked, const MethodDone<Nothing>& done) {
        auto result = parts_.rooms.may_act(asked.by.value, asked.participant.value);
        if (result) result = act(asked.participant.value, asked);
        done(nothing(result));
      });
}

// Where `by` may steer the room that the participant is in.
template <class Request>
void RoomsInterface::add_host_method(std::string name,
                                     std::function<Result<void>(ParticipantId, const Request&)> act) {
  add_method<Request, Nothing>(
      std::move(name), [this, act](PluginInstance&, const Request& asked, const MethodDone<Nothing>& done) {
        const Participant* found = parts_.rooms.participant(asked.participant.value);
        if (!found) return done(refusal(Reason::participant_gone, "participant"));
        auto result = parts_.rooms.may_steer(asked.by.value, found->room);
        if (result) result = act(asked.participant.value, asked);
        done(nothing(result));
      });
}

Result<void> RoomsInterface::set_running(const documents::SetRunning& asked) {
  Rooms& rooms = parts_.rooms;
  const RoomId room = asked.room.value;
  Result<void> result = rooms.may_steer(asked.by.value, room);
  if (result && asked.locked) result = rooms.set_locked(room, *asked.locked);
  if (result && asked.guests_can_unmute) result = rooms.set_guests_can_unmute(room, *asked.guests_can_unmute);
  if (result && asked.guests_can_present)
    result = rooms.set_guests_can_present(room, *asked.guests_can_present);
  if (result && asked.layout) {
    const auto layout = layout_from(*asked.layout);
    result = layout ? rooms.set_layout(room, *layout) : refusal(Reason::layout_unknown, "layout");
  }
  if (result && asked.text) result = rooms.set_text(room, *asked.text);
  if (result && asked.spotlight) {
    std::vector<ParticipantId> spotlight;
    for (const Handle participant : *asked.spotlight)
      spotlight.push_back(participant.value);
    result = rooms.set_spotlight(room, std::move(spotlight));
  }
  return result;
}

void RoomsInterface::add_steering_methods() {
  using namespace documents;
  Rooms& rooms = parts_.rooms;
  const auto on_room = [this](const char* name, auto act) {
    add_room_method<SteerRoom>(name, [act](RoomId room, const SteerRoom&) { return act(room); });
  };
  on_room("start", [&rooms](RoomId room) { return rooms.start(room); });
  on_room("mute_guests", [&rooms](RoomId room) { return rooms.mute_guests(room, true); });
  on_room("unmute_guests", [&rooms](RoomId room) { return rooms.mute_guests(room, false); });
  on_room("lower_all_hands", [&rooms](RoomId room) { return rooms.lower_all_hands(room); });
  on_room("end", [&rooms](RoomId room) { return rooms.end(room); });
  on_room("disconnect_all", [&rooms](RoomId room) { return rooms.end(room); });
  on_room("close_breakouts", [&rooms](RoomId room) { return rooms.close_breakouts(room); });
  add_room_method<GuestsCanUnmute>("set_guests_can_unmute",
                                   [&rooms](RoomId room, const GuestsCanUnmute& asked) {
                                     return rooms.set_guests_can_unmute(room, asked.allowed);
                                   });

  const auto on_self = [this](const char* name, auto act) {
    add_own_method<ParticipantRef>(name, [act](ParticipantId id, const ParticipantRef&) { return act(id); });
  };
  on_self("take_floor", [&rooms](ParticipantId id) { return rooms.take_floor(id); });
  on_self("release_floor", [&rooms](ParticipantId id) { return rooms.release_floor(id); });
  on_self("raise_hand", [&rooms](ParticipantId id) { return rooms.raise_hand(id, true); });
  on_self("lower_hand", [&rooms](ParticipantId id) { return rooms.raise_hand(id, false); });
  add_own_method<Rename>("rename", [&rooms](ParticipantId id, const Rename& asked) {
    return rooms.rename(id, asked.display_name);
  });
  add_host_method<documents::SetRole>("set_role",
                                      [&rooms](ParticipantId id, const documents::SetRole& asked) {
                                        return rooms.set_role(id, to_core(asked.role));
                                      });
  add_host_method<Move>("move", [&rooms](ParticipantId id, const Move& asked) -> Result<void> {
    // Break-outs and their parent are one house; elsewhere its hosts have no say.
    if (auto may = rooms.may_steer(asked.by.value, asked.room.value); !may) return may;
    return rooms.move(id, asked.room.value);
  });
  add_method<ClientState, Nothing>("set_client_state", [&rooms](PluginInstance&, const ClientState& asked,
                                                                const MethodDone<Nothing>& done) {
    done(nothing(rooms.set_client_state(asked.participant.value, asked.audio_muted, asked.video_muted)));
  });
  add_method<SendMessage, Nothing>(
      "send_message", [&rooms](PluginInstance&, const SendMessage& asked, const MethodDone<Nothing>& done) {
        done(nothing(rooms.send_message(asked.from.value,
                                        {asked.to.value, asked.type, asked.payload, asked.room.value})));
      });
  add_method<SendDigits, Nothing>(
      "send_digits", [&rooms](PluginInstance&, const SendDigits& asked, const MethodDone<Nothing>& done) {
        done(nothing(rooms.send_digits(asked.from.value, asked.to.value, asked.digits)));
      });
  add_method<Extend, Nothing>("extend", [&rooms](PluginInstance&, const Extend& asked,
                                                 const MethodDone<Nothing>& done) {
    if (auto may = rooms.may_steer(asked.by.value, asked.room.value); !may) return done(may.error());
    rooms.extend(asked.room.value, asked.ends_ms, [done](const Result<void>& kept) { done(nothing(kept)); });
  });
}

void RoomsInterface::add_breakout_methods() {
  using namespace documents;
  Rooms& rooms = parts_.rooms;
  add_method<CreateBreakout, BreakoutRef>(
      "create_breakout",
      [&rooms](PluginInstance&, const CreateBreakout& asked, const MethodDone<BreakoutRef>& done) {
        if (auto may = rooms.may_steer(asked.by.value, asked.room.value); !may) return done(may.error());
        const auto made = rooms.create_breakout(asked.room.value, to_core(asked));
        if (!made) return done(made.error());
        BreakoutRef breakout;
        breakout.room = Handle{*made};
        done(breakout);
      });
  add_room_method<BreakoutRef>(
      "close_breakout", [&rooms](RoomId room, const BreakoutRef&) { return rooms.close_breakout(room); });
  add_own_method<ParticipantRef>("leave_breakout", [&rooms](ParticipantId id, const ParticipantRef& asked) {
    return rooms.leave_breakout(id, asked.by.value);
  });
  add_method<SendMessage, Nothing>("message_breakouts", [&rooms](PluginInstance&, const SendMessage& asked,
                                                                 const MethodDone<Nothing>& done) {
    done(nothing(rooms.message_breakouts(asked.from.value, {0, asked.type, asked.payload, 0})));
  });
}

} // namespace viadux
