#include "core/http/exchange.hpp"

namespace viadux {
namespace http_detail {
namespace {

std::uint64_t next_exchange_id() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

} // namespace

Exchange::Exchange(std::weak_ptr<ExchangeSink> sink, std::shared_ptr<ControlGate> gate, bool can_upgrade,
                   std::function<void()> on_unanswered)
    : id_(next_exchange_id()), sink_(std::move(sink)), gate_(std::move(gate)), can_upgrade_(can_upgrade),
      on_unanswered_(std::move(on_unanswered)) {}

HttpResponder Exchange::make_responder() {
  // Responders share this guard, not the exchange itself, which the connection holds as well.
  struct Guard {
    explicit Guard(std::shared_ptr<Exchange> exchange_in) : exchange(std::move(exchange_in)) {}
    ~Guard() { exchange->dropped(); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    std::shared_ptr<Exchange> exchange;
  };
  HttpResponder responder;
  responder.exchange_ = std::shared_ptr<Exchange>(std::make_shared<Guard>(shared_from_this()), this);
  return responder;
}

bool Exchange::leave_pending(State next) {
  if (state_ != State::pending) return false;
  state_ = next;
  return true;
}

// Callbacks may hold responders, whose end calls dropped(): they are destroyed outside the lock.
void Exchange::forget_callbacks(std::unique_lock<std::mutex> lock) {
  const auto drained = std::exchange(on_drained_, nullptr);
  const auto sent = std::exchange(on_sent_, nullptr);
  const auto gone = std::exchange(on_gone_, nullptr);
  const auto body = std::exchange(on_body_, nullptr);
  lock.unlock();
}

bool Exchange::respond(HttpResponse response) {
  const auto sink = sink_.lock(); // before the lock: may be the last one, whose end takes it
  std::unique_lock lock(mutex_);
  if (!sink || !leave_pending(State::answered)) return false;
  sink->answer(shared_from_this(), std::move(response));
  forget_callbacks(std::move(lock));
  return true;
}

bool Exchange::begin(int status, HttpHeaders headers) {
  const auto sink = sink_.lock(); // before the lock: may be the last one, whose end takes it
  const std::lock_guard lock(mutex_);
  if (!sink || !leave_pending(State::streaming)) return false;
  sink->begin_stream(shared_from_this(), status, std::move(headers));
  return true;
}

WriteResult Exchange::write(std::string chunk) {
  const auto sink = sink_.lock(); // before the lock: may be the last one, whose end takes it
  const std::lock_guard lock(mutex_);
  if (!sink || state_ != State::streaming) return WriteResult::gone;
  if (chunk.empty()) return WriteResult::ok; // would be the last chunk on the wire
  if (buffered_ != 0 && buffered_ + chunk.size() > buffer_limit_) {
    is_full_ = true;
    return WriteResult::full;
  }
  buffered_ += chunk.size();
  sink->send_chunk(shared_from_this(), std::move(chunk));
  return WriteResult::ok;
}

void Exchange::end() {
  const auto sink = sink_.lock();
  std::unique_lock lock(mutex_);
  if (state_ != State::streaming) return;
  state_ = State::answered;
  if (sink) sink->end_stream(shared_from_this(), true);
  forget_callbacks(std::move(lock));
}

void Exchange::set_buffer_limit(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  buffer_limit_ = bytes;
}

void Exchange::on_drained(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::pending || state_ == State::streaming) std::swap(on_drained_, callback);
}

void Exchange::on_sent(std::function<void(std::size_t)> callback) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::pending || state_ == State::streaming) std::swap(on_sent_, callback);
}

void Exchange::on_gone(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::gone)
    gate_->post_surely(std::move(callback));
  else if (state_ != State::answered)
    std::swap(on_gone_, callback);
}

bool Exchange::alive() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::pending || state_ == State::streaming;
}

bool Exchange::accept_websocket(std::shared_ptr<WebSocketHandler> handler, WebSocketOptions options) {
  const auto sink = sink_.lock(); // before the lock: may be the last one, whose end takes it
  std::unique_lock lock(mutex_);
  if (!sink || !can_upgrade_ || !leave_pending(State::answered)) return false;
  sink->upgrade(shared_from_this(), std::move(handler), std::move(options));
  forget_callbacks(std::move(lock));
  return true;
}

void Exchange::receive_body(std::function<void(std::string, BodyEnd)> callback) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::pending && state_ != State::streaming) return;
  std::swap(on_body_, callback);
  if (on_body_ && body_end_ != BodyEnd::more) // a body of nothing has ended before anybody could ask for it
    gate_->post_surely([tell = on_body_, end = body_end_] { tell({}, end); });
}

void Exchange::accept_body(std::size_t bytes) {
  constexpr std::int64_t most = 1 << 30;
  const auto sink = sink_.lock(); // before the lock: may be the last one, whose end takes it
  const std::lock_guard lock(mutex_);
  if (!sink || (state_ != State::pending && state_ != State::streaming)) return;
  body_credit_ = std::min(most, body_credit_ + static_cast<std::int64_t>(std::min<std::size_t>(bytes, most)));
  sink->body_wanted(shared_from_this());
}

bool Exchange::wants_body() const {
  const std::lock_guard lock(mutex_);
  return body_credit_ > 0;
}

void Exchange::body_came(std::string bytes, BodyEnd end) {
  const std::lock_guard lock(mutex_);
  body_credit_ -= static_cast<std::int64_t>(bytes.size());
  body_end_ = end;
  if (on_body_)
    gate_->post_surely(
        [tell = on_body_, bytes = std::move(bytes), end]() mutable { tell(std::move(bytes), end); });
}

void Exchange::client_gone() {
  std::unique_lock lock(mutex_);
  if (state_ == State::pending || state_ == State::streaming) {
    state_ = State::gone;
    if (on_gone_) gate_->post_surely(std::exchange(on_gone_, nullptr));
  }
  forget_callbacks(std::move(lock));
}

bool Exchange::expire() {
  std::unique_lock lock(mutex_);
  if (!leave_pending(State::gone)) return false;
  if (on_gone_) gate_->post_surely(std::exchange(on_gone_, nullptr));
  forget_callbacks(std::move(lock));
  return true;
}

void Exchange::released(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  buffered_ -= std::min(bytes, buffered_);
  sent_ += bytes;
  if (state_ != State::streaming) return;
  const bool drained = is_full_ && buffered_ <= buffer_limit_ / 2;
  if (on_sent_ && (drained || sent_ >= buffer_limit_ / 8))
    gate_->post_surely([tell = on_sent_, sent = std::exchange(sent_, 0)] { tell(sent); });
  if (!drained) return;
  is_full_ = false;
  if (on_drained_) gate_->post_surely(on_drained_);
}

void Exchange::dropped() {
  const auto sink = sink_.lock(); // before the lock: may be the last one, whose end takes it
  std::unique_lock lock(mutex_);
  if (state_ == State::pending && sink) {
    state_ = State::answered;
    sink->answer(shared_from_this(), problem(500, "unanswered", "the server gave no answer to this request"));
    on_unanswered_();
  } else if (state_ == State::streaming && sink) {
    state_ = State::answered;
    sink->end_stream(shared_from_this(), false); // not complete: the client shall notice
  }
  forget_callbacks(std::move(lock));
}

} // namespace http_detail

std::uint64_t HttpResponder::id() const {
  return exchange_ ? exchange_->id() : 0;
}
bool HttpResponder::respond(HttpResponse response) {
  return exchange_ && exchange_->respond(std::move(response));
}
bool HttpResponder::begin(int status, HttpHeaders headers) {
  return exchange_ && exchange_->begin(status, std::move(headers));
}
WriteResult HttpResponder::write(std::string chunk) {
  return exchange_ ? exchange_->write(std::move(chunk)) : WriteResult::gone;
}
void HttpResponder::end() {
  if (exchange_) exchange_->end();
}
void HttpResponder::set_buffer_limit(std::size_t bytes) {
  if (exchange_) exchange_->set_buffer_limit(bytes);
}
void HttpResponder::on_drained(std::function<void()> callback) {
  if (exchange_) exchange_->on_drained(std::move(callback));
}
void HttpResponder::on_sent(std::function<void(std::size_t)> callback) {
  if (exchange_) exchange_->on_sent(std::move(callback));
}
void HttpResponder::on_gone(std::function<void()> callback) {
  if (exchange_) exchange_->on_gone(std::move(callback));
}
void HttpResponder::receive_body(std::function<void(std::string, BodyEnd)> callback) {
  if (exchange_) exchange_->receive_body(std::move(callback));
}
void HttpResponder::accept_body(std::size_t bytes) {
  if (exchange_) exchange_->accept_body(bytes);
}
bool HttpResponder::alive() const {
  return exchange_ && exchange_->alive();
}
bool HttpResponder::accept_websocket(std::shared_ptr<WebSocketHandler> handler, WebSocketOptions options) {
  return exchange_ && exchange_->accept_websocket(std::move(handler), std::move(options));
}

} // namespace viadux
