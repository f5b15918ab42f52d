/* viadux/media.h - the table of the interface "viadux.media": media in batches, for a thread of the plugin's
 * own.
 *
 * Sessions are opened and steered by documents (<viadux/documents/media.hpp>), and their packets stay in the
 * core. Only who records (a tap) or plays something of its own into a room (a source) exchanges media, by a
 * *port*:
 *
 *   control thread                                     the plugin's own thread
 *   open(context, &woken, arg, &port)                  read(context, port, &batch)       what has come since
 *   tap(context, port, track, &format)                 release(context, batch)
 *   source(context, port, participant, &format, &t)    write(context, port, packets, n)
 *
 * Media never waits for a plugin. What a port does not read in time is left out: sound packet by packet,
 * video up to its next key frame, and the first item after it says so (VIADUX_AFTER_GAP).
 *
 * Time. media_us is on the node's one media clock, that of now_us(). For a track it is the time at which the
 * sender took the sample, by the sender's reports (RTCP SR); until the first one has come, it is reckoned
 * from the arrival of the first packet. Synchronise by it and never by arrival.
 */
#ifndef VIADUX_MEDIA_H
#define VIADUX_MEDIA_H

#include <viadux/abi.h>

/* C names, by C's habits. NOLINTBEGIN(readability-identifier-naming,modernize-use-nullptr) */
#ifdef __cplusplus
extern "C" {
#endif

#define VIADUX_MEDIA "viadux.media"
#define VIADUX_BATCH_LIMIT 64u /* items */

typedef uint32_t viadux_codec;
enum { VIADUX_OPUS = 1, VIADUX_PCMU = 2, VIADUX_PCMA = 3, VIADUX_G722 = 4, VIADUX_VP8 = 5, VIADUX_H264 = 6 };

typedef uint32_t viadux_track_content;
enum { VIADUX_MAIN = 1, VIADUX_SLIDES = 2 };

typedef struct viadux_track_format {
  uint32_t struct_size;
  viadux_codec codec;
  uint32_t clock_hz; /* of `timestamp`: 48000 for Opus, 90000 for video, 8000 else. Written by the host */
  viadux_track_content content; /* of a source; 0 is main */
  uint32_t encodings; /* simulcast layers, 1 to 3; the smallest picture is number 0. A source has 1 */
  uint32_t packetization_mode; /* H.264 (RFC 6184): 0 or 1 */
} viadux_track_format;

typedef uint32_t viadux_item_kind;
enum {
  VIADUX_PACKET = 1,           /* of a tapped track */
  VIADUX_TRACK_ENDED = 2,      /* a tapped track is gone, after its last packet; untap() is not needed */
  VIADUX_WANTED = 3,           /* a source has its first receiver: what nobody wants need not be encoded */
  VIADUX_UNWANTED = 4,         /* it has lost its last */
  VIADUX_KEY_FRAME_WANTED = 5, /* a receiver of a source needs a key frame. At most twice a second a worker */
};

enum {                       /* flags of a packet */
       VIADUX_MARKER = 1,    /* RTP's: the last packet of a picture, the first of a talkspurt */
       VIADUX_KEY_FRAME = 2, /* this packet begins a picture that needs no other */
       VIADUX_AFTER_GAP = 4, /* packets before it were left out, since the port was read too slowly */
       VIADUX_BY_REPORT = 8, /* media_us comes from the sender's reports */
       VIADUX_HAS_LEVEL = 16 /* minus_dbov is told */
};

/* A packet, or news of a track. The payload is as RTP carries it (RFC 7587, 7741, 6184), without the RTP
 * header. */
typedef struct viadux_item {
  viadux_item_kind kind;
  uint32_t flags;
  viadux_handle track;
  int64_t media_us;
  uint32_t timestamp;  /* RTP, in clock_hz */
  uint16_t sequence;   /* RTP; of a source: rises by one with each packet of the track */
  uint8_t encoding;    /* simulcast layer */
  uint8_t minus_dbov;  /* sound: RFC 6464, 0 is the loudest, 127 silence */
  viadux_text payload; /* bytes */
} viadux_item;

/* At most 64 items, in the order in which they came. The host counts references: read() gives one, retain()
 * takes another, the last release() frees it with all payloads. It may outlive its port. */
typedef struct viadux_batch {
  uint32_t struct_size;
  uint32_t reserved;
  viadux_table items; /* of viadux_item; step by item_size, a later host's may be larger */
} viadux_batch;

/* [any] Something may be there to read. Once until the next read(); from a thread of the host's, so it must
 * not block: set a flag, write to an eventfd. Not called after close(port). */
typedef void (*viadux_port_fn)(void* arg);

typedef struct viadux_media {
  uint32_t struct_size;
  uint32_t reserved;

  /* [control] Opens a port; `wake` may be NULL for who looks by the clock. close(port) ends it with all its
   * taps and sources, after which its functions give `gone`; a plugin ends its thread before it stops. busy:
   * too many. */
  viadux_status (*open)(viadux_context* context, viadux_port_fn wake, void* arg, viadux_handle* port);

  /* [control] From now on the packets of this track (viadux.media "tracks" lists a room's) come by this port,
   * too. `format` is written. Video begins at a key frame, which is asked for. gone: no such track, or port.
   */
  viadux_status (*tap)(viadux_context* context, viadux_handle port, viadux_handle track,
                       viadux_track_format* format);
  /* [control] Some of its packets may still come. */
  viadux_status (*untap)(viadux_context* context, viadux_handle port, viadux_handle track);

  /* [control] A track of the plugin's own, sent by a participant that the plugin has admitted (a player, a
   * stream): the room's director shows it as any other. gone: no such participant of this plugin, or port;
   * bad_argument: the format; refused: the participant has too many. */
  viadux_status (*source)(viadux_context* context, viadux_handle port, viadux_handle participant,
                          const viadux_track_format* format, viadux_handle* track);
  /* [control] Ends it. So does the participant's leaving. */
  viadux_status (*withdraw)(viadux_context* context, viadux_handle port, viadux_handle track);

  /* [any], one thread of a port at a time. The next batch, or NULL when nothing has come. busy: the plugin
   * holds 64 batches of this port; what comes meanwhile waits, and then is left out. gone: closed. */
  viadux_status (*read)(viadux_context* context, viadux_handle port, const viadux_batch** batch);
  /* [any] */
  void (*retain)(viadux_context* context, const viadux_batch* batch);
  void (*release)(viadux_context* context, const viadux_batch* batch);

  /* [any], the thread that reads. Asks the sender of a tapped track for a key frame. Once may not be enough:
   * ask again until one comes. */
  viadux_status (*request_key_frame)(viadux_context* context, viadux_handle port, viadux_handle track,
                                     uint32_t encoding);

  /* [any], the thread that reads. Sends at most 64 packets (viadux_item) of sources: `media_us` is when each
   * is to be taken for sampled, now or up to 1 s ago; a payload of at most 1200 bytes. Who receives gets them
   * at once: write in the rhythm of the media. A packet that nobody wants is no failure. busy: some did not
   * fit and were left out (video goes on at the next key frame). bad_argument: nothing was sent. gone: the
   * port. */
  viadux_status (*write)(viadux_context* context, viadux_handle port, viadux_table packets);
} viadux_media;

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming,modernize-use-nullptr) */

#endif
