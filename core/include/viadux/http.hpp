// viadux/http.hpp - routes on the host's HTTP server, for plugins in C++. [control]
//
//   http_.route("GET", "/hello/{name}", *this, &Hello::hello)      in start()
//   viadux::Task<viadux::HttpResponse> Hello::hello(viadux::HttpRequest request) {
//     co_return viadux::HttpResponse::text(200, "Hello " + std::string(request.capture("name")));
//   }
#pragma once

#include <viadux/host.hpp>
#include <viadux/http.h>

namespace viadux {

// A copy of what came: it may be kept over a co_await. What each field holds is said in <viadux/http.h>.
struct HttpRequest {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  std::string method;
  std::string path;
  std::string query;
  std::string host;
  std::string peer;
  bool secure = false;
  Pairs captures;
  Pairs headers;
  std::string body;

  // Empty where there is none. Header names in lower case.
  std::string_view capture(std::string_view name) const { return find(captures, name); }
  std::string_view header(std::string_view name) const { return find(headers, name); }
  // The token of "Authorization: Bearer ..." (RFC 6750), or empty.
  std::string_view bearer() const;
  // A parameter of the query, percent-decoded; nothing where it is absent. The first one of that name counts.
  std::optional<std::string> parameter(std::string_view name) const;

  explicit HttpRequest(const viadux_http_request& view);

 private:
  static std::string_view find(const Pairs& pairs, std::string_view name) {
    for (const auto& [key, value] : pairs) {
      if (key == name) return value;
    }
    return {};
  }
};

// respond_file() of <viadux/http.h>.
struct HttpFile {
  std::vector<std::string> folders;
  std::string name;
};

struct HttpResponse {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Taken instead of status and body where it is there, read by the host on a thread of its own.
  std::optional<HttpFile> file;

  HttpResponse& header(std::string_view name, std::string_view value) {
    headers.emplace_back(std::string(name), std::string(value));
    return *this;
  }
  static HttpResponse empty(unsigned status) { return of(status, {}, {}); }
  static HttpResponse text(unsigned status, std::string body) {
    return of(status, "text/plain; charset=utf-8", std::move(body));
  }
  static HttpResponse of(unsigned status, std::string_view type, std::string body) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    if (!type.empty()) response.header("content-type", type);
    return response;
  }
  template <Document T>
  static HttpResponse json(unsigned status, const T& document) {
    return of(status, "application/json", write_document(document));
  }
  // A problem document (RFC 9457) of an error.
  static HttpResponse problem(unsigned status, const Error& error);
};

// The HTTP status that says what an error code says; protocols with a table of their own map `reason` first.
inline unsigned http_status(ErrorCode code) {
  switch (code) {
  case ErrorCode::ok:
    return 200;
  case ErrorCode::bad_argument:
    return 400;
  case ErrorCode::not_found:
    return 404;
  case ErrorCode::gone:
    return 410;
  case ErrorCode::refused:
    return 403;
  case ErrorCode::busy:
    return 503;
  case ErrorCode::timeout:
    return 504;
  case ErrorCode::cancelled:
    return 503;
  case ErrorCode::unsupported:
    return 501;
  case ErrorCode::internal:
    return 500;
  }
  return 500;
}

// A response body that is written bit by bit. Destroying it ends the body.
class HttpStream {
 public:
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;
  ~HttpStream() {
    if (handle_) table_->end(host_->context, handle_);
  }
  bool closed() const { return closed_; }
  // Bytes that may be written now.
  std::uint64_t credit() const { return credit_ > 0 ? static_cast<std::uint64_t>(credit_) : 0; }
  // busy: more than the credit, nothing was taken; gone: closed.
  Result<void> write(std::string_view bytes);
  // Called with true when there is new credit, with false when the stream has closed.
  void on_change(std::function<void(bool)> callback) { callback_ = std::move(callback); }

 private:
  friend class HttpExchange;
  HttpStream(const viadux_host* host, const viadux_http* table) : host_(host), table_(table) {}
  static void on_credit(void* arg, viadux_handle stream, std::uint32_t credit) noexcept;

  const viadux_host* host_;
  const viadux_http* table_;
  viadux_handle handle_ = 0;
  std::int64_t credit_ = 0; // below 0 after a chunk that was larger than all of it
  bool closed_ = false;
  std::function<void(bool)> callback_;
};

class HttpBody;

// One request and the right to answer it once.
class HttpExchange {
 public:
  HttpExchange(const viadux_host* host, const viadux_http* table, viadux_handle id,
               const viadux_http_request& view)
      : request(view), host_(host), table_(table), id_(id) {}

  HttpRequest request;

  // gone: answered before, or the client has left.
  Result<void> respond(const HttpResponse& response) const;
  // Status and headers of `head`; the body is then written to the stream. Null: gone.
  std::unique_ptr<HttpStream> stream(const HttpResponse& head) const;
  // The request's body; once, in the handler. Null: its route does not stream, or the client has left.
  std::unique_ptr<HttpBody> body() const;

 private:
  friend class HttpSocket; // <viadux/http_socket.hpp>
  const viadux_host* host_;
  const viadux_http* table_;
  viadux_handle id_;
};

// The body of a request of a route_body(), as it comes. Destroying it takes no more.
class HttpBody {
 public:
  enum class End : std::uint8_t { more = VIADUX_BODY_MORE, whole = VIADUX_BODY_WHOLE, cut = VIADUX_BODY_CUT };
  HttpBody(const HttpBody&) = delete;
  HttpBody& operator=(const HttpBody&) = delete;
  ~HttpBody() {
    if (end_ == End::more) table_->body(host_->context, id_, nullptr, nullptr); // gone: it is answered
  }
  // Called with each piece; the callback may destroy us. Nothing is called after the request's answer.
  void on_bytes(std::function<void(std::string_view bytes, End end)> callback) {
    callback_ = std::move(callback);
  }
  // So many more bytes may come; none do before it is called.
  void accept(std::uint64_t bytes) { table_->accept(host_->context, id_, bytes); }

 private:
  friend class HttpExchange;
  HttpBody(const viadux_host* host, const viadux_http* table, viadux_handle id)
      : host_(host), table_(table), id_(id) {}
  static void came(void* arg, viadux_handle id, viadux_text bytes, std::uint32_t end) noexcept;

  const viadux_host* host_;
  const viadux_http* table_;
  viadux_handle id_;
  End end_ = End::more;
  std::function<void(std::string_view, End)> callback_;
};

// The routes of a plugin; a member of it. They end with the plugin's stop.
class Http {
 public:
  explicit Http(Host host)
      : host_(host.table()),
        table_(static_cast<const viadux_http*>(host_->get_interface(host_->context, to_text(VIADUX_HTTP)))) {}

  using Handler = std::function<Task<void>(HttpExchange)>;

  // refused: another route has it; unsupported: this host has no HTTP server.
  Result<void> route(std::string_view method, std::string_view pattern, Handler handler);

  // For bodies of up to `limit` bytes that are taken as they come: the handler is asked at the request's head
  // and takes exchange.body(). Errors as route(); unsupported: this host has no such routes.
  Result<void> route_body(std::string_view method, std::string_view pattern, std::uint64_t limit,
                          Handler handler);

  // The plugin's web folder (viadux_add_plugin(... WEB folder)) under "/" or "/app". not_found: it is not
  // there; refused: another route has the prefix; unsupported: this host has no files().
  Result<void> files(std::string_view prefix);
  // One file of that folder for every path that the pattern matches: "/{alias}", "index.html". Likewise.
  Result<void> file(std::string_view pattern, std::string_view name);

  template <class P>
  Result<void> route(std::string_view method, std::string_view pattern, P& plugin,
                     Task<HttpResponse> (P::*handler)(HttpRequest)) {
    return route(method, pattern, [&plugin, handler](HttpExchange exchange) {
      return respond_with(std::move(exchange), plugin, handler);
    });
  }
  // For what answers by a stream, or goes on after its answer.
  template <class P>
  Result<void> route(std::string_view method, std::string_view pattern, P& plugin,
                     Task<void> (P::*handler)(HttpExchange)) {
    return route(method, pattern, [&plugin, handler](HttpExchange exchange) {
      return (plugin.*handler)(std::move(exchange));
    });
  }

 private:
  struct Route {
    Http* http;
    Handler handler;
    viadux_handle handle = 0;
  };
  template <class P>
  static Task<void> respond_with(HttpExchange exchange, P& plugin,
                                 Task<HttpResponse> (P::*handler)(HttpRequest)) {
    const HttpResponse response = co_await (plugin.*handler)(exchange.request);
    (void)exchange.respond(response); // gone: the client has left, which is no failure
  }
  static void on_request(void* arg, viadux_handle id, const viadux_http_request* request) noexcept;
  Result<void> keep(std::unique_ptr<Route> route, viadux_status status, std::string_view method,
                    std::string_view pattern);

  const viadux_host* host_;
  const viadux_http* table_;
  std::vector<std::unique_ptr<Route>> routes_;
};

} // namespace viadux

#include <viadux/detail/http_io.hpp>
