/* viadux/http.h - the interface "viadux.http": routes on the host's HTTP server. Threads, memory: see
 * <viadux/abi.h>.
 *
 * The host has parsed and bounded the request (header, body, time, connections per client) before a plugin
 * sees it.
 */
#ifndef VIADUX_HTTP_H
#define VIADUX_HTTP_H

#include <viadux/abi.h>

/* C names, by C's habits. NOLINTBEGIN(readability-identifier-naming,modernize-use-nullptr) */
#ifdef __cplusplus
extern "C" {
#endif

#define VIADUX_HTTP "viadux.http"

typedef struct viadux_pair {
  viadux_text name;
  viadux_text value;
} viadux_pair;

typedef struct viadux_http_request {
  uint32_t struct_size;
  uint32_t secure;             /* 1: came over TLS, or by a trusted proxy that says so */
  viadux_text method;          /* "POST" */
  viadux_text path;            /* percent-decoded, without the query */
  viadux_text query;           /* as it came, without '?' */
  viadux_text host;            /* the Host header, lower case, without the port */
  viadux_text peer;            /* the client's address */
  const viadux_pair* captures; /* what the pattern's {name}s matched, percent-decoded once */
  size_t capture_count;
  const viadux_pair* headers; /* names in lower case */
  size_t header_count;
  viadux_text body; /* at most http.max_body */
} viadux_http_request;

/* [control] A request for a route. Answer `id` once, by respond() or stream(), now or later; what is not
 * answered within http.handler_timeout gets 504. */
typedef void (*viadux_http_handler)(void* arg, viadux_handle id, const viadux_http_request* request);

/* [control] A piece of the body of the request `id`, in order, none after the request is answered. `end`:
 * what follows it. */
#define VIADUX_BODY_MORE 0u
#define VIADUX_BODY_WHOLE 1u /* that was all of it */
#define VIADUX_BODY_CUT                                                                                      \
  2u /* nothing more: the client has left, or it was too long, too slow or malformed                         \
      */
typedef void (*viadux_body_bytes)(void* arg, viadux_handle id, viadux_text bytes, uint32_t end);

/* [control] `credit` more bytes may be written. The first credit is what the host holds for a client that
 * reads slowly; what is written is taken off it, and comes back as it is sent: by the eighth of the first,
 * and after a refused write() as soon as half is free. 0: the stream is closed (by the client, an error or
 * the plugin's stop); nothing more is called for it. */
typedef void (*viadux_stream_credit)(void* arg, viadux_handle stream, uint32_t credit);

/* How a WebSocket is taken (RFC 6455). 0 is the value in brackets; what is beyond a limit is cut to it. */
typedef struct viadux_socket_options {
  uint32_t struct_size;
  uint32_t message_limit;  /* bytes of a message that comes [64 KiB, at most 1 MiB]; a longer one closes with
                              1009 */
  uint32_t window;         /* messages that may come before receive() [16, at most 256] */
  uint32_t send_limit;     /* unsent bytes that the host holds [256 KiB, at most 4 MiB]: the first credit */
  uint32_t idle_timeout_s; /* pings go out at half of it; no answer closes [60, at most 3600]. Who gives no
                              receive() for so long loses the socket too */
  uint32_t any_origin;     /* 0: of browsers only pages of our own origin. 1: any page, which is safe where a
                              token is asked for, and never with cookies */
  viadux_text subprotocol; /* chosen where the client offers it (Sec-WebSocket-Protocol); may be empty */
} viadux_socket_options;

/* [control] What is told of a WebSocket. */
typedef struct viadux_socket_events {
  uint32_t struct_size;
  uint32_t reserved;
  /* A whole message; text is UTF-8. */
  void (*message)(void* arg, viadux_handle socket, uint32_t is_text, viadux_text bytes);
  /* So many more bytes may be sent. The first one says that the socket is open; then as viadux_stream_credit,
   * but never 0. */
  void (*credit)(void* arg, viadux_handle socket, uint32_t credit);
  /* Once, and the last: the peer's close code and reason, or ours (RFC 6455, 7.4; 1006: it just went away).
   */
  void (*closed)(void* arg, viadux_handle socket, uint32_t code, viadux_text reason);
} viadux_socket_events;

typedef struct viadux_http {
  uint32_t struct_size;
  uint32_t reserved;

  /* [control] Claims a method and a path pattern: "/whip/{alias}", "/docs/{rest...}" (the rest, slashes
   * included). refused: another route has it; bad_argument: the pattern. close(handle) takes it back. */
  viadux_status (*route)(viadux_context* context, viadux_text method, viadux_text pattern,
                         viadux_http_handler handler, void* arg, viadux_handle* route);

  /* [control] The whole response. Content-Length, Date, CORS and security headers are the host's. gone:
   * answered before, or the client has left. bad_argument: a header with a line break in it. */
  viadux_status (*respond)(viadux_context* context, viadux_handle id, uint32_t status,
                           const viadux_pair* headers, size_t header_count, viadux_text body);

  /* [control] A response whose body comes bit by bit (server-sent events, large documents). `on_credit` comes
   * once soon with the first credit. */
  viadux_status (*stream)(viadux_context* context, viadux_handle id, uint32_t status,
                          const viadux_pair* headers, size_t header_count, viadux_stream_credit on_credit,
                          void* arg, viadux_handle* stream);
  /* [any] busy: more than the credit, nothing was taken, on_credit tells when to go on (but what is larger
   * than all credit is taken when nothing is unsent). gone: closed. */
  viadux_status (*write)(viadux_context* context, viadux_handle stream, viadux_text bytes);
  /* [control] The end of the body. */
  viadux_status (*end)(viadux_context* context, viadux_handle stream);

  /* [control] Serves the plugin's own web folder, NAME/web beside NAME.so (viadux_add_plugin(... WEB folder)
   * puts it there), under a path prefix: "/" or "/app". Caching, compression and security headers are the
   * host's. not_found: there is no such folder; refused: another route has the prefix. close(handle) takes it
   * back. */
  viadux_status (*files)(viadux_context* context, viadux_text prefix, viadux_handle* route);

  /* [control] Answers a GET by becoming a WebSocket. bad_argument: it asks for none; refused: a page of
   * another origin asks (answer it, 403). After close(handle) nothing more is called for it. */
  viadux_status (*socket)(viadux_context* context, viadux_handle id, const viadux_socket_options* options,
                          const viadux_socket_events* events, void* arg, viadux_handle* socket);
  /* [any] One message. busy: more than the credit, or not open yet; nothing was taken. gone: closed.
   * bad_argument: text that is not UTF-8. */
  viadux_status (*send)(viadux_context* context, viadux_handle socket, uint32_t is_text, viadux_text bytes);
  /* [any] So many messages have been dealt with: as many more may come. */
  viadux_status (*receive)(viadux_context* context, viadux_handle socket, uint32_t messages);
  /* [control] Sends what waits and a close frame; `closed` comes when the peer has answered. bad_argument: a
   * code that may not be sent. */
  viadux_status (*close_socket)(viadux_context* context, viadux_handle socket, uint32_t code,
                                viadux_text reason);

  /* [control] One file of the plugin's web folder for every path that a pattern matches: "/{alias}" and
   * "index.html", for pages that read their own address. As files() in all else. */
  viadux_status (*file)(viadux_context* context, viadux_text pattern, viadux_text name, viadux_handle* route);

  /* [control] The whole response is a file of at most 2 MiB, which the host reads on a thread of its own: its
   * type, caching, conditions and compression are the host's, as with files(). `folders`: the first
   * that has `name` ("logo.svg", "modules/invite.mjs"; links do not lead out of them) counts. Where
   * none has it, status and body are the answer. Headers go with either; Content-Type is the body's. As
   * respond() in all else. */
  viadux_status (*respond_file)(viadux_context* context, viadux_handle id, const viadux_text* folders,
                                size_t folder_count, viadux_text name, uint32_t status,
                                const viadux_pair* headers, size_t header_count, viadux_text body);

  /* [control] As route(), for bodies that are taken as they come (clips, pictures, ZIP): the handler is asked
   * at the request's head, with an empty body, and http.handler_timeout counts while it owes an accept() or
   * an answer. More than `limit` bytes: 413. */
  viadux_status (*route_body)(viadux_context* context, viadux_text method, viadux_text pattern,
                              uint64_t limit, viadux_http_handler handler, void* arg, viadux_handle* route);
  /* [control] Who takes the body of such a request; NULL: nobody any more. Once, in the handler.
   * bad_argument: its route does not stream. An answer before VIADUX_BODY_WHOLE ends the connection with it.
   */
  viadux_status (*body)(viadux_context* context, viadux_handle id, viadux_body_bytes on_bytes, void* arg);
  /* [control] So many more bytes may come; what comes may pass that by 16 KiB. None come before the first
   * call. The host holds no more than that for a plugin that takes them slowly; the client waits. */
  viadux_status (*accept)(viadux_context* context, viadux_handle id, uint64_t bytes);
} viadux_http;

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming,modernize-use-nullptr) */

#endif
