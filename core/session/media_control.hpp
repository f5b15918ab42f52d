// What the meeting asks of media, on the control thread. The engine (engine.hpp) is the real one; tests of
// the meeting have their own. All calls return at once: media workers do the work behind a queue.
#pragma once

#include "core/rtp/codec.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

using SessionId = std::uint64_t; // index and generation; 0 is none
using TrackId = std::uint64_t;   // likewise

enum class MediaKind : std::uint8_t { audio = 1, video = 2, application = 3 };
enum class MediaContent : std::uint8_t { main = 1, slides = 2 };
enum class VideoCodec : std::uint8_t { vp8 = 1, h264 = 2 };
enum class SdpProfile : std::uint8_t { webrtc = 1, sip = 2 };
// Of sessions of profile sip; WebRTC is always encrypted. best_effort: keys where the peer has them (RFC
// 8643).
enum class MediaEncryption : std::uint8_t { off = 1, best_effort = 2, required = 3 };

// Which media directions a participant may use. The server enforces it, whatever the client negotiates.
struct MediaRights {
  bool send_audio = true;
  bool send_video = true;
  bool send_presentation = true;
  bool receive_audio = true;
  bool receive_video = true;
  bool receive_presentation = true;
};

// Media that a session sends to us (a sending line of its description).
struct TrackInfo {
  TrackId id = 0;
  std::string mid;
  MediaKind kind = MediaKind::audio;
  MediaContent content = MediaContent::main;
  rtp::Codec codec = rtp::Codec::unknown;
  std::uint8_t packetization_mode = 0; // H.264 (RFC 6184 section 6.2)
};

// A place where a session receives (a receiving line of its description).
struct SlotInfo {
  std::uint32_t index = 0; // the media line's index
  std::string mid;
  MediaKind kind = MediaKind::audio;
  MediaContent content = MediaContent::main;
  std::vector<rtp::Codec> codecs = {}; // that it can take, the preferred one first
  std::uint8_t packetization_mode = 0; // H.264: the highest that it can take
};

struct SessionRequest {
  std::string offer; // SDP text as it came; hostile
  SdpProfile profile = SdpProfile::webrtc;
  bool whole_offer = false; // refuse it where one of its lines cannot be taken: unsupported ("sdp_not_whole")
  MediaRights rights;
  // What may be agreed on beyond `rights`: for who may not yet (lobby) or not now (mute), as many clients
  // never take another offer of ours.
  MediaRights may_come{false, false, false, false, false, false};
  VideoCodec video_codec = VideoCodec::vp8; // the room's forwarding codec
  // A peer that lacks it may come with the other one: somebody transcodes.
  bool other_codecs = false;
  std::uint64_t room = 0;            // sessions of one room prefer one worker
  std::uint32_t max_send_bps = 0;    // cap on what we send to it; 0 is the configuration's
  std::uint32_t max_receive_bps = 0; // cap on what it may send to us; 0 is the configuration's
  MediaEncryption encryption = MediaEncryption::best_effort;
  // What may be agreed on, the first that the peer has is taken; empty is all that we know, Opus and the
  // room's codec first. Without any for sound, or where the peer has none of those for sound, sound is as if
  // it were empty; without any for pictures there are none.
  std::vector<rtp::Codec> codecs = {};
  // Marks on what we send it (DSCP, RFC 2474: 0 to 63); nothing is the configuration's.
  std::optional<std::uint8_t> dscp_audio = {};
  std::optional<std::uint8_t> dscp_video = {};
};

// A line of an offer of ours. What the request's rights do not allow is not offered.
struct OfferedLine {
  MediaKind kind = MediaKind::audio; // audio or video
  MediaContent content = MediaContent::main;
};

struct SessionAnswer {
  SessionId session = 0;
  std::string answer; // SDP text of ours: the answer, or from offer() the offer; none from accept()
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<TrackInfo> tracks;
  std::vector<SlotInfo> slots;
};

struct SlotFill {
  TrackId track = 0;         // 0 leaves the slot empty
  std::uint8_t priority = 0; // for the bandwidth allocator: 0 first (spotlight, speaker, pinned, rest)
  // The largest picture that is of use here, by its shorter side (360 for 640x360 and for 360x640); 0 is any.
  // A publisher's layers above it are not chosen, as long as there is one below.
  std::uint16_t max_height = 0;
};

struct AudioLevel {
  TrackId track = 0;
  std::uint8_t minus_dbov = 127; // RFC 6464: 0 loudest, 127 silence; smoothed
};

// Told by media, on the control thread.
class MediaListener {
 public:
  virtual ~MediaListener() = default;
  virtual void on_session_connected(SessionId session) = 0;
  // The session has ended by itself ("ice_timeout", "rtp_timeout", "dtls_failed", "closed_by_peer"); its
  // tracks and slots are gone.
  virtual void on_session_closed(SessionId session, const std::string& reason) = 0;
  // Media has begun or stopped to arrive on a track (nothing for 2 s).
  virtual void on_track_active(TrackId track, bool active) = 0;
  // Every 200 ms, the tracks of one worker that had sound in that time.
  virtual void on_audio_levels(std::span<const AudioLevel> levels) = 0;
};

class MediaControl {
 public:
  virtual ~MediaControl() = default;
  virtual void set_listener(MediaListener* listener) = 0;

  // Makes a session from an offer. Errors: bad_argument (the SDP is malformed; message says which line),
  // unsupported (no common codec or transport), busy (limit reached).
  virtual Result<SessionAnswer> open(const SessionRequest& request) = 0;
  // The other way round, for who is called or asks for our offer (RFC 3264; SIP's INVITE without one): a
  // session that has ports but neither tracks nor slots until accept(). The request's offer is not looked at.
  // Errors: bad_argument (no line, or one that is neither sound nor picture), busy.
  virtual Result<SessionAnswer> offer(const SessionRequest& request, std::span<const OfferedLine> lines) = 0;
  // The peer's answer to it. Errors: bad_argument (it does not answer our offer, or "no_offer": none is
  // open), unsupported, busy; the session waits on, for another answer or close().
  virtual Result<SessionAnswer> accept(SessionId session, const std::string& answer) = 0;
  // A new offer on a running session: ICE restart, lines added or their direction changed. Tracks and slots
  // that stay keep their ids. busy ("offer_pending") where an offer of ours waits for its answer.
  virtual Result<SessionAnswer> update(SessionId session, const std::string& offer) = 0;
  // Trickled candidates (RFC 8840 fragment); as an ICE-lite agent we only check the ufrag.
  virtual Result<void> add_candidates(SessionId session, const std::string& fragment) = 0;
  virtual Result<void> set_rights(SessionId session, const MediaRights& rights) = 0;
  // Errors: gone (session or track), not_found ("no_such_slot"), bad_argument ("wrong_kind"), busy; the slot
  // keeps what it has. unsupported ("codecs_differ"): the slot is empty now; only a mix could serve it.
  virtual Result<void> fill_slot(SessionId session, std::uint32_t slot, const SlotFill& fill) = 0;
  virtual Result<void> close(SessionId session) = 0;
};

} // namespace viadux
