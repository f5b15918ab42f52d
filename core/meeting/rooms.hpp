// Rooms and meetings: the one door. Signalling plugins (through the border), the command line and tests use
// this.
//
//   rooms.admit(request, [](Result<Admitted> in) { … });       // finds or makes the room, checks PIN, lock
//   and caps rooms.attach_session(in->participant, offer);              // the SDP answer
//   rooms.leave(in->participant);
//
// [control] for everything. Functions with `done` answer exactly once, never from inside the call; what they
// changed is on the event bus before that. Errors carry a word of reasons.hpp. Handles are of 64 bits; a
// stale one gives `gone`.
#pragma once

#include "core/meeting/guess_limiter.hpp"
#include "core/meeting/meeting.hpp"
#include "core/policy/ask.hpp"
#include "core/store/room_repository.hpp"

#include <functional>
#include <string>
#include <vector>

namespace viadux {

using store::Done;

struct NewRoom {
  std::string organisation; // code
  std::string alias;        // lower case
  RoomSettings settings;
  RoomPins pins;
  std::int64_t opens_ms = 0;
  std::int64_t expires_ms = 0;
};

struct RoomInfo {
  Room room;
  RoomId running = 0; // the meeting, if one runs
  std::size_t participants = 0;
};

// What the policy's hook `admit` has said of somebody whose PIN was right.
struct AdmissionDecision {
  Role role = Role::guest;
  bool lobby = false;
  bool bypass_lock = false;
  bool failed = false;        // the policy did: careful
  std::string speaks_in = {}; // channels
  std::string hears = {};
};

struct AdmitRequest {
  std::string organisation;        // code of the one that answers the address
  std::string alias;               // lower case, decoded
  std::string pin;                 // as given; "" is none
  std::optional<Role> proven_role; // by token or policy: no PIN is asked
  bool ask_for_pin = false;   // no PIN is pin_required where there is a host PIN, though guests need none
  std::string source_address; // slows guesses; kept in memory only, as long as they count
  std::string display_name;   // cut at 128 bytes; never logged
  std::string protocol;       // plugin id
  std::string own_organisation;
  std::string correlation_id;
  ParticipantKind kind = ParticipantKind::person;
  bool control_only = false;        // may stay without a session
  bool leaves_with_session = false; // a whip publisher: gone when its session is
  MediaRights rights;
  std::string uuid;       // "" makes a new one; else it comes back under its own, lower case
  bool returning = false; // was inside before: neither lock nor waiting for a host is for it
  std::string call_tag;
  documents::Authenticated authenticated = documents::Authenticated::none; // beside the PIN
  documents::RoomRules rules; // by the policy's hook `service`, for a meeting that begins with this one
  std::optional<AdmissionDecision> decided; // by the policy's hook `admit`; Rooms fills it in
};

struct NewBreakout {
  std::string name;
  std::uint32_t duration_s = 0; // 0 is as long as its parent
  BreakoutTraits traits;        // but for the parent
  std::vector<ParticipantId> participants;
};
inline constexpr std::size_t breakouts_per_room = 50;

struct Admitted {
  RoomId room = 0;
  ParticipantId participant = 0;
  Role role = Role::guest;
  Presence presence = Presence::meeting;
  std::string uuid;
  documents::Authenticated authenticated = documents::Authenticated::none; // the PIN included
};

struct MeetingCounters {
  std::uint64_t admitted = 0;
  std::uint64_t left = 0;
  std::uint64_t meetings_started = 0;
  std::uint64_t breakouts_started = 0;
  std::uint64_t pin_wrong = 0;
  std::uint64_t pin_slowed = 0;
  std::vector<std::uint64_t> refused; // by Reason
  std::vector<std::uint64_t> gone;    // by Reason: why participants left
};

class Rooms final : public MediaListener {
 public:
  struct Parts {
    ControlLoop& loop;
    MediaControl& media;
    EventBus& events;
    store::RoomRepository& store;
    // What an organisation may use, by its code; {known = false} for one that is not there.
    std::function<OrganisationLimits(const std::string& organisation)> organisation;
    MixControl* mixer = nullptr; // null: nothing is mixed, and there are no stills
    PolicyAsk policies;          // none: everybody comes in whom the room lets in
  };
  // Becomes the media's listener and the bus's source of snapshots.
  Rooms(Parts parts, MeetingOptions options = {}, GuessLimits guesses = {});
  ~Rooms() override;
  Rooms(const Rooms&) = delete;
  Rooms& operator=(const Rooms&) = delete;

  // -- rooms
  void create(NewRoom room, Done<RoomInfo> done);
  // Settings, PINs and times of a room that is there, from its next meeting on. not_found/room_unknown.
  void redefine(const NewRoom& room, Done<void> done);
  // For those who may know of it (booking, operators): also rooms that are not open yet or have expired.
  void find(std::string organisation, std::string alias, Done<RoomInfo> done);
  // A running meeting in it ends.
  void remove(std::string organisation, std::string alias, Done<void> done);

  // -- participants
  void admit(AdmitRequest request, Done<Admitted> done);
  Result<void> leave(ParticipantId participant, Reason reason = Reason::left);
  Result<void> disconnect(ParticipantId participant) {
    return leave(participant, Reason::disconnected_by_host);
  }
  Result<void> let_in(ParticipantId participant);
  Result<void> set_role(ParticipantId participant, Role role);
  // None leaves it as it is. `by`: who mutes; 0 is the server.
  Result<void> set_muted(ParticipantId participant, std::optional<bool> audio, std::optional<bool> video = {},
                         ParticipantId by = 0);
  Result<void> set_rights(ParticipantId participant, const MediaRights& rights);
  Result<void> set_presentation(ParticipantId participant, std::optional<bool> denied,
                                std::optional<bool> in_picture);
  Result<void> set_channels(ParticipantId participant, const std::optional<std::string>& speaks_in,
                            const std::optional<std::string>& hears);
  Result<void> set_client_state(ParticipantId participant, std::optional<bool> audio,
                                std::optional<bool> video);
  Result<void> rename(ParticipantId participant, std::string display_name);
  Result<void> raise_hand(ParticipantId participant, bool raised);
  Result<void> take_floor(ParticipantId participant);
  Result<void> release_floor(ParticipantId participant);
  Result<void> send_message(ParticipantId from, const ChatMessage& message);
  // Keys of a telephone: for `to` (in the same room, or of one that `from` steers), or 0: for whoever
  // listens. message_malformed, messages_slowed.
  Result<void> send_digits(ParticipantId from, ParticipantId to, const std::string& digits);
  // With its live sessions into another running room. codecs_differ, room_full, organisation_full.
  Result<void> move(ParticipantId participant, RoomId room);
  const Participant* participant(ParticipantId participant) const;

  // -- who may: hosts of the room, of its parent or of a sister; `by` 0 is the server, which may all.
  // host_only.
  Result<void> may_steer(ParticipantId by, RoomId room) const;
  // Itself, or who may steer.
  Result<void> may_act(ParticipantId by, ParticipantId on) const;

  // -- meetings
  Result<void> set_locked(RoomId room, bool locked);
  Result<void> set_spotlight(RoomId room, std::vector<ParticipantId> spotlight);
  Result<void> start(RoomId room);
  Result<void> mute_guests(RoomId room, bool muted);
  Result<void> lower_all_hands(RoomId room);
  Result<void> set_guests_can_unmute(RoomId room, bool allowed);
  Result<void> set_guests_can_present(RoomId room, bool allowed);
  Result<void> set_layout(RoomId room, Layout layout);
  Result<void> set_text(RoomId room, std::string text);
  // When it ends by itself; 0 is never. Kept in the store.
  void extend(RoomId room, std::int64_t ends_ms, Done<void> done);

  // -- break-outs. Of a break-out, its parent is meant where a parent is asked for.
  Result<RoomId> create_breakout(RoomId parent, NewBreakout wanted);
  Result<void> close_breakout(RoomId room);
  Result<void> close_breakouts(RoomId parent);
  Result<void> leave_breakout(ParticipantId participant, ParticipantId by);
  // To all break-outs of its room; for hosts.
  Result<void> message_breakouts(ParticipantId from, const ChatMessage& message);

  Result<void> end(RoomId room, Reason reason = Reason::host_ended);
  // At server stop: everybody leaves, nobody new comes.
  void end_all();
  const Meeting* meeting(RoomId room) const;
  std::vector<RoomId> meetings() const;

  // -- sessions
  Result<SessionAnswer> attach_session(ParticipantId participant, const SessionOffer& offer);
  Result<SessionAnswer> update_session(SessionId session, const std::string& offer);
  Result<SessionAnswer> accept_session(SessionId session, const std::string& answer);
  Result<void> add_candidates(SessionId session, const std::string& fragment);
  Result<void> close_session(SessionId session);
  // A track that no session brings: what a plugin plays into a room (session/track_port.hpp). The director
  // shows it as any other of that participant. refused/sessions_full: each counts as a session.
  Result<void> publish_track(ParticipantId participant, const TrackInfo& track);
  void withdraw_track(TrackId track); // also one that has gone with its participant

  MeetingCounters counters() const { return counters_; }
  std::uint64_t switches() const { return context_.switches; }
  std::uint64_t messages() const { return context_.messages; }
  std::uint64_t messages_refused() const { return context_.messages_refused; }
  std::uint64_t moves() const { return context_.moves; }
  std::uint64_t fills_refused() const { return context_.fills_refused; }
  std::size_t participants() const { return context_.participants.size(); }

  // -- MediaListener
  void on_session_connected(SessionId session) override;
  void on_session_closed(SessionId session, const std::string& reason) override;
  void on_track_active(TrackId track, bool active) override;
  void on_audio_levels(std::span<const AudioLevel> levels) override;

 private:
  using Key = std::pair<std::string, std::string>; // organisation, alias
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };

  // By way of the loop, so that the events of the call, posted before, are seen first.
  template <class T>
  void answer(Done<T> done, Result<T> result) {
    std::function<void()> task = [done = std::move(done), result = std::move(result)] { done(result); };
    // A full queue delays an answer, but does not lose it.
    if (!parts_.loop.post(task)) parts_.loop.after(50'000, std::move(task));
  }
  Error refuse(Reason reason, std::string field = {}, std::string hint = {});
  void load(const AdmitRequest& request, const OrganisationLimits& limits, Done<store::RoomRow> done);
  void admit_loaded(Result<store::RoomRow> row, AdmitRequest request, Done<Admitted> done);
  void judge(Room room, AdmitRequest request, const OrganisationLimits& limits, Done<Admitted> done);
  void ask_policy(Room room, AdmitRequest request, Role role, Done<Admitted> done);
  Result<Admitted> admit_decided(const Room& room, AdmitRequest request, const PolicyDecision& decision);
  Result<Admitted> admit_to(const Room& room, AdmitRequest request, const OrganisationLimits& limits);
  Result<Meeting*> check_place(const Room& room, const AdmitRequest& request,
                               const OrganisationLimits& limits);
  std::optional<Reason> check_caps(const Meeting* meeting, const std::string& organisation,
                                   const RoomSettings& settings, const OrganisationLimits& limits);
  static documents::Authenticated known_by(const Room& room, const AdmitRequest& request);
  Result<Role> check_pin(const Room& room, const AdmitRequest& request);
  Result<Participant*> former_of(const Room& room, const AdmitRequest& request);
  // Somebody else has its uuid: another plugin's, or in another room.
  bool uuid_taken(const std::string& organisation, const std::string& alias,
                  const AdmitRequest& request) const;
  void replace(Meeting& meeting, Participant& former, Participant& participant);
  void take_out(Meeting& meeting, Participant& participant, Reason reason);
  bool open_now(bool on_demand, std::int64_t opens_ms, std::int64_t expires_ms) const;
  bool visible(const Room& room) const;
  RoomId family_of(RoomId room) const;        // its parent, or itself
  std::size_t people_of(RoomId family) const; // of a room and its break-outs
  bool host_in_breakouts(RoomId room) const;
  bool breakouts_occupied(const Meeting& meeting) const;
  bool idle(const Meeting& meeting) const;
  template <class Act>
  Result<void> with(ParticipantId participant, Act act);
  template <class Act>
  Result<void> in(RoomId room, Act act);
  Meeting* running(const Key& key);
  std::pair<Meeting*, Participant*> whereabouts(ParticipantId participant);
  std::pair<Meeting*, Participant*> holder_of(SessionId session);
  void end_meeting(Meeting& meeting);
  void tick();
  void arm_tick();

  Parts parts_;
  MeetingContext context_;
  GuessLimiter guesses_;
  HandleTable<Meeting, 1> meetings_;
  std::unordered_map<Key, RoomId, KeyHash> running_;
  std::unordered_map<std::string, std::uint32_t> in_organisation_; // participants
  MeetingCounters counters_;
  TimerId tick_ = 0;
  bool stopping_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
