#include "core/plugin/media_interface.hpp"

#include "core/plugin/instance.hpp"
#include "core/plugin/meeting_documents.hpp"

#include <viadux/documents/room.hpp>

namespace viadux {
namespace {

Result<Nothing> nothing(const Result<void>& result) {
  if (!result) return result.error();
  return Nothing{};
}

Result<documents::SessionAnswer> answer_document(const Result<SessionAnswer>& answer) {
  if (!answer) return answer.error();
  return to_document(answer.value());
}

rtp::Codec to_codec(documents::MediaCodec codec) {
  switch (codec) {
  case documents::MediaCodec::opus:
    return rtp::Codec::opus;
  case documents::MediaCodec::g722:
    return rtp::Codec::g722;
  case documents::MediaCodec::pcma:
    return rtp::Codec::pcma;
  case documents::MediaCodec::pcmu:
    return rtp::Codec::pcmu;
  case documents::MediaCodec::vp8:
    return rtp::Codec::vp8;
  case documents::MediaCodec::h264:
    return rtp::Codec::h264;
  }
  return rtp::Codec::unknown;
}

std::optional<std::uint8_t> to_mark(const std::optional<std::int64_t>& dscp) {
  return dscp ? std::optional(static_cast<std::uint8_t>(*dscp)) : std::nullopt; // 0 to 63, by its document
}

documents::Track track_document(const TrackInfo& track) {
  documents::Track out;
  out.id.value = track.id;
  out.mid = track.mid;
  // The documents' enums begin at 0, the core's at 1; the words are the same.
  out.kind = static_cast<documents::MediaKind>(static_cast<int>(track.kind) - 1);
  out.content = static_cast<documents::MediaContent>(static_cast<int>(track.content) - 1);
  return out;
}

// The engine counts with numbers; a document's handles are texts, and its choices are words.
void handle_as_text(Json& json, std::string_view name) {
  const Json* value = json.find(name);
  const auto* number = value ? value->integer() : nullptr;
  if (number) json.set(std::string(name), write_handle(Handle{static_cast<std::uint64_t>(*number)}));
}
void items_with_handle(Json& json, std::string_view list, std::string_view name) {
  const Json* items = json.find(list);
  if (!items || !items->array()) return;
  Json::Array changed = *items->array();
  for (Json& item : changed)
    handle_as_text(item, name);
  json.set(std::string(list), Json(std::move(changed)));
}

Result<documents::SessionStatistics> read_statistics(const std::string& text) {
  auto json = Json::parse(text);
  if (!json) return json.error();
  handle_as_text(*json, "session");
  items_with_handle(*json, "tracks", "track");
  items_with_handle(*json, "slots", "track");
  constexpr auto& limits = EnumNames<documents::EstimateLimit>::names;
  const Json* limit = json->find("limit");
  const std::int64_t place = limit && limit->integer() ? *limit->integer() : 0;
  json->set("limit", limits[place >= 0 && place < std::ssize(limits) ? static_cast<std::size_t>(place) : 0]);
  documents::SessionStatistics out;
  if (const auto read = from_json(*json, out); !read) return read.error();
  return out;
}

} // namespace

MediaInterface::MediaInterface(Parts parts)
    : HostInterface("viadux.media"), rooms_(parts.rooms), statistics_(std::move(parts.statistics)),
      opened_([this](SessionId id) {
        if (!has_ended(id)) return false;
        holders_.erase(id);
        return true;
      }),
      ports_(parts.services, parts.rooms, std::move(parts.open_port)) {
  using documents::AcceptAnswer;
  using documents::AddCandidates;
  using documents::SessionRef;
  using documents::UpdateSession;
  add_method<documents::OpenSession, documents::SessionAnswer>(
      "open", [this](PluginInstance& caller, const documents::OpenSession& asked,
                     const MethodDone<documents::SessionAnswer>& done) { open(caller, asked, done); });
  add_method<UpdateSession, documents::SessionAnswer>(
      "update", [this](PluginInstance& caller, const UpdateSession& asked,
                       const MethodDone<documents::SessionAnswer>& done) {
        if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
        done(answer_document(rooms_.update_session(asked.session.value, asked.offer)));
      });
  add_method<AcceptAnswer, documents::SessionAnswer>(
      "accept", [this](PluginInstance& caller, const AcceptAnswer& asked,
                       const MethodDone<documents::SessionAnswer>& done) {
        if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
        done(answer_document(rooms_.accept_session(asked.session.value, asked.answer)));
      });
  add_method<AddCandidates, Nothing>("candidates", [this](PluginInstance& caller, const AddCandidates& asked,
                                                          const MethodDone<Nothing>& done) {
    if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
    done(nothing(rooms_.add_candidates(asked.session.value, asked.fragment)));
  });
  add_method<documents::RunningRef, documents::RoomTracks>(
      "tracks", [this](PluginInstance&, const documents::RunningRef& asked,
                       const MethodDone<documents::RoomTracks>& done) { done(tracks(asked.room.value)); });
  add_method<SessionRef, documents::SessionSlots>(
      "slots", [this](PluginInstance& caller, const SessionRef& asked,
                      const MethodDone<documents::SessionSlots>& done) {
        if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
        done(slots(asked.session.value));
      });
  add_method<SessionRef, documents::SessionStatistics>(
      "statistics", [this](PluginInstance& caller, const SessionRef& asked,
                           const MethodDone<documents::SessionStatistics>& done) {
        if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
        statistics_(asked.session.value, [done](const Result<std::string>& text) {
          done(text ? read_statistics(text.value()) : Result<documents::SessionStatistics>(text.error()));
        });
      });
  add_method<SessionRef, Nothing>(
      "close", [this](PluginInstance& caller, const SessionRef& asked, const MethodDone<Nothing>& done) {
        if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
        opened_.remove(asked.session.value);
        holders_.erase(asked.session.value);
        done(nothing(rooms_.close_session(asked.session.value)));
      });
}

void MediaInterface::open(PluginInstance& caller, const documents::OpenSession& asked,
                          const MethodDone<documents::SessionAnswer>& done) {
  if (asked.offer.empty() == asked.lines.empty())
    return done(make_error(ErrorCode::bad_argument, "no_offer",
                           "a session begins with an offer of the peer's or with lines of ours", "offer",
                           "give exactly one of offer and lines"));
  SessionOffer offer;
  offer.offer = asked.offer;
  for (const documents::OfferedLine& line : asked.lines)
    offer.lines.push_back({static_cast<MediaKind>(static_cast<int>(line.kind) + 1),
                           static_cast<MediaContent>(static_cast<int>(line.content) + 1)});
  offer.encryption = static_cast<MediaEncryption>(static_cast<int>(asked.encryption) + 1);
  offer.profile = asked.profile == documents::SdpProfile::sip ? SdpProfile::sip : SdpProfile::webrtc;
  offer.whole_offer = asked.whole_offer;
  offer.max_send_bps = static_cast<std::uint32_t>(asked.max_send_bps);
  offer.max_receive_bps = static_cast<std::uint32_t>(asked.max_receive_bps);
  for (const documents::MediaCodec codec : asked.codecs)
    offer.codecs.push_back(to_codec(codec));
  offer.dscp_audio = to_mark(asked.dscp_audio);
  offer.dscp_video = to_mark(asked.dscp_video);
  offer.except = asked.except.value;
  offer.auto_audio = asked.audio == documents::AudioMode::automatic;
  offer.auto_video = asked.video == documents::VideoMode::automatic;
  if (const auto layout = layout_from(asked.layout)) {
    offer.layout = *layout;
  } else if (!asked.layout.empty()) {
    return done(refusal(Reason::layout_unknown, "layout"));
  }
  offer.stills = asked.stills;
  offer.tell_slots = asked.tell_slots;
  const auto answer = rooms_.attach_session(asked.participant.value, offer);
  if (answer) {
    holders_[answer->session] = asked.participant.value;
    opened_.add(answer->session, caller);
  }
  done(answer_document(answer));
}

Result<void> MediaInterface::check_owner(PluginInstance& caller, Handle session) const {
  if (opened_.is_owner(session.value, caller) && !has_ended(session.value)) return {};
  ++caller.counters().stale_handles;
  return refusal(Reason::session_gone, "session");
}

Result<documents::RoomTracks> MediaInterface::tracks(RoomId room) const {
  const Meeting* meeting = rooms_.meeting(room);
  if (!meeting) return refusal(Reason::room_gone, "room");
  documents::RoomTracks out;
  for (const ParticipantId member : meeting->members()) {
    const Participant* participant = rooms_.participant(member);
    if (!participant) continue;
    for (const ParticipantSession& session : participant->sessions) {
      for (const TrackInfo& track : session.tracks) {
        documents::RoomTrack entry;
        entry.participant.value = member;
        entry.track = track_document(track);
        out.tracks.push_back(std::move(entry));
      }
    }
  }
  return out;
}

Result<documents::SessionSlots> MediaInterface::slots(SessionId session) const {
  const auto holder = holders_.find(session);
  const Participant* participant = holder == holders_.end() ? nullptr : rooms_.participant(holder->second);
  const ParticipantSession* found = participant ? participant->session(session) : nullptr;
  const Meeting* meeting = found ? rooms_.meeting(participant->room) : nullptr;
  if (!meeting) return refusal(Reason::session_gone, "session");
  return meeting->slots_of(*participant, *found);
}

bool MediaInterface::has_ended(SessionId session) const {
  const auto holder = holders_.find(session);
  const Participant* participant = holder == holders_.end() ? nullptr : rooms_.participant(holder->second);
  if (!participant) return true;
  return std::ranges::none_of(participant->sessions,
                              [session](const auto& entry) { return entry.id == session; });
}

void MediaInterface::plugin_stopped(const PluginInstance& plugin) {
  for (const SessionId id : opened_.take(plugin)) {
    holders_.erase(id);
    (void)rooms_.close_session(id);
  }
}

} // namespace viadux
