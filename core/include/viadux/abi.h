/* viadux/abi.h - the border between the host and a plugin: plain C, nothing else crosses.
 *
 * A plugin is a .so that exports one symbol, viadux_plugin_entry(). It returns a constant descriptor; the
 * host reads it, gives the plugin a table of functions (viadux_host) and from then on both sides call through
 * tables. Almost nobody writes against this file: <viadux/plugin.hpp> turns it into C++20.
 *
 * Version. The ABI is at major 0: it may change with any release until it is frozen as 1. A plugin is loaded
 * when its major equals the host's and its minor is not above the host's. Structs only ever grow at the end;
 * each carries the size that its maker knew (`struct_size`, or `item_size` of a table), so a missing tail
 * reads as absent.
 *
 * Threads.  [control]  only on the control thread, inside a callback or after post(); the host calls a plugin
 * there only, one call at a time, never re-entering. A callback must not block: what takes over 10 ms is
 * counted against the plugin. [any]      from every thread of the plugin, at any time between create() and
 * destroy().
 *
 * Memory.   Arguments live until the call returns; keeping means copying. Neither side frees what the other
 * made. Text.     UTF-8, not NUL-terminated, sizes in bytes. A *document* is one JSON object of at most 256
 * KiB; which fields it has is said in <viadux/documents/...>. Unknown fields are ignored. Time. Microseconds.
 * Deadlines are on the clock of now_us(), 0 means the host's default (plugins.call_timeout). Errors.
 * viadux_status is the closed list of <viadux/result.hpp>. A failure's document is an `error` document:
 *           {"reason", "message", "field"?, "hint"?}.
 * Handles.  Index and generation in 64 bits; 0 is none. A stale handle, or another plugin's, gives `gone`,
 * never a crash. A handle belongs to the plugin that opened it; the host closes what is left when it stops.
 */
#ifndef VIADUX_ABI_H
#define VIADUX_ABI_H

#include <stddef.h>
#include <stdint.h>

/* C names, by C's habits. NOLINTBEGIN(readability-identifier-naming,modernize-use-nullptr) */
#ifdef __cplusplus
extern "C" {
#endif

#define VIADUX_ABI_MAJOR 0
#define VIADUX_ABI_MINOR 4
#define VIADUX_DOCUMENT_LIMIT (256u * 1024u) /* bytes */

typedef struct viadux_text {
  const char* data; /* may be NULL when size is 0 */
  size_t size;
} viadux_text;

typedef uint32_t viadux_status;
enum {
  VIADUX_OK = 0,
  VIADUX_BAD_ARGUMENT = 1,
  VIADUX_NOT_FOUND = 2,
  VIADUX_GONE = 3,
  VIADUX_REFUSED = 4,
  VIADUX_BUSY = 5,
  VIADUX_TIMEOUT = 6,
  VIADUX_CANCELLED = 7,
  VIADUX_UNSUPPORTED = 8,
  VIADUX_INTERNAL = 9
};

typedef uint64_t viadux_handle;  /* something the plugin has opened */
typedef uint64_t viadux_call;    /* a call that the plugin made and that is not done yet */
typedef uint64_t viadux_request; /* a call that the host made and that the plugin has to answer once */
typedef uint64_t viadux_series;  /* one time series of a metric that the plugin declared */

/* A list whose items may grow in later versions: `items` is an array of `count` structs of `item_size` bytes.
 */
typedef struct viadux_table {
  const void* items;
  uint32_t count;
  uint32_t item_size;
} viadux_table;

/* ------------------------------------------------------------------------------------------------------------------
 * What a plugin declares
 * ---------------------------------------------------------------------------------------------------------------
 */

typedef uint32_t viadux_key_type;
enum {
  VIADUX_KEY_BOOL = 1,
  VIADUX_KEY_INTEGER = 2,
  VIADUX_KEY_NUMBER = 3, /* floating point */
  VIADUX_KEY_TEXT = 4,   /* UTF-8 */
  VIADUX_KEY_CHOICE = 5, /* one of `choices` */
  VIADUX_KEY_TEXT_LIST = 6,
  VIADUX_KEY_DURATION = 7, /* written "30s", "250ms", "2h"; arrives as integer microseconds */
  VIADUX_KEY_SECRET = 8    /* text; a file or the environment may hold it; never logged or shown */
};

typedef uint32_t viadux_reload_class;
enum {
  VIADUX_RELOAD_LIVE = 1,      /* reload() applies it at once */
  VIADUX_RELOAD_NEW_ROOMS = 2, /* reload() applies it to what begins later */
  VIADUX_RELOAD_RESTART = 3    /* a reload that changes it is refused by the host */
};

/* A key of the configuration, in the section that is named as the plugin. The host parses, validates,
 * documents it, and names the nearest right key where somebody mistypes one. */
typedef struct viadux_key {
  viadux_text name; /* snake_case with its unit: "idle_timeout", "bitrate_bps" */
  viadux_key_type type;
  viadux_reload_class reload;
  viadux_text default_value; /* as JSON: true, 8, "text", ["a"]; a duration in integer microseconds */
  double minimum;            /* numbers and durations (microseconds): inclusive; both 0 is no limit */
  double maximum;
  viadux_text unit;    /* for people: "bit/s"; may be empty */
  viadux_text choices; /* VIADUX_KEY_CHOICE: words separated by '|' */
  viadux_text help;    /* one sentence */
} viadux_key;

typedef uint32_t viadux_metric_kind;
enum { VIADUX_COUNTER = 1, VIADUX_GAUGE = 2, VIADUX_HISTOGRAM = 3 };

/* Exported as viadux_<plugin>_<name>. */
typedef struct viadux_metric {
  viadux_text name; /* "sessions_total", "answer_seconds" */
  viadux_metric_kind kind;
  uint32_t label_count;      /* at most 4 */
  const viadux_text* labels; /* label keys; their values must come from a small closed set */
  const double* bounds;      /* histogram: upper bounds, rising */
  uint32_t bound_count;
  viadux_text help;
} viadux_metric;

/* A question that the plugin asks an organisation's policy before something happens, by "viadux.policy" "ask"
 * (<viadux/documents/policy.hpp>). */
typedef struct viadux_hook {
  viadux_text name;           /* "sip_admit"; of one plugin only, and none of the core's */
  viadux_text default_answer; /* the document that counts when no policy answers in time */
  viadux_text arguments;      /* JSON Schema of the question; may be empty */
  viadux_text help;
  viadux_text answers; /* JSON Schema of the answer; may be empty */
  /* Since 0.3. */
  viadux_text closed_answer; /* the careful document that counts when the policy fails; empty: the default */
  uint64_t cache_ms;         /* how long the same question may have the same answer; 0 asks each time */
} viadux_hook;

/* [control] Something the plugin is asked to do. `self` is what create() returned. Answer `request` exactly
 * once by host->answer(), now or later; a second answer is dropped and counted, a missing one times out. */
typedef void (*viadux_handler)(void* self, viadux_text document, viadux_request request);

typedef struct viadux_method {
  viadux_text name; /* "send" */
  viadux_handler handler;
  viadux_text request_schema; /* JSON Schema; may be empty */
  viadux_text reply_schema;
  viadux_text help;
} viadux_method;

/* An interface that the plugin offers to others; they reach it by call(), as they reach the host's own. */
typedef struct viadux_offer {
  viadux_text name;     /* "viadux.sms", "com.example.door"; one plugin per name */
  viadux_table methods; /* of viadux_method */
} viadux_offer;

/* [any] Since 0.3. A pure function: gives `write(out, document)` the reply, or the error when the status is
 * not ok, before it returns. It keeps nothing, needs no instance, and takes microseconds. */
typedef viadux_status (*viadux_pure_function)(viadux_text document,
                                              void (*write)(void* out, viadux_text document), void* out);

/* A function for policies: the host binds `name` in Lua to a method that this plugin offers. In Lua it takes
 * one table, or the fields of the method's request in their order; it gives the reply. */
typedef struct viadux_lua_function {
  viadux_text name; /* "phone.normalise": two words, the first none of Lua's own tables; of one plugin only */
  viadux_text interface;
  viadux_text method;
  viadux_text help;
  /* Since 0.3. Called instead of the method, on the policy thread: costs no way through the control thread,
   * and works in `viadux policy run`, too. May be NULL. */
  viadux_pure_function pure;
} viadux_lua_function;

typedef uint32_t viadux_plugin_status;
enum { VIADUX_WORK_IN_PROGRESS = 1, VIADUX_ALPHA = 2, VIADUX_BETA = 3, VIADUX_STABLE = 4 };

typedef struct viadux_host viadux_host;

typedef struct viadux_plugin {
  uint32_t struct_size; /* sizeof(viadux_plugin) where the plugin was built */
  uint16_t abi_major;   /* these first three never move, in any version */
  uint16_t abi_minor;

  viadux_text id;      /* [a-z][a-z0-9_]{0,31}; = configuration section = metric prefix = file name */
  viadux_text version; /* the plugin's own, "1.4.2" */
  viadux_text licence; /* SPDX: "Apache-2.0"; of the whole .so with what it links */
  viadux_text help;    /* one sentence: what it is for */
  viadux_plugin_status status;
  uint32_t reserved;

  viadux_table keys;          /* of viadux_key */
  viadux_table metrics;       /* of viadux_metric */
  viadux_table hooks;         /* of viadux_hook */
  viadux_table offers;        /* of viadux_offer */
  viadux_table lua_functions; /* of viadux_lua_function */
  viadux_table required; /* of viadux_text: interfaces without which it cannot start; they start before it */
  viadux_table wanted;   /* of viadux_text: started before it where they exist */

  /* [control] Makes the instance. No work yet: the configuration has not come. NULL is a failure. `host`
   * stays valid until destroy() has returned. */
  void* (*create)(const viadux_host* host);
  /* [control] The last call. No thread of the plugin may run after it. */
  void (*destroy)(void* self);

  /* The life (struct_size may end before it): configure, start, reload*, drain, stop; each comes after the
   * one before was answered. Each may be NULL. configure, reload: the document holds every key of the
   * section, defaults filled in, already validated. A refused reload must leave everything as it was. start:
   * routes and subscriptions are made here. The document is empty, as for stop. drain: {"deadline_us"}: take
   * nothing new, let what runs come to its end; answer when done. stop:              end what is left. Calls
   * still open are cancelled after it, handles closed. */
  viadux_handler configure;
  viadux_handler start;
  viadux_handler reload;
  viadux_handler drain;
  viadux_handler stop;
} viadux_plugin;

/* The one exported symbol. [control] No side effects; the same pointer each time. */
typedef const viadux_plugin* (*viadux_plugin_entry_function)(void);
#define VIADUX_PLUGIN_ENTRY "viadux_plugin_entry"

/* ------------------------------------------------------------------------------------------------------------------
 * What the host gives
 * ---------------------------------------------------------------------------------------------------------------
 */

/* The plugin as the host knows it; the first argument of every host function. */
typedef struct viadux_context viadux_context;

/* [control] The end of a call, exactly once, never from inside call(): also after cancel(), at the deadline,
 * and when the callee or the caller stops. The document is the reply, or an `error` document when status is
 * not ok. */
typedef void (*viadux_done)(void* arg, viadux_call call, viadux_status status, viadux_text document);

/* [control] ok when the time has come; cancelled when the plugin stops first. Not called after close(). */
typedef void (*viadux_timer_fn)(void* arg, viadux_status status);

/* [control] Posted work. Runs once, unless the plugin is destroyed first. */
typedef void (*viadux_post_fn)(void* arg);

typedef uint32_t viadux_log_level;
enum { VIADUX_LOG_DEBUG = 1, VIADUX_LOG_INFO = 2, VIADUX_LOG_WARN = 3, VIADUX_LOG_ERROR = 4 };

struct viadux_host {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  viadux_context* context;

  /* [control] Calls a method of an interface of the host or of another plugin. Returns at once with an id,
   * never 0; everything that can go wrong is told by `done`: not_found (no such interface or method),
   * bad_argument (the document; `field` says where), busy (plugins.call_limit open calls), timeout, gone.
   * Events that a call causes arrive before its `done`. */
  viadux_call (*call)(viadux_context* context, viadux_text interface, viadux_text method,
                      viadux_text document, int64_t deadline_us, viadux_done done, void* arg);
  /* [control] Takes a call back: its done comes with `cancelled`, unless it was on its way already. What the
   * callee has done stays done. gone: no such call. */
  viadux_status (*cancel)(viadux_context* context, viadux_call call);

  /* [control] Ends a request that a handler was given. gone: it was answered, cancelled or timed out before.
   */
  viadux_status (*answer)(viadux_context* context, viadux_request request, viadux_status status,
                          viadux_text document);

  /* [any] The only way onto the control thread. busy: plugins.post_limit entries of this plugin wait; `fn`
   * was not and will not be called, and the refusal is counted. cancelled: the plugin is stopping. */
  viadux_status (*post)(viadux_context* context, viadux_post_fn fn, void* arg);

  /* [control] Calls fn once after delay_us. close() takes it back. */
  viadux_handle (*timer)(viadux_context* context, int64_t delay_us, viadux_timer_fn fn, void* arg);
  /* [control] Closes a handle of any kind that this plugin owns. */
  viadux_status (*close)(viadux_context* context, viadux_handle handle);

  /* [any] Monotonic time; and milliseconds since 1970-01-01 UTC. */
  int64_t (*now_us)(viadux_context* context);
  int64_t (*wall_ms)(viadux_context* context);

  /* [any] One line. `event` is a constant snake_case word, `fields` a document or empty. Tokens, PINs,
   * telephone and CPR numbers do not belong in it; the host redacts what it recognises. Over 1000 lines a
   * second are dropped, and counted. */
  void (*log)(viadux_context* context, viadux_log_level level, viadux_text event, viadux_text fields);

  /* [any] Finds or makes a series of metric number `metric` of the descriptor's table, with one value per
   * label key. 0: wrong number of labels, or over 1000 series; updates of series 0 do nothing. Keep the id.
   */
  viadux_series (*series)(viadux_context* context, uint32_t metric, const viadux_text* label_values,
                          uint32_t label_count);
  /* [any] Counter: adds value >= 0. Gauge: sets it. Histogram: observes it. */
  void (*update)(viadux_context* context, viadux_series series, double value);

  /* [control] A function table of the host, e.g. viadux_http for "viadux.http" (<viadux/http.h>), or NULL
   * when this host has none of that name. Valid until destroy(). Interfaces of documents only need no table:
   * call() them. */
  const void* (*get_interface)(viadux_context* context, viadux_text name);
};

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming,modernize-use-nullptr) */

#endif
