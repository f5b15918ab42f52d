// viadux/http_socket.hpp - WebSockets (RFC 6455), for plugins in C++. [control]
//
//   viadux::Task<void> Door::talk(viadux::HttpExchange exchange) {            a GET route
//     auto socket = viadux::HttpSocket::accept(exchange, {.message_limit = 4096});
//     if (!socket) { (void)exchange.respond(viadux::HttpResponse::problem(403, socket.error())); co_return; }
//     (*socket)->on_message([this](std::string_view bytes, bool is_text) { ... });
//     (*socket)->on_change([this](bool open) { if (!open) forget(); });
//     keep(std::move(*socket));
//   }
//
// Both ways are bounded. send_...() says `busy` and takes nothing when more than the credit is unsent;
// on_change(true) tells when to go on. Messages come `window` at a time: each gives its place back when the
// callback returns, or by receive() after hold(); until then the peer waits.
#pragma once

#include <viadux/http.hpp>

namespace viadux {

// What each means, its default (0) and its limit is said in <viadux/http.h>.
struct HttpSocketOptions {
  std::uint32_t message_limit = 0;
  std::uint32_t window = 0;
  std::uint32_t send_limit = 0;
  std::uint32_t idle_timeout_s = 0;
  bool any_origin = false;
  std::string subprotocol{};
};

class HttpSocket {
 public:
  // bad_argument: the request asks for no WebSocket; refused: a page of another origin asks; gone: the client
  // has left; unsupported: this host has none. Not yet answered in the first two cases. Set the callbacks at
  // once.
  static Result<std::unique_ptr<HttpSocket>> accept(const HttpExchange& exchange,
                                                    const HttpSocketOptions& options = {});
  HttpSocket(const HttpSocket&) = delete;
  HttpSocket& operator=(const HttpSocket&) = delete;
  ~HttpSocket() { // closes with 1000
    if (handle_ != 0) host_->close(host_->context, handle_);
  }

  void on_message(std::function<void(std::string_view bytes, bool is_text)> callback) {
    message_ = std::move(callback);
  }
  // true: it is open, or there is room again; false: it has closed. The callback may destroy us.
  void on_change(std::function<void(bool)> callback) { change_ = std::move(callback); }

  // busy: too much is unsent, or it is not open yet; gone: closed; bad_argument: no UTF-8.
  Result<void> send_text(std::string_view text) { return send(text, 1); }
  Result<void> send_binary(std::string_view bytes) { return send(bytes, 0); }
  std::uint64_t credit() const { return credit_ > 0 ? static_cast<std::uint64_t>(credit_) : 0; }

  // From now on a message gives its place back by receive() alone.
  void hold() { holds_ = true; }
  void receive(std::uint32_t messages) {
    if (handle_ != 0) table_->receive(host_->context, handle_, messages);
  }

  // Sends what waits, then a close frame: 1000 to 1003, 1007 to 1014, 3000 to 4999.
  void close(std::uint16_t code = 1000, std::string_view reason = {}) {
    if (handle_ != 0) table_->close_socket(host_->context, handle_, code, to_text(reason));
  }
  bool closed() const { return handle_ == 0; }
  std::uint32_t close_code() const { return close_code_; } // of the peer, or ours; when closed
  const std::string& close_reason() const { return close_reason_; }

 private:
  HttpSocket(const viadux_host* host, const viadux_http* table) : host_(host), table_(table) {}
  Result<void> send(std::string_view bytes, std::uint32_t is_text);
  template <class Call>
  static void guarded(const viadux_host* host, const Call& call) noexcept {
    try {
      call();
    } catch (...) { // its author's fault; the socket goes on
      Host(host).log(LogLevel::error, "socket_callback_threw");
    }
  }
  // The callbacks are copied before they are called: they may destroy the socket.
  static void told_message(void* arg, viadux_handle socket, std::uint32_t is_text,
                           viadux_text bytes) noexcept;
  static void told_credit(void* arg, viadux_handle /*socket*/, std::uint32_t credit) noexcept {
    auto* self = static_cast<HttpSocket*>(arg);
    self->credit_ += credit;
    guarded(self->host_, [change = self->change_] {
      if (change) change(true);
    });
  }
  static void told_closed(void* arg, viadux_handle /*socket*/, std::uint32_t code,
                          viadux_text reason) noexcept {
    auto* self = static_cast<HttpSocket*>(arg);
    self->handle_ = 0;
    self->close_code_ = code;
    guarded(self->host_, [self, reason, change = self->change_] {
      self->close_reason_ = to_view(reason);
      if (change) change(false);
    });
  }

  const viadux_host* host_;
  const viadux_http* table_;
  viadux_handle handle_ = 0;
  std::int64_t credit_ = 0;
  bool holds_ = false;
  std::uint32_t close_code_ = 0;
  std::string close_reason_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0); // ends with us
  std::function<void(std::string_view, bool)> message_;
  std::function<void(bool)> change_;
};

inline Result<std::unique_ptr<HttpSocket>> HttpSocket::accept(const HttpExchange& exchange,
                                                              const HttpSocketOptions& options) {
  const auto* table = exchange.table_;
  // A host of an earlier minor version has a shorter table.
  if (table->struct_size < offsetof(viadux_http, close_socket) + sizeof table->close_socket)
    return make_error(ErrorCode::unsupported, "no_websockets", "this host has no WebSockets for plugins");
  std::unique_ptr<HttpSocket> socket(new HttpSocket(exchange.host_, table));
  viadux_socket_options wanted{};
  wanted.struct_size = sizeof wanted;
  wanted.message_limit = options.message_limit;
  wanted.window = options.window;
  wanted.send_limit = options.send_limit;
  wanted.idle_timeout_s = options.idle_timeout_s;
  wanted.any_origin = options.any_origin ? 1 : 0;
  wanted.subprotocol = to_text(options.subprotocol);
  viadux_socket_events events{};
  events.struct_size = sizeof events;
  events.message = &HttpSocket::told_message;
  events.credit = &HttpSocket::told_credit;
  events.closed = &HttpSocket::told_closed;
  const auto status =
      table->socket(exchange.host_->context, exchange.id_, &wanted, &events, socket.get(), &socket->handle_);
  if (status == VIADUX_OK) return socket;
  socket->handle_ = 0;
  if (status == VIADUX_REFUSED)
    return make_error(ErrorCode::refused, "origin_refused",
                      "a page of another origin asks for the WebSocket");
  if (status == VIADUX_BAD_ARGUMENT)
    return make_error(ErrorCode::bad_argument, "no_websocket", "the request asks for no WebSocket");
  return make_error(static_cast<ErrorCode>(status), "not_accepted", "the WebSocket was not opened");
}

inline Result<void> HttpSocket::send(std::string_view bytes, std::uint32_t is_text) {
  if (handle_ == 0) return make_error(ErrorCode::gone, "socket_closed", "the socket is closed");
  const auto status = table_->send(host_->context, handle_, is_text, to_text(bytes));
  if (status != VIADUX_OK)
    return make_error(static_cast<ErrorCode>(status), "socket_send", "the socket did not take the message");
  credit_ -= static_cast<std::int64_t>(bytes.size());
  return {};
}

inline void HttpSocket::told_message(void* arg, viadux_handle handle, std::uint32_t is_text,
                                     viadux_text bytes) noexcept {
  auto* self = static_cast<HttpSocket*>(arg);
  const auto* host = self->host_;
  const auto* table = self->table_;
  const bool holds = self->holds_;
  const std::weak_ptr<int> life = self->life_;
  guarded(host, [is_text, bytes, message = self->message_] {
    if (message) message(to_view(bytes), is_text != 0);
  });
  if (!holds && !life.expired() && self->handle_ != 0) table->receive(host->context, handle, 1);
}

} // namespace viadux
