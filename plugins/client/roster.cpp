#include "roster.hpp"

#include "uuid.hpp"

namespace client {

using viadux::Json;

namespace {

std::string_view yes(bool value) {
  return value ? "YES" : "NO";
}

// Which of the API's protocols a plugin speaks.
std::string_view protocol_of(const std::string& plugin) {
  if (plugin == "client") return "api";
  if (plugin == "sip" || plugin == "h323" || plugin == "rtmp") return plugin;
  return "webrtc";
}

// The API orders a spotlight by its times: two of one call differ by their place.
std::int64_t spotlight_ms(const viadux::documents::Participant& participant) {
  return participant.spotlight == 0 ? 0 : participant.spotlight_ms + participant.spotlight;
}

} // namespace

Person* Room::find(viadux::Handle participant) {
  for (auto& [order, person] : people)
    if (person.is.id == participant) return &person;
  return nullptr;
}

Person* Room::find(std::string_view uuid) {
  for (auto& [order, person] : people)
    if (person.uuid() == uuid) return &person;
  return nullptr;
}

std::string Room::breakout_uuid() const {
  return uuid_of(is.id);
}

std::string presenter_of(Room& room) {
  if (!room.floor.empty()) return room.floor;
  // Of a client the floor alone counts: its last packets would make it present again after a release.
  const Person* person = room.find(room.is.presenter);
  return person && person->is.protocol != "client" ? person->uuid() : std::string();
}

bool sees(const Member& viewer, const Person& person) {
  if (viewer.uuid == person.uuid()) return true;
  if (viewer.waiting) return false;
  return !person.waiting() || viewer.role == viadux::documents::Role::host;
}

Json seconds(std::int64_t ms) {
  if (ms == 0) return Json(std::int64_t{0});
  // The microsecond keeps the shortest form of the number from being one with an exponent (1.7e+09).
  return Json(static_cast<double>(ms) / 1000.0 + 0.000001);
}

Json participant_json(const Room& room, const std::string& presenter, const Person& person,
                      const Member* member) {
  const bool direct = member && !member->direct_call.empty();
  const bool media = direct || person.is.sessions > 0;
  const bool video = direct || (media && (!member || member->has_video()));
  Json out;
  out.set("uuid", person.uuid());
  out.set("display_name", person.is.display_name);
  out.set("overlay_text",
          member && !member->overlay_text.empty() ? member->overlay_text : person.is.display_name);
  out.set("role", person.is_host() ? "chair" : "guest");
  out.set("service_type", person.waiting() ? "waiting_room" : "conference");
  out.set("start_time", seconds(person.is.joined_ms));
  out.set("buzz_time", seconds(person.is.hand_raised_ms));
  out.set("spotlight", seconds(spotlight_ms(person.is)));
  out.set("has_media", media);
  out.set("is_muted", yes(person.is.audio_muted));
  out.set("is_client_muted", person.is.client_audio_muted);
  out.set("is_video_muted", person.is.video_muted);
  out.set("is_presenting", yes(!presenter.empty() && presenter == person.uuid()));
  out.set("is_video_call", yes(video));
  out.set("is_audio_only_call", yes(media && !video));
  out.set("is_external", false);
  out.set("is_streaming_conference", person.is.records);
  out.set("is_conjoined", false);
  out.set("is_transferring", false);
  out.set("is_idp_authenticated", false);
  out.set("is_video_silent", false);
  out.set("is_main_video_dropped_out", false);
  out.set("needs_presentation_in_mix", person.is.presentation_in_picture);
  out.set("can_receive_personal_mix", false);
  out.set("supports_direct_chat", person.is.protocol == "client");
  out.set("local_alias", room.is.alias);
  out.set("uri", "");
  out.set("vendor", "");
  out.set("call_tag", member ? member->call_tag : std::string());
  out.set("external_node_uuid", "");
  out.set("protocol", protocol_of(person.is.protocol));
  out.set("mute_supported", "YES");
  out.set("disconnect_supported", "YES");
  out.set("transfer_supported", yes(member != nullptr));
  out.set("fecc_supported", yes(member != nullptr));
  out.set("presentation_supported", "YES");
  out.set("call_direction", "in");
  out.set("rx_presentation_policy", person.is.presentation_denied ? "DENY" : "ALLOW");
  out.set("encryption", "On");
  // Of our own: left out where there is nothing to say.
  if (!person.is.speaks_in.empty()) out.set("speaks_in", person.is.speaks_in);
  if (!person.is.hears.empty()) out.set("hears", person.is.hears);
  return out;
}

Json shadow_json(const Room& room, const Person& person, const Member& member) {
  Person absent = person;
  absent.is.sessions = 0;
  absent.is.hand_raised_ms = 0;
  absent.is.spotlight = 0;
  Json out = participant_json(room, {}, absent, &member);
  out.set("is_conjoined", true);
  return out;
}

namespace {

void add_breakout(Json& out, const Room& room) {
  const auto& traits = *room.is.breakout;
  out.set("breakout", true);
  out.set("breakout_name", room.is.name);
  out.set("breakout_description", traits.description);
  if (room.is.ends_ms != 0) out.set("end_time", seconds(room.is.ends_ms));
  out.set("end_action",
          traits.end_action == viadux::documents::BreakoutEnd::disconnect ? "disconnect" : "transfer");
  out.set("breakout_guests_allowed_to_leave", traits.guests_may_leave);
  Json help;
  help.set("time", seconds(room.help_ms));
  help.set("value", room.help_ms != 0);
  out.set("breakoutbuzz", std::move(help));
}

} // namespace

Json conference_json(const Room& room) {
  bool started = false;
  for (const auto& [order, person] : room.people)
    started = started || !person.waiting();
  Json out;
  out.set("locked", room.is.locked);
  out.set("guests_muted", room.is.guests_muted);
  out.set("all_muted", false);
  out.set("started", started);
  out.set("direct_media", room.direct);
  out.set("presentation_allowed", true);
  out.set("guests_can_unmute", room.is.guests_can_unmute);
  out.set("guests_can_present", room.is.guests_can_present);
  out.set("live_captions_available", false);
  out.set("one_way", room.is.one_way);
  if (!room.is.text.empty()) out.set("raised_text", room.is.text);
  out.set("chat_enabled", room.is.chat);
  out.set("breakout_rooms", !room.is_breakout());
  if (room.is.breakout) add_breakout(out, room);
  return out;
}

// Everybody is in one list: who is on the stage first.
Json layout_json(Room& room) {
  Json::Array shown;
  if (const Person* speaker = room.find(room.is.speaker)) shown.emplace_back(speaker->uuid());
  Json primary, requested, out;
  primary.set("chair_layout", room.is.layout);
  primary.set("guest_layout", room.is.layout);
  requested.set("primary_screen", std::move(primary));
  out.set("view", room.is.layout);
  out.set("participants", std::move(shown));
  out.set("requested_layout", std::move(requested));
  out.set("overlay_text_enabled", false);
  return out;
}

Json stage_json(Room& room) {
  Json::Array stage;
  const auto add = [&](const Person& person, int vad) {
    Json entry;
    entry.set("participant_uuid", person.uuid());
    entry.set("stage_index", static_cast<std::int64_t>(stage.size()));
    entry.set("vad", vad);
    stage.push_back(std::move(entry));
  };
  const Person* speaker = room.find(room.is.speaker);
  if (speaker) add(*speaker, 100);
  for (const auto& [order, person] : room.people)
    if (&person != speaker && !person.waiting() && stage.size() < 16) add(person, 0);
  return stage;
}

Json presenter_json(Room& room) {
  const std::string uuid = presenter_of(room);
  const Person* person = room.find(uuid);
  Json out;
  out.set("presenter_name", person ? person->is.display_name : std::string());
  out.set("presenter_uri", "");
  out.set("presenter_uuid", uuid);
  return out;
}

} // namespace client
