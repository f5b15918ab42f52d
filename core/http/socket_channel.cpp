#include "core/http/socket_channel.hpp"

#include "core/http/text.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <optional>

namespace viadux::http_detail {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

// Our transport in the shape that Beast wants: an AsyncStream. What was read with the request comes first.
class BeastTransport {
 public:
  using executor_type = asio::any_io_executor;

  BeastTransport(std::shared_ptr<HttpTransport> transport, std::string already_read)
      : transport_(std::move(transport)), already_read_(std::move(already_read)) {}
  executor_type get_executor() { return transport_->executor(); }
  HttpTransport& transport() { return *transport_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, asio::mutable_buffer buffer) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          if (already_read_.empty())
            return transport_->read_some(buffer,
                                         [shared](auto error, std::size_t n) { (*shared)(error, n); });
          const std::size_t taken = asio::buffer_copy(buffer, asio::buffer(already_read_));
          already_read_.erase(0, taken);
          asio::post(transport_->executor(),
                     [shared, taken] { (*shared)(boost::system::error_code(), taken); });
        },
        token, first_of<asio::mutable_buffer>(buffers));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, asio::const_buffer buffer) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          transport_->write_some(buffer, [shared](auto error, std::size_t n) { (*shared)(error, n); });
        },
        token, first_of<asio::const_buffer>(buffers));
  }

 private:
  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at)
      if (Buffer buffer = *at; buffer.size() != 0) return buffer;
    return {};
  }
  std::shared_ptr<HttpTransport> transport_;
  std::string already_read_;
};

// Beast finds these by argument-dependent lookup.
inline void beast_close_socket(BeastTransport& stream) {
  stream.transport().close();
}
inline void teardown(beast::role_type /*role*/, BeastTransport& stream, boost::system::error_code& error) {
  stream.transport().close();
  error = {};
}
template <class Handler>
void async_teardown(beast::role_type /*role*/, BeastTransport& stream, Handler&& handler) {
  auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
  stream.transport().shutdown_send([shared](bool /*is_over*/) { (*shared)(boost::system::error_code()); });
}

namespace {

class BeastChannel final : public SocketChannel, public std::enable_shared_from_this<BeastChannel> {
 public:
  explicit BeastChannel(SocketSetup setup)
      : setup_(std::move(setup)), stream_(std::in_place, setup_.transport, std::move(setup_.already_read)) {}

  void start() {
    beast::http::request<beast::http::empty_body> request;
    request.method(beast::http::verb::get);
    request.target("/");
    request.version(11);
    for (const auto& [name, value] : setup_.request.headers.fields())
      if (!equals_ignoring_case(name, "Sec-WebSocket-Extensions")) request.insert(name, value);
    websocket::stream_base::timeout timeouts{};
    timeouts.handshake_timeout = std::chrono::seconds(10);
    timeouts.idle_timeout = std::chrono::seconds(setup_.options.idle_timeout_s);
    timeouts.keep_alive_pings = true;
    stream_->set_option(timeouts);
    stream_->auto_fragment(false); // a message is one frame
    stream_->read_message_max(setup_.options.max_message_bytes);
    stream_->set_option(websocket::stream_base::decorator([this](websocket::response_type& response) {
      if (!setup_.options.subprotocol.empty())
        response.set(beast::http::field::sec_websocket_protocol, setup_.options.subprotocol);
      response.set("X-Request-Id", setup_.request.id);
    }));
    stream_->async_accept(request, [self = shared_from_this()](boost::system::error_code error) {
      if (error) return self->finish();
      self->post_to_handler([self, handler = self->setup_.handler] { handler->on_open(handle_of(self)); });
      self->accepted_ = true;
      self->read();
      self->write();
    });
  }

  WriteResult send(std::string message, bool is_text) override {
    const std::lock_guard lock(mutex_);
    if (!open_ || closing_) return WriteResult::gone;
    if (buffered_ != 0 && buffered_ + message.size() > setup_.options.max_buffered_bytes) {
      is_full_ = true;
      return WriteResult::full;
    }
    buffered_ += message.size();
    asio::post(setup_.transport->executor(),
               [self = shared_from_this(), message = std::move(message), is_text]() mutable {
                 self->out_.push_back({std::move(message), is_text});
                 self->write();
               });
    return WriteResult::ok;
  }

  void close(std::uint16_t code, std::string reason) override {
    const std::lock_guard lock(mutex_);
    if (!open_ || closing_) return;
    closing_ = true;
    if (reason.size() > 120) reason.resize(120); // a control frame holds 125 bytes (RFC 6455, 5.5)
    asio::post(setup_.transport->executor(), [self = shared_from_this(), code, reason = std::move(reason)] {
      self->close_frame_ = {static_cast<websocket::close_code>(code), reason};
      self->wants_close_ = true;
      self->write();
    });
  }

  bool open() const override {
    const std::lock_guard lock(mutex_);
    return open_ && !closing_;
  }

  void receive(std::uint32_t messages) override {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    asio::post(setup_.transport->executor(), [self = shared_from_this(), messages] {
      self->pending_messages_ -= std::min<std::size_t>(messages, self->pending_messages_);
      self->read();
    });
  }

 private:
  struct Out {
    std::string bytes;
    bool is_text = true;
  };

  void post_to_handler(std::function<void()> task) { setup_.gate->post_surely(std::move(task)); }

  void read() {
    if (ended_ || reading_ || pending_messages_ >= setup_.options.max_pending_messages) return;
    reading_ = true;
    stream_->async_read(buffer_, [self = shared_from_this()](boost::system::error_code error, std::size_t) {
      self->reading_ = false;
      if (error || self->ended_) return self->finish();
      const auto data = self->buffer_.cdata();
      self->on_message(std::string(static_cast<const char*>(data.data()), data.size()),
                       self->stream_->got_text());
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  void on_message(std::string message, bool is_text) {
    ++pending_messages_;
    auto shared = std::make_shared<std::string>(std::move(message));
    post_to_handler([self = shared_from_this(), handler = setup_.handler, shared, is_text] {
      handler->on_message(std::move(*shared), is_text);
      if (!self->setup_.options.receive_by_credit) self->receive(1);
    });
  }

  void write() {
    if (ended_ || writing_ || !accepted_) return;
    if (out_.empty()) {
      if (!std::exchange(wants_close_, false)) return;
      writing_ = true;
      stream_->async_close(close_frame_, [self = shared_from_this()](boost::system::error_code) {
        self->writing_ = false;
        self->finish();
      });
      return;
    }
    writing_ = true;
    stream_->text(out_.front().is_text);
    stream_->async_write(asio::buffer(out_.front().bytes),
                         [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                           self->writing_ = false;
                           if (error || self->ended_) return self->finish();
                           self->note_sent(self->out_.front().bytes.size());
                           self->out_.pop_front();
                           self->write();
                         });
  }

  void note_sent(std::size_t bytes) {
    std::size_t told = 0;
    {
      const std::lock_guard lock(mutex_);
      const std::size_t limit = setup_.options.max_buffered_bytes;
      buffered_ -= std::min(buffered_, bytes);
      sent_ += bytes;
      const bool drained = is_full_ && buffered_ <= limit / 2;
      if (!drained && sent_ < limit / 8) return;
      if (drained) is_full_ = false;
      told = std::exchange(sent_, 0);
    }
    post_to_handler([handler = setup_.handler, told] {
      if (handler) handler->on_sent(told);
    });
  }

  // Comes again for what still read or wrote when it came first.
  void finish() {
    if (!std::exchange(ended_, true)) tell_end();
    if (!reading_ && !writing_ && stream_)
      asio::post(setup_.transport->executor(), [self = shared_from_this()] { self->let_go(); });
  }

  // Handles may outlive the server: what belongs to its io_context must not wait for them.
  void let_go() {
    stream_.reset();
    setup_.transport.reset();
  }

  void tell_end() {
    {
      const std::lock_guard lock(mutex_);
      open_ = false;
    }
    const auto& reason = stream_->reason(); // the peer's close frame, if there was one
    std::uint16_t code = reason.code;
    std::string text(reason.reason.data(), reason.reason.size());
    if (code == websocket::close_code::none && close_frame_.code != websocket::close_code::none)
      code = close_frame_.code;
    if (code == websocket::close_code::none) code = 1006;
    // The handler often holds our handle: it goes with its last call, or the two would keep each other.
    post_to_handler([handler = std::exchange(setup_.handler, nullptr), code, text = std::move(text)] {
      handler->on_close(code, text);
    });
    const auto on_end = std::exchange(setup_.on_end, nullptr);
    on_end();
  }

  SocketSetup setup_;
  // Without compression: memory per connection, CRIME-like leaks. Gone once all is over: see let_go().
  std::optional<websocket::stream<BeastTransport, false>> stream_;
  beast::flat_buffer buffer_;
  std::deque<Out> out_;
  websocket::close_reason close_frame_{websocket::close_code::none};
  std::size_t pending_messages_ = 0;
  bool accepted_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool wants_close_ = false;
  bool ended_ = false;

  mutable std::mutex mutex_; // what follows
  std::size_t buffered_ = 0;
  std::size_t sent_ = 0; // and not yet told
  bool is_full_ = false; // a send was refused; on_sent() is owed
  bool open_ = true;
  bool closing_ = false;
};

} // namespace

std::shared_ptr<SocketChannel> start_web_socket(SocketSetup setup) {
  auto channel = std::make_shared<BeastChannel>(std::move(setup));
  channel->start();
  return channel;
}

} // namespace viadux::http_detail

namespace viadux {

WriteResult WebSocket::send_text(std::string message) {
  return channel_ ? channel_->send(std::move(message), true) : WriteResult::gone;
}
WriteResult WebSocket::send_binary(std::string message) {
  return channel_ ? channel_->send(std::move(message), false) : WriteResult::gone;
}
void WebSocket::close(std::uint16_t code, std::string reason) {
  if (channel_) channel_->close(code, std::move(reason));
}
void WebSocket::receive(std::uint32_t messages) {
  if (channel_) channel_->receive(messages);
}
bool WebSocket::open() const {
  return channel_ && channel_->open();
}

} // namespace viadux
