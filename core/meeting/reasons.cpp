#include "core/meeting/reasons.hpp"

#include <array>
#include <cstddef>

namespace viadux {
namespace {

using enum ErrorCode;

constexpr std::array table{
    ReasonEntry{Reason::room_unknown, "room_unknown", not_found,
                "There is no such meeting room, or it is not open now.",
                "Mødelokalet findes ikke, eller det er ikke åbent nu."},
    ReasonEntry{Reason::pin_required, "pin_required", refused, "This meeting room asks for a PIN.",
                "Mødelokalet kræver en pinkode."},
    ReasonEntry{Reason::pin_wrong, "pin_wrong", refused, "The PIN is wrong.", "Pinkoden er forkert."},
    ReasonEntry{Reason::pin_slowed, "pin_slowed", busy,
                "Too many wrong PINs. Please wait a moment and try again.",
                "For mange forkerte pinkoder. Vent et øjeblik, og prøv igen."},
    ReasonEntry{Reason::guests_refused, "guests_refused", refused, "This meeting room does not take guests.",
                "Mødelokalet tager ikke imod gæster."},
    ReasonEntry{Reason::room_locked, "room_locked", refused, "The meeting is locked.", "Mødet er låst."},
    ReasonEntry{Reason::room_full, "room_full", busy, "The meeting room is full.", "Mødelokalet er fyldt."},
    ReasonEntry{Reason::organisation_full, "organisation_full", busy,
                "The organisation has reached its number of participants.",
                "Organisationen har nået sit antal deltagere."},
    ReasonEntry{Reason::node_full, "node_full", busy, "The server is full. Please try again later.",
                "Serveren er fyldt. Prøv igen senere."},
    ReasonEntry{Reason::rooms_full, "rooms_full", busy, "No more meeting rooms can be made here.",
                "Der kan ikke oprettes flere mødelokaler her."},
    ReasonEntry{Reason::alias_taken, "alias_taken", refused, "Another meeting room has this address.",
                "Et andet mødelokale har denne adresse."},
    ReasonEntry{Reason::alias_malformed, "alias_malformed", bad_argument,
                "A room's address has 1 to 64 small letters, digits, dots, hyphens or underscores.",
                "Et mødelokales adresse består af 1 til 64 små bogstaver, tal, punktummer eller streger."},
    ReasonEntry{Reason::layout_unknown, "layout_unknown", bad_argument, "There is no layout of that name.",
                "Der findes intet layout med det navn."},
    ReasonEntry{Reason::room_malformed, "room_malformed", bad_argument, "The room's settings cannot be used.",
                "Lokalets indstillinger kan ikke bruges."},
    ReasonEntry{Reason::storage_unavailable, "storage_unavailable", busy,
                "The server cannot reach its database now. Please try again.",
                "Serveren kan ikke nå sin database lige nu. Prøv igen."},
    ReasonEntry{Reason::participant_gone, "participant_gone", gone, "This participant has left.",
                "Deltageren har forladt mødet."},
    ReasonEntry{Reason::session_gone, "session_gone", gone, "This media connection has ended.",
                "Medieforbindelsen er afsluttet."},
    ReasonEntry{Reason::room_gone, "room_gone", gone, "This meeting has ended.", "Mødet er slut."},
    ReasonEntry{Reason::sessions_full, "sessions_full", busy,
                "A participant can have four media connections.",
                "En deltager kan have fire medieforbindelser."},
    ReasonEntry{Reason::in_lobby, "in_lobby", refused, "The participant has not been let in yet.",
                "Deltageren er ikke lukket ind endnu."},
    ReasonEntry{Reason::not_in_lobby, "not_in_lobby", refused, "The participant is in the meeting already.",
                "Deltageren er allerede i mødet."},
    ReasonEntry{Reason::host_ended, "host_ended", gone, "The host has ended the meeting.",
                "Værten har afsluttet mødet."},
    ReasonEntry{Reason::disconnected_by_host, "disconnected_by_host", gone,
                "A host has ended the connection.", "En vært har afbrudt forbindelsen."},
    ReasonEntry{Reason::left, "left", gone, "The participant has left.", "Deltageren har forladt mødet."},
    ReasonEntry{Reason::media_ended, "media_ended", gone, "The media connection was lost.",
                "Medieforbindelsen gik tabt."},
    ReasonEntry{Reason::no_media, "no_media", timeout, "No media connection was made in time.",
                "Der blev ikke oprettet en medieforbindelse i tide."},
    ReasonEntry{Reason::lobby_timeout, "lobby_timeout", timeout, "Nobody let the participant in.",
                "Ingen lukkede deltageren ind."},
    ReasonEntry{Reason::room_closed, "room_closed", gone, "The meeting room has closed.",
                "Mødelokalet er lukket."},
    ReasonEntry{Reason::server_stopping, "server_stopping", busy, "The server is about to stop.",
                "Serveren er ved at lukke ned."},
    ReasonEntry{Reason::replaced, "replaced", gone, "The participant has joined again.",
                "Deltageren er kommet ind igen."},
    ReasonEntry{Reason::moved, "moved", gone, "The participant was moved to another room.",
                "Deltageren er flyttet til et andet lokale."},
    ReasonEntry{Reason::hosts_gone, "hosts_gone", gone, "The meeting has ended because its host left.",
                "Mødet er slut, fordi værten har forladt det."},
    ReasonEntry{Reason::nobody_left, "nobody_left", gone, "The meeting has ended because everybody left.",
                "Mødet er slut, fordi alle har forladt det."},
    ReasonEntry{Reason::breakout_ended, "breakout_ended", gone, "The break-out room has closed.",
                "Grupperummet er lukket."},
    ReasonEntry{Reason::host_only, "host_only", refused, "Only a host may do this.",
                "Det kan kun en vært gøre."},
    ReasonEntry{Reason::uuid_taken, "uuid_taken", refused, "Another participant has this id.",
                "En anden deltager har dette id."},
    ReasonEntry{Reason::muted_by_host, "muted_by_host", refused,
                "A host has muted your microphone. Raise your hand to ask for the word.",
                "En vært har slået din mikrofon fra. Ræk hånden op for at bede om ordet."},
    ReasonEntry{Reason::present_refused, "present_refused", refused, "You may not present in this meeting.",
                "Du kan ikke præsentere i dette møde."},
    ReasonEntry{Reason::chat_off, "chat_off", refused, "There is no chat in this meeting.",
                "Der er ingen chat i dette møde."},
    ReasonEntry{Reason::messages_slowed, "messages_slowed", busy,
                "Too many messages. Please wait a moment and try again.",
                "For mange beskeder. Vent et øjeblik, og prøv igen."},
    ReasonEntry{Reason::message_malformed, "message_malformed", bad_argument,
                "A message has a type, and 1 byte to 64 KiB.",
                "En besked har en type og fylder fra 1 byte til 64 KiB."},
    ReasonEntry{Reason::codecs_differ, "codecs_differ", refused,
                "The rooms use different video codecs, so nobody can be moved between them.",
                "Lokalerne bruger forskellige videoformater, så ingen kan flyttes mellem dem."},
    ReasonEntry{Reason::breakouts_full, "breakouts_full", busy, "No more break-out rooms can be made.",
                "Der kan ikke oprettes flere grupperum."},
    ReasonEntry{Reason::not_a_breakout, "not_a_breakout", refused, "This is not a break-out room.",
                "Det er ikke et grupperum."},
    ReasonEntry{Reason::policy_refused, "policy_refused", refused,
                "The organisation's rules do not let you into this meeting.",
                "Organisationens regler giver ikke adgang til dette møde."},
    ReasonEntry{Reason::policy_unavailable, "policy_unavailable", busy,
                "It cannot be decided now whether you may come in. Please try again in a moment.",
                "Det kan ikke afgøres lige nu, om du må komme ind. Prøv igen om lidt."},
    ReasonEntry{Reason::channel_malformed, "channel_malformed", bad_argument,
                "A sound channel's name has 1 to 16 small letters (a to z), digits or hyphens.",
                "En lydkanals navn består af 1 til 16 små bogstaver (a til z), cifre eller bindestreger."},
    ReasonEntry{Reason::channels_full, "channels_full", busy, "A meeting can have eight sound channels.",
                "Et møde kan have otte lydkanaler."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].reason) != i) return false;
  return table.size() == static_cast<std::size_t>(Reason::channels_full) + 1;
}
static_assert(in_order(), "the table has one line for each Reason, in the enum's order");

} // namespace

std::span<const ReasonEntry> all_reasons() {
  return table;
}

const ReasonEntry& reason_entry(Reason reason) {
  return table[static_cast<std::size_t>(reason)];
}

const ReasonEntry* find_reason(std::string_view word) {
  for (const ReasonEntry& entry : table)
    if (entry.word == word) return &entry;
  return nullptr;
}

std::string_view word_of(Reason reason) {
  return reason_entry(reason).word;
}

Error refusal(Reason reason, std::string field, std::string hint) {
  const ReasonEntry& entry = reason_entry(reason);
  return make_error(entry.code, std::string(entry.word), std::string(entry.english), std::move(field),
                    std::move(hint));
}

Error policy_refusal(const std::string& message) {
  Error error = refusal(Reason::policy_refused);
  if (!message.empty()) error.message = message;
  return error;
}

std::string_view sentence(const Error& error, std::string_view language) {
  const ReasonEntry* entry = find_reason(error.reason);
  if (!entry) return error.message;
  if (entry->reason == Reason::policy_refused && error.message != entry->english) return error.message;
  const bool danish = language == "da" || language.starts_with("da-") || language.starts_with("da,") ||
                      language.starts_with("da;");
  return danish ? entry->danish : entry->english;
}

} // namespace viadux
