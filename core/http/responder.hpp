// How a handler answers: once, by a stream, or by becoming a WebSocket.
//
// A handle, copied freely and kept as long as needed; all its calls are [any thread] and do nothing (and say
// so by their result) when the client has gone. When the last copy is dropped with nothing answered, the
// client gets 500 and viadux_http_unanswered_total counts. Callbacks come on the control thread, never from
// inside a call.
#pragma once

#include "core/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace viadux {

namespace http_detail {
class Exchange;
class SocketChannel;
} // namespace http_detail

enum class WriteResult : std::uint8_t {
  ok = 0,
  full = 1, // the buffer's limit would be passed: nothing of this chunk was taken; on_drained() tells when to
            // go on
  gone = 2, // the client has left, or the stream is ended
};

// What follows a piece of a request's body.
enum class BodyEnd : std::uint8_t {
  more = 0,
  whole = 1, // that was all of it
  cut = 2,   // nothing more comes: the client has left, or it was too long, too slow or malformed
};

// A WebSocket that is open. [any thread]; a default-constructed one is gone.
class WebSocket {
 public:
  WriteResult send_text(std::string message); // must be UTF-8
  WriteResult send_binary(std::string message);
  // Sends a close frame (RFC 6455, 7.4.1) and ends; on_close() still comes.
  void close(std::uint16_t code = 1000, std::string reason = {});
  bool open() const;
  // With WebSocketOptions::receive_by_credit: so many messages have been dealt with, read on.
  void receive(std::uint32_t messages);

 private:
  friend class http_detail::SocketChannel;
  std::shared_ptr<http_detail::SocketChannel> channel_;
};

// Told about one WebSocket, on the control thread: on_open, then messages, then on_close exactly once.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void on_open(WebSocket socket) = 0;
  virtual void on_message(std::string message, bool is_text) = 0;
  // Bytes sent since it was called last: each time an eighth of max_buffered_bytes has gathered, and after a
  // `full` as soon as at most half of it is unsent.
  virtual void on_sent(std::size_t /*bytes*/) {}
  virtual void on_close(std::uint16_t code, const std::string& reason) = 0; // 1006: without a close frame
};

struct WebSocketOptions {
  std::size_t max_message_bytes = 256 * 1024;
  std::size_t max_buffered_bytes = 1024 * 1024; // unsent; send_…() gives `full` beyond it
  std::size_t max_pending_messages = 64; // received and not yet handled by the control thread; reading waits
  bool receive_by_credit = false;        // else a message is dealt with when on_message() returns
  std::uint32_t idle_timeout_s = 60;     // pings go out at half of it; no answer closes
  std::string subprotocol;               // chosen by the handler from Sec-WebSocket-Protocol, or ""
};

class HttpResponder {
 public:
  HttpResponder() = default;

  std::uint64_t id() const; // unique in this process; 0 for a default-constructed one
  // False when the client has gone, or this was answered already.
  bool respond(HttpResponse response);

  // A stream: begin once, write, end. Chunked towards HTTP/1.1; until the connection closes towards HTTP/1.0.
  bool begin(int status, HttpHeaders headers);
  WriteResult write(std::string chunk);
  void end();
  // Unsent bytes that a stream may hold; default 256 KiB. One chunk is always taken when nothing is unsent.
  void set_buffer_limit(std::size_t bytes);
  // Called each time when, after a `full`, at most half of the limit is still unsent.
  void on_drained(std::function<void()> callback);
  // Called with the bytes of the stream that have been sent since it was called last: each time an eighth of
  // the limit has gathered, and after a `full` as soon as at most half of the limit is unsent.
  void on_sent(std::function<void(std::size_t bytes)> callback);

  // Of a route that streams the body: its pieces, in order, as far as they are accepted. Set it once, soon; a
  // null callback forgets it. Answering earlier than `whole` ends the connection after the answer.
  void receive_body(std::function<void(std::string bytes, BodyEnd end)> callback);
  // So many more bytes may come (a piece may pass that by 16 KiB). None come before the first call.
  void accept_body(std::size_t bytes);

  // Called once when the client goes away before the answer is complete. Not called after a complete answer.
  void on_gone(std::function<void()> callback);
  bool alive() const;

  // Answers 101 and hands the connection over; false when it was no WebSocket request, is answered, or is
  // gone. Check the Origin header first: browsers let any page open a WebSocket.
  bool accept_websocket(std::shared_ptr<WebSocketHandler> handler, WebSocketOptions options = {});

 private:
  friend class http_detail::Exchange;
  std::shared_ptr<http_detail::Exchange> exchange_;
};

} // namespace viadux
