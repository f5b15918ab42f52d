// A running occupancy of a room: who is in it, lobby, lock, sessions, and the director's decisions carried
// out. Owned by Rooms, which looks handles up, checks caps and takes participants out; nobody else calls it.
// [control]
#pragma once

#include "core/control/loop.hpp"
#include "core/events/bus.hpp"
#include "core/meeting/admission.hpp"
#include "core/meeting/director.hpp"
#include "core/meeting/handle.hpp"

#include <memory>
#include <optional>
#include <unordered_map>

namespace viadux {

struct MeetingOptions {
  std::int64_t no_media_us = 30'000'000; // a participant without a session leaves after this
  std::int64_t lobby_us = 900'000'000;   // and one that nobody lets in after this
  std::uint32_t participants_max = 5000; // of this server
  std::uint32_t meetings_max = 2000;     // running at the same time on this server
  std::uint32_t room_participants_max = 500;
};

// A room as the meeting knows it: the stored row, read.
struct Room {
  std::string id; // of the row; bookings point at it
  std::string organisation;
  std::string alias;
  RoomSettings settings;
  RoomPins pins; // never in events or logs
  std::int64_t opens_ms = 0;
  std::int64_t expires_ms = 0;
  bool on_demand = false;
};

// What all meetings of the server share.
struct MeetingContext {
  ControlLoop& loop;
  MediaControl& media;
  EventBus& events;
  MeetingOptions options;
  HandleTable<Participant, 2> participants;
  std::unordered_map<SessionId, ParticipantId> sessions;
  std::unordered_map<TrackId, RoomId> tracks;
  std::uint64_t joined = 0;   // participants ever admitted: the order of joining
  std::uint64_t switches = 0; // slots that went from one track to another
  std::uint64_t fills_refused = 0;
  MixControl* mixer = nullptr; // null: nothing is mixed
};

struct SessionOffer {
  std::string offer; // SDP as it came
  SdpProfile profile = SdpProfile::webrtc;
  bool whole_offer = false;       // as in SessionRequest
  std::uint32_t max_send_bps = 0; // as in SessionRequest
  std::uint32_t max_receive_bps = 0;
  ParticipantId except = 0; // whose media is left out; one that is not in the room leaves out nobody
  bool auto_audio = false;  // its one audio line hears everybody: forwarded or mixed, as it needs
  bool stills = false;      // its one picture never stops
};

class Meeting {
 public:
  Meeting(RoomId handle, MeetingContext& context, Room room);
  ~Meeting();
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;

  RoomId id() const { return id_; }
  const Room& room() const { return room_; }
  bool locked() const { return locked_; }
  bool empty() const { return members_.empty(); }
  const std::vector<ParticipantId>& members() const { return members_; } // in order of joining
  bool has_host() const;
  const Director& director() const { return director_; }
  std::int64_t started_ms() const { return started_ms_; }

  // The participant is filled in but for presence; it goes into the meeting or the lobby. Refused:
  // room_locked.
  Result<Presence> enter(Participant& participant);
  void leave(Participant& participant, Reason reason);

  void set_locked(bool locked);
  Result<void> let_in(Participant& participant);
  void set_role(Participant& participant, Role role);
  void set_muted(Participant& participant, std::optional<bool> audio, std::optional<bool> video);
  void set_rights(Participant& participant, const MediaRights& rights);
  void set_spotlight(std::vector<ParticipantId> spotlight);
  const std::vector<ParticipantId>& spotlight() const { return spotlight_; }

  Result<SessionAnswer> attach(Participant& participant, const SessionOffer& offer);
  Result<SessionAnswer> update(Participant& participant, SessionId session, const std::string& offer);
  // Takes it out of the books; closes it at the media unless it has ended by itself.
  void detach(Participant& participant, SessionId session, bool ended_by_itself);
  // A track without a session; it is taken to be active as long as it is there.
  Result<void> publish(Participant& participant, const TrackInfo& track);
  void withdraw(TrackId track);
  void connected(Participant& participant, SessionId session);
  void track_active(TrackId track, bool active);
  void levels(std::span<const AudioLevel> levels);
  void mix_changed() { direct_soon(); }

  // What the participant may do now: its own rights, its role's, mute and lobby together.
  MediaRights effective_rights(const Participant& participant) const;
  // Why it has to go now, if so: no media in time, or nobody let it in.
  std::optional<Reason> overdue(const Participant& participant) const;

 private:
  MediaRights lasting_rights(const Participant& participant) const; // without mute and lobby
  bool must_wait(const Participant& participant) const;
  void admit_waiting();
  void drop_session(Participant& participant, SessionId session, bool ended_by_itself);
  void apply_rights(Participant& participant);
  void tell(const char* type, const Participant& participant);
  void tell_room(const char* type);
  void direct_soon();
  void direct();

  const RoomId id_;
  MeetingContext& context_;
  const Room room_;
  const std::int64_t started_ms_;
  bool locked_ = false;
  std::vector<ParticipantId> members_;
  std::vector<ParticipantId> spotlight_;
  Director director_;
  ParticipantId told_speaker_ = 0;
  ParticipantId told_presenter_ = 0;
  bool direct_posted_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
