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
  viadux_text body; /* at most http.body_limit */
} viadux_http_request;

/* [control] A request for a route. Answer `id` once, by respond() or stream(), now or later; what is not
 * answered within http.handler_timeout gets 504. */
typedef void (*viadux_http_handler)(void* arg, viadux_handle id, const viadux_http_request* request);

/* [control] `credit` more bytes may be written. 0: the stream is closed (by the client, an error or the
 * plugin's stop); nothing more is called for it. Credit is what the host means to hold for a client that
 * reads slowly; write() has the last word. */
typedef void (*viadux_stream_credit)(void* arg, viadux_handle stream, uint32_t credit);

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
  /* [any] busy: the client reads too slowly and nothing was taken; on_credit tells when to go on. gone:
   * closed. */
  viadux_status (*write)(viadux_context* context, viadux_handle stream, viadux_text bytes);
  /* [control] The end of the body. */
  viadux_status (*end)(viadux_context* context, viadux_handle stream);

  /* [control] Serves the plugin's own web folder, NAME/web beside NAME.so (viadux_add_plugin(... WEB folder)
   * puts it there), under a path prefix: "/" or "/app". Caching, compression and security headers are the
   * host's. not_found: there is no such folder; refused: another route has the prefix. close(handle) takes it
   * back. */
  viadux_status (*files)(viadux_context* context, viadux_text prefix, viadux_handle* route);
} viadux_http;

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming,modernize-use-nullptr) */

#endif
