// viadux/documents/media.hpp - interface "viadux.media": a participant's media connections.
//
// A session belongs to a participant and ends with it at the latest. SDP is text, as it came and as it goes;
// the core alone reads and writes it. What the participant may send and receive is enforced, whatever the SDP
// says.
#pragma once

#include <viadux/document.hpp>

namespace viadux::documents {

enum class SdpProfile : std::uint8_t { webrtc, sip };
enum class MediaKind : std::uint8_t { audio, video, application };
enum class MediaContent : std::uint8_t { main, slides };
enum class AudioMode : std::uint8_t { forward, automatic };
enum class VideoMode : std::uint8_t { forward, automatic };
enum class MediaCodec : std::uint8_t { opus, g722, pcma, pcmu, vp8, h264 };
enum class MediaEncryption : std::uint8_t { off, best_effort, required };

// A line of an offer of ours. What the participant may not use is offered in the directions that are left.
struct OfferedLine {
  MediaKind kind = MediaKind::audio;
  MediaContent content = MediaContent::main;
  static constexpr auto fields() {
    return field_table(field("kind", &OfferedLine::kind, "Audio or video."),
                       field("content", &OfferedLine::content, "Main, or slides: a presentation."));
  }
};

// viadux.media open -> SessionAnswer. bad_argument (the SDP; the message says which line), unsupported (no
// common codec or transport; sdp_not_whole), busy/sessions_full, gone/participant_gone.
//
// With an offer of the peer's it is answered. With `lines` it is we who offer (a call out, or an INVITE
// without an offer): then SessionAnswer's `answer` is our offer, and tracks and slots come with `accept`.
struct OpenSession {
  Handle participant;
  std::string offer;
  std::vector<OfferedLine> lines;
  MediaEncryption encryption = MediaEncryption::best_effort;
  SdpProfile profile = SdpProfile::webrtc;
  std::int64_t max_send_bps = 0;
  std::int64_t max_receive_bps = 0;
  std::vector<MediaCodec> codecs;
  std::optional<std::int64_t> dscp_audio;
  std::optional<std::int64_t> dscp_video;
  Handle except;
  bool whole_offer = false;
  AudioMode audio = AudioMode::forward;
  VideoMode video = VideoMode::forward;
  std::string layout;
  bool stills = false;
  bool tell_slots = false;

  static constexpr auto fields() {
    return field_table(
        field("participant", &OpenSession::participant, "Whose session.").required(),
        field("offer", &OpenSession::offer, "The SDP offer as it came.").limit(128 * 1024),
        field("lines", &OpenSession::lines, "What we offer, where the peer has made no offer.").limit(16),
        field("encryption", &OpenSession::encryption,
              "Of SIP's sound and picture: off, best_effort (where the peer has keys) or required."),
        field("profile", &OpenSession::profile, "How it is read: webrtc strictly, sip leniently."),
        field("max_send_bps", &OpenSession::max_send_bps,
              "What we send it at most; 0 is the configuration's.")
            .range(0, 4'000'000'000),
        field("max_receive_bps", &OpenSession::max_receive_bps, "What it may send; 0 is the configuration's.")
            .range(0, 4'000'000'000),
        field(
            "codecs", &OpenSession::codecs,
            "What may be agreed on, the preferred one first: opus, g722, pcma, pcmu, vp8, h264. Empty: all, "
            "Opus and the room's codec first. Sound is never left without one; pictures are.")
            .limit(16),
        field("dscp_audio", &OpenSession::dscp_audio,
              "Mark on sent packets with sound (DSCP); left out: media.dscp_audio.")
            .range(0, 63),
        field("dscp_video", &OpenSession::dscp_video,
              "Mark on sent packets with picture (DSCP); left out: media.dscp_video.")
            .range(0, 63),
        field("except", &OpenSession::except, "A participant whose media is left out."),
        field("whole_offer", &OpenSession::whole_offer,
              "Refuse the offer where one of its lines cannot be taken, instead of that line alone."),
        field(
            "audio", &OpenSession::audio,
            "auto, for a client with one audio line: it hears everybody, one other forwarded, several mixed. "
            "forward: each line has one other."),
        field(
            "video", &OpenSession::video,
            "auto, for a client with one picture: it sees everybody, one other forwarded, several composed. "
            "forward: each line has one other."),
        field(
            "layout", &OpenSession::layout,
            "How several stand in the composed picture: 1:7 (also where it is empty), 1:0, 1:21, 1:33, 2:21, "
            "2x2, 3x3, 4x4, 5x5, equal, stage or slides.")
            .limit(16),
        field("stills", &OpenSession::stills,
              "For a client with one picture that must not stop: a still while there is nothing to show."),
        field("tell_slots", &OpenSession::tell_slots,
              "Events slots_changed say whose picture is in which of its slots."));
  }
};

// viadux.media update -> SessionAnswer: a new offer on a running session (ICE restart, lines added or their
// direction changed). Tracks and slots that stay keep their ids. gone/session_gone.
struct UpdateSession {
  Handle session;
  std::string offer;
  static constexpr auto fields() {
    return field_table(
        field("session", &UpdateSession::session, "Which.").required(),
        field("offer", &UpdateSession::offer, "The new SDP offer as it came.").required().limit(128 * 1024));
  }
};

// viadux.media accept -> SessionAnswer (its `answer` empty): the peer's answer to our offer. bad_argument (it
// does not answer it, or "no_offer"), unsupported, gone/session_gone; the session waits on.
struct AcceptAnswer {
  Handle session;
  std::string answer;
  static constexpr auto fields() {
    return field_table(
        field("session", &AcceptAnswer::session, "Which.").required(),
        field("answer", &AcceptAnswer::answer, "The SDP answer as it came.").required().limit(128 * 1024));
  }
};

// viadux.media candidates -> Nothing: trickled candidates (RFC 8840).
struct AddCandidates {
  Handle session;
  std::string fragment;
  static constexpr auto fields() {
    return field_table(field("session", &AddCandidates::session, "Which.").required(),
                       field("fragment", &AddCandidates::fragment, "A trickle-ice-sdpfrag body as it came.")
                           .required()
                           .limit(32 * 1024));
  }
};

// viadux.media close -> Nothing.
struct SessionRef {
  Handle session;
  static constexpr auto fields() {
    return field_table(field("session", &SessionRef::session, "Which.").required());
  }
};

// Media that a session sends to us.
struct Track {
  Handle id;
  std::string mid;
  MediaKind kind = MediaKind::audio;
  MediaContent content = MediaContent::main;
  static constexpr auto fields() {
    return field_table(field("id", &Track::id, "Its handle."),
                       field("mid", &Track::mid, "Of its media line."),
                       field("kind", &Track::kind, "Audio or video."),
                       field("content", &Track::content, "Main, or slides: a presentation."));
  }
};

// A place where a session receives; what fills it changes without renegotiation.
struct Slot {
  std::int64_t index = 0;
  std::string mid;
  MediaKind kind = MediaKind::audio;
  MediaContent content = MediaContent::main;
  static constexpr auto fields() {
    return field_table(field("index", &Slot::index, "Of its media line."),
                       field("mid", &Slot::mid, "Of its media line."),
                       field("kind", &Slot::kind, "Audio or video."),
                       field("content", &Slot::content, "Main, or slides: a presentation."));
  }
};

// Whose picture is in the slots of a session: the event slots_changed, in parts of at most 64 sessions, and
// viadux.media slots (SessionRef -> SessionSlots). Only slots for video; an empty one has no participant.
struct FilledSlot {
  std::string mid;
  MediaContent content = MediaContent::main;
  Handle participant;
  static constexpr auto fields() {
    return field_table(field("mid", &FilledSlot::mid, "Of its media line."),
                       field("content", &FilledSlot::content, "Main, or slides: a presentation."),
                       field("participant", &FilledSlot::participant, "Who is in it."));
  }
};
struct SessionSlots {
  Handle session;
  Handle participant;
  std::vector<FilledSlot> slots;
  static constexpr auto fields() {
    return field_table(field("session", &SessionSlots::session, "Which."),
                       field("participant", &SessionSlots::participant, "Whose session."),
                       field("slots", &SessionSlots::slots, "All of its slots for video."));
  }
};
struct SlotsChanged {
  std::vector<SessionSlots> sessions;
  static constexpr auto fields() {
    return field_table(field("sessions", &SlotsChanged::sessions, "Those where something has changed."));
  }
};

struct SessionAnswer {
  Handle session;
  std::string answer;
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<Track> tracks;
  std::vector<Slot> slots;

  static constexpr auto fields() {
    return field_table(
        field("session", &SessionAnswer::session, "For all that follows."),
        field("answer", &SessionAnswer::answer, "Our SDP: the answer, or the offer.").limit(128 * 1024),
        field("ice_ufrag", &SessionAnswer::ice_ufrag, "Ours, for an SDP fragment."),
        field("ice_pwd", &SessionAnswer::ice_pwd, "Ours, for an SDP fragment; a secret."),
        field("tracks", &SessionAnswer::tracks, "What it sends to us."),
        field("slots", &SessionAnswer::slots, "Where it receives."));
  }
};

// viadux.media tracks (RunningRef -> RoomTracks): who sends what in a room just now. Ask again when an event
// tells that a participant has come or changed. gone/room_gone.
struct RoomTrack {
  Handle participant;
  Track track;
  static constexpr auto fields() {
    return field_table(field("participant", &RoomTrack::participant, "Who sends it."),
                       field("track", &RoomTrack::track, "What is sent."));
  }
};
struct RoomTracks {
  std::vector<RoomTrack> tracks;
  static constexpr auto fields() {
    return field_table(
        field("tracks", &RoomTracks::tracks, "By participant, in the order of joining.").limit(4096));
  }
};

// What holds the estimate of a receiver's bandwidth down.
enum class EstimateLimit : std::uint8_t { none, start, delay, loss, receiver, no_feedback, maximum };

// One encoding (simulcast layer) of a track; the smallest picture comes first.
struct EncodingStatistics {
  bool active = false;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t bitrate_bps = 0;
  static constexpr auto fields() {
    return field_table(
        field("active", &EncodingStatistics::active, "Something came within the last 2 s."),
        field("width", &EncodingStatistics::width, "In pixels; 0 is not known."),
        field("height", &EncodingStatistics::height, "In pixels; 0 is not known."),
        field("bitrate_bps", &EncodingStatistics::bitrate_bps, "Of all its temporal layers together."));
  }
};

struct TrackStatistics {
  Handle track;
  std::int64_t packets = 0;
  std::optional<std::int64_t> cap_bps;
  std::int64_t subscriptions = 0;
  std::vector<EncodingStatistics> encodings;
  static constexpr auto fields() {
    return field_table(field("track", &TrackStatistics::track, "Which."),
                       field("packets", &TrackStatistics::packets, "That have come."),
                       field("cap_bps", &TrackStatistics::cap_bps, "What its sender was told to keep below."),
                       field("subscriptions", &TrackStatistics::subscriptions, "Who take it on its worker."),
                       field("encodings", &TrackStatistics::encodings, "By size."));
  }
};

struct SlotStatistics {
  std::int64_t slot = 0;
  Handle track;
  bool paused = false;
  std::optional<std::int64_t> encoding;
  std::optional<std::int64_t> temporal;
  std::int64_t share_bps = 0;
  std::int64_t packets = 0;
  std::int64_t retransmitted = 0;
  std::int64_t switches = 0;
  static constexpr auto fields() {
    return field_table(
        field("slot", &SlotStatistics::slot, "Index of its media line."),
        field("track", &SlotStatistics::track, "What fills it; none when it is empty."),
        field("paused", &SlotStatistics::paused, "Its share is too small for anything."),
        field("encoding", &SlotStatistics::encoding, "Of the track, that goes out now."),
        field("temporal", &SlotStatistics::temporal, "The highest temporal layer that goes out now."),
        field("share_bps", &SlotStatistics::share_bps, "Of the receiver's bandwidth."),
        field("packets", &SlotStatistics::packets, "That went out."),
        field("retransmitted", &SlotStatistics::retransmitted, "Of them again, because they were missed."),
        field("switches", &SlotStatistics::switches, "From one encoding to another."));
  }
};

// viadux.media statistics (SessionRef -> SessionStatistics): counters since the session's beginning, and
// rates of about the last second. gone/session_gone.
struct SessionStatistics {
  Handle session;
  std::int64_t worker = 0;
  bool connected = false;
  std::int64_t rtt_us = 0;
  std::int64_t target_bps = 0;
  std::int64_t acked_bps = 0;
  std::int64_t wanted_bps = 0;
  std::int64_t used_bps = 0;
  EstimateLimit limit = EstimateLimit::none;
  double loss = 0;
  std::vector<TrackStatistics> tracks;
  std::vector<SlotStatistics> slots;
  static constexpr auto fields() {
    return field_table(
        field("session", &SessionStatistics::session, "Which."),
        field("worker", &SessionStatistics::worker, "The media worker it lives on."),
        field("connected", &SessionStatistics::connected, "ICE and DTLS are through."),
        field("rtt_us", &SessionStatistics::rtt_us, "Round trip in microseconds; 0 is not known."),
        field("target_bps", &SessionStatistics::target_bps, "The estimate of what it can receive."),
        field("acked_bps", &SessionStatistics::acked_bps, "What it did receive, by its feedback."),
        field("wanted_bps", &SessionStatistics::wanted_bps, "What its slots could take."),
        field("used_bps", &SessionStatistics::used_bps, "What its slots were given."),
        field("limit", &SessionStatistics::limit, "What holds the estimate down."),
        field("loss", &SessionStatistics::loss, "Of what we send it: 0 to 1."),
        field("tracks", &SessionStatistics::tracks, "What it sends to us."),
        field("slots", &SessionStatistics::slots, "Where it receives."));
  }
};

} // namespace viadux::documents

template <>
struct viadux::EnumNames<viadux::documents::EstimateLimit> {
  static constexpr std::array<std::string_view, 7> names{"none",     "start",       "delay",  "loss",
                                                         "receiver", "no_feedback", "maximum"};
};
template <>
struct viadux::EnumNames<viadux::documents::SdpProfile> {
  static constexpr std::array<std::string_view, 2> names{"webrtc", "sip"};
};
template <>
struct viadux::EnumNames<viadux::documents::MediaKind> {
  static constexpr std::array<std::string_view, 3> names{"audio", "video", "application"};
};
template <>
struct viadux::EnumNames<viadux::documents::MediaContent> {
  static constexpr std::array<std::string_view, 2> names{"main", "slides"};
};
template <>
struct viadux::EnumNames<viadux::documents::MediaCodec> {
  static constexpr std::array<std::string_view, 6> names{"opus", "g722", "pcma", "pcmu", "vp8", "h264"};
};
template <>
struct viadux::EnumNames<viadux::documents::MediaEncryption> {
  static constexpr std::array<std::string_view, 3> names{"off", "best_effort", "required"};
};
template <>
struct viadux::EnumNames<viadux::documents::AudioMode> {
  static constexpr std::array<std::string_view, 2> names{"forward", "auto"};
};
template <>
struct viadux::EnumNames<viadux::documents::VideoMode> {
  static constexpr std::array<std::string_view, 2> names{"forward", "auto"};
};
