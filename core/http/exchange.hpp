// One request and its answer, between the responder (any thread) and the connection (its strand).
#pragma once

#include "core/http/control_gate.hpp"
#include "core/http/responder.hpp"

#include <mutex>

namespace viadux::http_detail {

// What a connection does for its exchange. [any thread] Each call takes effect on the connection's strand, in
// order, and nothing when `exchange` is not the one being answered any more.
class ExchangeSink {
 public:
  virtual ~ExchangeSink() = default;
  virtual void answer(std::shared_ptr<Exchange> exchange, HttpResponse response) = 0;
  virtual void begin_stream(std::shared_ptr<Exchange> exchange, int status, HttpHeaders headers) = 0;
  virtual void send_chunk(std::shared_ptr<Exchange> exchange, std::string chunk) = 0;
  virtual void end_stream(std::shared_ptr<Exchange> exchange, bool complete) = 0;
  virtual void body_wanted(std::shared_ptr<Exchange> exchange) = 0;
  virtual void upgrade(std::shared_ptr<Exchange> exchange, std::shared_ptr<WebSocketHandler> handler,
                       WebSocketOptions options) = 0;
};

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::weak_ptr<ExchangeSink> sink, std::shared_ptr<ControlGate> gate, bool can_upgrade,
           std::function<void()> on_unanswered);
  // The first responder; when its last copy goes, dropped() is called.
  HttpResponder make_responder();

  // The responder's side [any thread].
  std::uint64_t id() const { return id_; }
  bool respond(HttpResponse response);
  bool begin(int status, HttpHeaders headers);
  WriteResult write(std::string chunk);
  void end();
  void set_buffer_limit(std::size_t bytes);
  void on_drained(std::function<void()> callback);
  void on_sent(std::function<void(std::size_t)> callback);
  void on_gone(std::function<void()> callback);
  bool alive() const;
  bool accept_websocket(std::shared_ptr<WebSocketHandler> handler, WebSocketOptions options);
  void receive_body(std::function<void(std::string, BodyEnd)> callback);
  void accept_body(std::size_t bytes);

  // The connection's side.
  void client_gone();               // the answer cannot be completed any more
  bool expire();                    // true when nothing was answered: now it cannot be
  void released(std::size_t bytes); // so much of the stream has been sent
  bool wants_body() const;
  void body_came(std::string bytes, BodyEnd end);

 private:
  enum class State : std::uint8_t { pending = 0, streaming = 1, answered = 2, gone = 3 };
  void dropped();
  bool leave_pending(State next); // under lock_
  void forget_callbacks(std::unique_lock<std::mutex> lock);

  const std::uint64_t id_;
  const std::weak_ptr<ExchangeSink> sink_;
  const std::shared_ptr<ControlGate> gate_;
  const bool can_upgrade_;
  const std::function<void()> on_unanswered_;

  mutable std::mutex mutex_;
  State state_ = State::pending;
  std::size_t buffered_ = 0;
  std::size_t buffer_limit_ = 256 * 1024;
  bool is_full_ = false; // a write was refused; on_drained is owed
  std::size_t sent_ = 0; // and not yet told to on_sent_
  std::function<void()> on_drained_;
  std::function<void(std::size_t)> on_sent_;
  std::function<void()> on_gone_;
  std::int64_t body_credit_ = 0;
  BodyEnd body_end_ = BodyEnd::more;
  std::function<void(std::string, BodyEnd)> on_body_;
};

} // namespace viadux::http_detail
