/* viadux/events.h - the interface "viadux.events": what *has* happened, in room order, as documents.
 *
 * An event can't be vetoed; ask a hook for that. Events that a call causes come before that call's `done`.
 */
#ifndef VIADUX_EVENTS_H
#define VIADUX_EVENTS_H

#include <viadux/abi.h>

/* C names, by C's habits. NOLINTBEGIN(readability-identifier-naming,modernize-use-nullptr) */
#ifdef __cplusplus
extern "C" {
#endif

#define VIADUX_EVENTS "viadux.events"

/* [control] One event (<viadux/documents/events.hpp>). A queue that overflowed was emptied and gets one event
 * {"type": "resync"}: call "viadux.events" "snapshot" {"room"} for the state and the id it is true at. */
typedef void (*viadux_event_fn)(void* arg, viadux_handle subscription, viadux_text document);

typedef struct viadux_events {
  uint32_t struct_size;
  uint32_t reserved;
  /* [control] Events of one room (its id), or of all where `room` is empty. close(handle) ends it. */
  viadux_status (*subscribe)(viadux_context* context, viadux_text room, viadux_event_fn fn, void* arg,
                             viadux_handle* subscription);
} viadux_events;

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming,modernize-use-nullptr) */

#endif
