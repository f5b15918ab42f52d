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

// viadux.media open -> SessionAnswer. bad_argument (the SDP; the message says which line), unsupported (no
// common codec or transport; sdp_not_whole), busy/sessions_full, gone/participant_gone.
struct OpenSession {
  Handle participant;
  std::string offer;
  SdpProfile profile = SdpProfile::webrtc;
  std::int64_t max_send_bps = 0;
  std::int64_t max_receive_bps = 0;
  Handle except;
  bool whole_offer = false;

  static constexpr auto fields() {
    return field_table(
        field("participant", &OpenSession::participant, "Whose session.").required(),
        field("offer", &OpenSession::offer, "The SDP offer as it came.").required().limit(128 * 1024),
        field("profile", &OpenSession::profile, "How it is read: webrtc strictly, sip leniently."),
        field("max_send_bps", &OpenSession::max_send_bps,
              "What we send it at most; 0 is the configuration's.")
            .range(0, 4'000'000'000),
        field("max_receive_bps", &OpenSession::max_receive_bps, "What it may send; 0 is the configuration's.")
            .range(0, 4'000'000'000),
        field("except", &OpenSession::except, "A participant whose media is left out."),
        field("whole_offer", &OpenSession::whole_offer,
              "Refuse the offer where one of its lines cannot be taken, instead of that line alone."));
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

struct SessionAnswer {
  Handle session;
  std::string answer;
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<Track> tracks;
  std::vector<Slot> slots;

  static constexpr auto fields() {
    return field_table(field("session", &SessionAnswer::session, "For all that follows."),
                       field("answer", &SessionAnswer::answer, "The SDP answer.").limit(128 * 1024),
                       field("ice_ufrag", &SessionAnswer::ice_ufrag, "Ours, for an SDP fragment."),
                       field("ice_pwd", &SessionAnswer::ice_pwd, "Ours, for an SDP fragment; a secret."),
                       field("tracks", &SessionAnswer::tracks, "What it sends to us."),
                       field("slots", &SessionAnswer::slots, "Where it receives."));
  }
};

} // namespace viadux::documents

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
