// A running occupancy of a room: who is in it, lobby, lock, sessions, and the director's decisions carried
// out. Owned by Rooms, which looks handles up, checks caps and takes participants out; nobody else calls it.
// [control]
#pragma once

#include "core/control/loop.hpp"
#include "core/events/bus.hpp"
#include "core/meeting/admission.hpp"
#include "core/meeting/director.hpp"
#include "core/meeting/handle.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <viadux/documents/media.hpp>

namespace viadux {

struct MeetingOptions {
  std::int64_t no_media_us = 30'000'000; // a participant without a session leaves after this
  std::int64_t lobby_us = 900'000'000;   // and one that nobody lets in after this
  std::uint32_t participants_max = 5000; // of this server
  std::uint32_t meetings_max = 2000;     // running at the same time on this server
  std::uint32_t room_participants_max = 500;
  std::int64_t linger_us = 5'000'000; // a meeting outlives its last participant for this
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
  HandleTable<Participant, 2> participants = {};
  std::unordered_map<SessionId, ParticipantId> sessions = {};
  std::unordered_map<TrackId, RoomId> tracks = {};
  std::unordered_set<TrackId> active = {}; // tracks on which media arrives
  std::unordered_map<std::string, ParticipantId> uuids = {};
  std::uint64_t joined = 0;   // participants ever admitted: the order of joining
  std::uint64_t switches = 0; // slots that went from one track to another
  std::uint64_t fills_refused = 0;
  MixControl* mixer = nullptr; // null: nothing is mixed
  std::uint64_t messages = 0;
  std::uint64_t messages_refused = 0;
  std::uint64_t moves = 0;
  // Is a host of this room in one of its break-outs?
  std::function<bool(RoomId)> host_in_breakouts = {};
};

struct SessionOffer {
  std::string offer;              // SDP as it came; or
  std::vector<OfferedLine> lines; // what we offer instead
  MediaEncryption encryption = MediaEncryption::best_effort;
  SdpProfile profile = SdpProfile::webrtc;
  bool whole_offer = false;       // as in SessionRequest
  std::uint32_t max_send_bps = 0; // as in SessionRequest
  std::uint32_t max_receive_bps = 0;
  std::vector<rtp::Codec> codecs; // as in SessionRequest, and so the marks
  std::optional<std::uint8_t> dscp_audio;
  std::optional<std::uint8_t> dscp_video;
  ParticipantId except = 0;     // whose media is left out; one that is not in the room leaves out nobody
  bool auto_audio = false;      // its one audio line hears everybody: forwarded or mixed, as it needs
  bool auto_video = false;      // its one picture shows everybody: forwarded or composed, as it needs
  std::optional<Layout> layout; // its own; else the room's
  bool stills = false;          // its one picture never stops
  bool tell_slots = false;      // slots_changed says whose picture is where
};

// What makes a meeting a break-out of another.
struct BreakoutTraits {
  RoomId parent = 0;
  std::string description;
  bool disconnects = false; // at its end its people leave, instead of going back
  bool guests_may_leave = true;
};

struct ChatMessage {
  ParticipantId to = 0; // 0 is everybody
  std::string type;
  std::string payload;
  RoomId room = 0; // 0 is the room that it comes from
};
inline constexpr std::size_t longest_message = 64 * 1024;

class Meeting {
 public:
  Meeting(RoomId handle, MeetingContext& context, Room room, std::optional<BreakoutTraits> breakout = {});
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

  // -- coming and going
  // The participant is filled in but for presence; it goes into the meeting or the lobby. Refused:
  // room_locked.
  Result<Presence> enter(Participant& participant);
  void leave(Participant& participant, Reason reason);
  // Moves it, with its sessions: out of here, into `to`, where it is inside at once.
  void move(Participant& participant, Meeting& to);
  Result<void> let_in(Participant& participant);
  // Hosts are not waited for any longer, until the last one leaves.
  void start();
  void set_locked(bool locked);

  // -- steering: meeting_steering.cpp
  void set_role(Participant& participant, Role role);
  // Refused: muted_by_host, for a guest that unmutes itself while that is not allowed.
  Result<void> set_muted(Participant& participant, std::optional<bool> audio, std::optional<bool> video,
                         ParticipantId by);
  void set_rights(Participant& participant, const MediaRights& rights);
  void set_presentation(Participant& participant, std::optional<bool> denied, std::optional<bool> in_picture);
  // What it speaks in and hears, as names of channels; "" is the floor. Refused: channel_malformed,
  // channels_full.
  Result<void> set_channels(Participant& participant, const std::optional<std::string>& speaks_in,
                            const std::optional<std::string>& hears);
  void set_spotlight(std::vector<ParticipantId> spotlight);
  void set_client_state(Participant& participant, std::optional<bool> audio, std::optional<bool> video);
  void rename(Participant& participant, std::string display_name);
  void raise_hand(Participant& participant, bool raised);
  void lower_all_hands();
  void mute_guests(bool muted);
  void set_guests_can_unmute(bool allowed);
  void set_guests_can_present(bool allowed);
  void set_layout(Layout layout);  // of composed pictures
  void set_text(std::string text); // over them; empty is none
  // The newest who takes it has it. Refused: in_lobby, present_refused.
  Result<void> take_floor(Participant& participant);
  void release_floor(Participant& participant);
  // Tells the event `message`. Refused: chat_off, in_lobby, message_malformed, messages_slowed.
  Result<void> send_message(Participant& from, const ChatMessage& message);
  // May it be sent? Counts as sent.
  Result<void> judge_message(Participant& from, const ChatMessage& message);
  // Not judged: from somebody elsewhere in the family.
  void tell_message(const Participant& from, const ChatMessage& message);

  bool started() const;
  bool guests_muted() const { return guests_muted_; }
  bool guests_can_unmute() const { return guests_can_unmute_; }
  bool guests_can_present() const { return guests_can_present_; }
  Layout layout() const { return layout_; }
  const std::string& text() const { return text_; }
  const std::vector<ParticipantId>& spotlight() const { return spotlight_; }
  ParticipantId presenter() const { return floor_ ? floor_ : director_.presenter(); }

  // -- break-outs; Rooms makes and closes them
  const std::optional<BreakoutTraits>& breakout() const { return breakout_; }
  const std::vector<RoomId>& breakouts() const { return breakouts_; }
  void add_breakout(RoomId room) {
    breakouts_.push_back(room);
    tell_room("meeting_changed");
  }
  void remove_breakout(RoomId room) {
    if (std::erase(breakouts_, room)) tell_room("meeting_changed");
  }

  // -- time: meeting_time.cpp
  std::int64_t ends_ms() const { return ends_ms_; } // 0 is never
  void set_ends_ms(std::int64_t ends_ms);
  // Warns of the end and puts guests back in the lobby; why the meeting is over, if it is. `kept`: a
  // break-out with people in it keeps it.
  std::optional<Reason> tick(bool kept);
  // Why it has to go now, if so: no media in time, or nobody let it in.
  std::optional<Reason> overdue(const Participant& participant) const;
  // Nobody is in it, and it is not to outlive that.
  bool ends_at_once() const;

  // -- sessions: meeting_sessions.cpp
  Result<SessionAnswer> attach(Participant& participant, const SessionOffer& offer);
  Result<SessionAnswer> update(Participant& participant, SessionId session, const std::string& offer);
  // The answer to an offer of ours.
  Result<SessionAnswer> accept(Participant& participant, SessionId session, const std::string& answer);
  // Takes it out of the books; closes it at the media unless it has ended by itself.
  void detach(Participant& participant, SessionId session, bool ended_by_itself);
  // A track without a session; it is taken to be active as long as it is there.
  Result<void> publish(Participant& participant, const TrackInfo& track);
  void withdraw(TrackId track);
  void connected(Participant& participant, SessionId session);
  void track_active(TrackId track, bool active);
  void levels(std::span<const AudioLevel> levels);
  void mix_changed() { direct_soon(); }
  documents::SessionSlots slots_of(const Participant& participant, const ParticipantSession& session) const;

  // What the participant may do now: its own rights, its role's, mute and lobby together.
  MediaRights effective_rights(const Participant& participant) const;

 private:
  std::set<std::string> channels_without(const Participant& participant) const;
  void fit_channels(Participant& participant) const;
  MediaRights lasting_rights(const Participant& participant) const; // without mute, floor and lobby
  bool waits_for_host() const;
  bool must_wait(const Participant& participant) const;
  void admit_waiting();
  void go_inside(Participant& participant);
  void count_in();
  void send_to_lobby();
  void forget(Participant& participant);
  Result<SessionAnswer> renegotiate(Participant& participant, SessionId session,
                                    const std::function<Result<SessionAnswer>()>& negotiate);
  void drop_session(Participant& participant, SessionId session, bool ended_by_itself);
  void apply_rights(Participant& participant);
  void apply_rights_to_all();
  void note_presenter();
  void number_spotlight();
  std::int64_t now_ms() const { return context_.loop.clock().wall_ms(); }
  void tell(const char* type, const Participant& participant);
  void tell_room(const char* type);
  void direct_soon();
  void direct();
  void look_again();
  void tell_slots(std::span<const SlotChange> changes);
  bool is_recorded() const;
  MixScene scene() const;

  const RoomId id_;
  MeetingContext& context_;
  Room room_;
  const std::optional<BreakoutTraits> breakout_;
  const std::int64_t started_ms_;
  std::int64_t ends_ms_;
  bool warned_ = false; // of ends_ms_
  bool locked_ = false;
  bool auto_locked_ = false;     // lock_at has been reached once
  bool started_by_hand_ = false; // hosts are not waited for
  bool had_host_ = false;
  bool had_person_ = false; // anybody but services
  std::int64_t hosts_gone_since_us_ = 0;
  std::int64_t deserted_since_us_; // 0 while anybody but services is in it
  bool guests_muted_;
  bool guests_can_unmute_;
  bool guests_can_present_;
  Layout layout_;
  std::string text_; // may be personal
  ParticipantId floor_ = 0;
  std::int64_t last_hand_ms_ = 0;
  std::vector<ParticipantId> members_;
  std::vector<ParticipantId> spotlight_;
  std::vector<RoomId> breakouts_;
  TokenBucket message_bytes_{512 * 1024, 64 * 1024};
  Director director_;
  ParticipantId told_speaker_ = 0;
  ParticipantId told_presenter_ = 0;
  bool direct_posted_ = false;
  std::int64_t look_again_us_ = 0; // when direct() comes by itself
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
