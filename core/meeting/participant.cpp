#include "core/meeting/participant.hpp"

#include <algorithm>

namespace viadux {

std::string_view to_word(Role role) {
  return role == Role::host ? "host" : "guest";
}

std::string_view to_word(ParticipantKind kind) {
  switch (kind) {
  case ParticipantKind::person:
    return "person";
  case ParticipantKind::room_system:
    return "room_system";
  case ParticipantKind::service:
    return "service";
  }
  return "person";
}

std::string_view to_word(Presence presence) {
  return presence == Presence::lobby ? "lobby" : "meeting";
}

bool Participant::records() const {
  return kind == ParticipantKind::service &&
         std::ranges::any_of(sessions, [](const ParticipantSession& each) { return !each.slots.empty(); });
}

bool channel_ok(std::string_view name) {
  return !name.empty() && name.size() <= 16 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string cut_name(std::string text) {
  std::size_t most = 128;
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
    --most;
  text.resize(most);
  return text;
}

MediaRights both(const MediaRights& a, const MediaRights& b) {
  MediaRights rights;
  rights.send_audio = a.send_audio && b.send_audio;
  rights.send_video = a.send_video && b.send_video;
  rights.send_presentation = a.send_presentation && b.send_presentation;
  rights.receive_audio = a.receive_audio && b.receive_audio;
  rights.receive_video = a.receive_video && b.receive_video;
  rights.receive_presentation = a.receive_presentation && b.receive_presentation;
  return rights;
}

bool same(const MediaRights& a, const MediaRights& b) {
  return a.send_audio == b.send_audio && a.send_video == b.send_video &&
         a.send_presentation == b.send_presentation && a.receive_audio == b.receive_audio &&
         a.receive_video == b.receive_video && a.receive_presentation == b.receive_presentation;
}

} // namespace viadux
