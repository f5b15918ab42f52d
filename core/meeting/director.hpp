// Who is in which slot, for one room. Pure logic: no media, no clock, no handles of its own; told what is
// there, it answers with the differences only. Used by Meeting; tested alone in virtual time.
//
// Never one's own media (nor that of `except`), never one track in two slots of a session, never a track that
// is inactive or whose owner may not send it.
//   audio slots:        the loudest others; who is in a slot stays until somebody is clearly louder. Nobody
//                       who speaks in a channel is among them
//   hears a channel:    its mix in the first audio slot, whatever was asked for; nothing in the other ones
//   slides slots:       the room's presentation (the one that began last)
//   main video slots:   presentation (where the participant has no slides line, or wants it here) >
//                       spotlight > speaker > the speaker before > order of joining; second cameras after all
//                       first ones
//   one audio slot with auto_audio: one other is forwarded if the codecs agree; of several it gets the mix
//   one picture with auto_video:    one other is forwarded; of several it gets a composed one
//   a picture in a codec that the receiver lacks is transcoded
//   one picture with stills:        a still while there is nothing else
// Who is in a slot stays in that slot while still chosen. A receiver with four main video slots or more has a
// grid: there the rest are wanted no larger than 360 (SlotFill::max_height).
#pragma once

#include "core/meeting/loudness.hpp"
#include "core/meeting/participant.hpp"
#include "core/mixer/mix_control.hpp"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace viadux {

struct SlotChange {
  SessionId session = 0;
  std::uint32_t slot = 0; // SlotInfo::index
  SlotFill fill;
};

// Where the director has made tracks from; all may answer 0.
struct MadeTracks {
  std::function<TrackId(ParticipantId without, const std::string& channel, rtp::Codec codec)> mix;
  std::function<TrackId(StillText text, rtp::Codec codec)> still;
  std::function<TrackId(const MixView& view, rtp::Codec codec)> view = {};
  std::function<TrackId(TrackId track, rtp::Codec codec)> transcoded = {};
};

class Director {
 public:
  // How long only one other must be left until it is forwarded again, so that a mute does not make a switch.
  static constexpr std::int64_t mix_hold_us = 5'000'000;

  // Without it nothing is mixed and no still is shown.
  void use_mixer(MadeTracks made) { made_ = std::move(made); }

  // Rights are the effective ones: role, mute and lobby are in them already. A second call changes them.
  void set_participant(ParticipantId participant, std::uint64_t order, const MediaRights& rights);
  void set_presentation_in_picture(ParticipantId participant, bool wanted);
  // Names of channels; "" is the floor.
  void set_channels(ParticipantId participant, const std::string& speaks_in, const std::string& hears);
  // Its sessions and tracks go as well.
  void remove_participant(ParticipantId participant);

  // Replaces the session's tracks and slots; slots and tracks that stay keep what they have.
  void set_session(ParticipantId participant, const ParticipantSession& session);
  void remove_session(SessionId session);

  // Media arrives on it, or has stopped. False for a track that is not of this room.
  bool set_active(TrackId track, bool active);
  // Of composed pictures, for those who have not chosen another.
  void set_layout(Layout layout) { layout_ = layout; }
  // In the order in which they are to be seen; others are removed from it.
  void set_spotlight(std::vector<ParticipantId> spotlight);
  // True when decide() may come to something else now.
  bool add_levels(std::span<const AudioLevel> levels, std::int64_t now_us);

  // The differences since the last call. Priorities: 0 speaker, spotlight and all audio; 1 presentation; 2
  // the rest.
  std::vector<SlotChange> decide(std::int64_t now_us);

  // When decide() may come to something else though nothing happens; 0: never. By the last decide().
  std::int64_t look_again_us() const { return look_again_us_; }

  // All who may be heard, if anybody needs the mix now; by the last decide(). Of channels those that somebody
  // hears.
  std::vector<MixVoice> voices() const;
  // All that may be seen, if anybody needs a picture that is made; by the last decide(). Names and signs are
  // the caller's to add.
  MixScene scene() const;

  ParticipantId speaker() const { return loudness_.speaker(); }
  ParticipantId presenter() const; // 0 is nobody
  // Slots that went from one track to another, since the beginning.
  std::uint64_t switches() const { return switches_; }
  // What the slot has now, for documents and tests; 0 is nothing.
  TrackId filled_with(SessionId session, std::uint32_t slot) const;
  ParticipantId owner_of(TrackId track) const; // 0: nobody's, or it is made by the mixer

 private:
  static constexpr std::size_t unranked = SIZE_MAX;
  struct Track {
    TrackInfo info;
    SessionId session = 0;
    ParticipantId owner = 0;
    bool active = false;
    std::uint64_t began = 0;           // when it became active, in order: the last presentation wins
    std::uint32_t camera = 0;          // which of the owner's main video tracks
    std::size_t audio_rank = unranked; // in audio_order_, while it is there
  };
  struct Slot {
    SlotInfo info;
    SlotFill fill;
  };
  struct Receiver {
    ParticipantId owner = 0;
    ParticipantId except = 0;
    bool auto_audio = false;
    bool auto_video = false;
    bool stills = false;
    std::optional<Layout> layout;
    std::int64_t crowd_us = INT64_MIN / 2;         // when there were last several others to hear
    std::int64_t picture_crowd_us = INT64_MIN / 2; // and to see
    std::vector<Slot> slots;
  };
  struct Person {
    std::uint64_t order = 0;
    MediaRights rights;
    bool presentation_in_picture = false;
    std::string speaks_in;
    std::string hears;
    std::vector<TrackId> tracks;
    std::vector<SessionId> sessions;
  };
  struct Choice {
    TrackId track = 0;
    ParticipantId owner = 0;
    std::uint8_t priority = 0;
    double score = 0;        // loudness now, for sound
    std::uint64_t order = 0; // of joining
    bool in_channel = false; // and so no sound of the floor
  };

  bool may_send(const Track& track) const;
  void remove_track(TrackId track);
  void renumber_cameras(Person& person);
  const Track* presentation() const;
  std::vector<Choice> video_order() const;
  void rank_audio(std::int64_t now_us);
  void decide_receiver(SessionId id, Receiver& receiver, std::int64_t now_us,
                       std::vector<SlotChange>& changes);
  bool watches_slides(ParticipantId participant) const; // beside its picture, in any of its sessions
  std::vector<Choice> choose(const Receiver& receiver, std::span<const Choice> order,
                             std::size_t places) const;
  std::vector<Choice> choose_audio(const Receiver& receiver);
  const Slot* mixed_slot(const Receiver& receiver) const;
  std::vector<Choice> mix_or_forward(Receiver& receiver, const Slot& slot, std::int64_t now_us);
  std::vector<Choice> channel_mix(const Receiver& receiver);
  bool is_on_floor(const Receiver& receiver, const Choice& choice) const; // and may be heard by it
  bool is_large(ParticipantId who, std::size_t places) const;
  void make_readable(const Receiver& receiver, MediaContent content, std::vector<Choice>& chosen);
  const Slot* composed_slot(const Receiver& receiver) const;
  std::vector<Choice> compose_or_forward(Receiver& receiver, const Slot& slot, bool slides,
                                         std::int64_t now_us);
  std::vector<Choice> still_for(const Receiver& receiver) const;
  void place(SessionId id, Receiver& receiver, MediaKind kind, MediaContent content,
             std::vector<Choice> chosen, std::vector<SlotChange>& changes);

  std::map<ParticipantId, Person> people_;
  std::map<SessionId, Receiver> receivers_;
  std::unordered_map<TrackId, Track> tracks_;
  std::vector<ParticipantId> spotlight_;
  Layout layout_ = Layout::one_seven;
  std::vector<Choice> video_order_; // of this decide()
  std::vector<Choice> audio_order_;
  const Track* slides_ = nullptr;
  bool audio_scarce_ = false; // somebody hears fewer than there are: levels matter
  MadeTracks made_;
  std::map<TrackId, TrackId> made_from_; // transcoded, and whose picture that is
  bool mixing_ = false;                  // somebody has the mix
  std::set<std::string> mixed_channels_; // or a channel's
  std::int64_t look_again_us_ = 0;
  bool composing_ = false; // somebody has a picture that is made
  Loudness loudness_;
  std::uint64_t began_ = 0;
  std::uint64_t switches_ = 0;
};

} // namespace viadux
