#include "core/cli/control_socket.hpp"

#include "core/log/log.hpp"

#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace viadux {

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using Local = asio::local::stream_protocol;

constexpr std::size_t max_line = 256 * 1024;
constexpr std::size_t max_path = 107; // sockaddr_un::sun_path with its zero
constexpr std::size_t max_connections = 16;
constexpr auto idle = std::chrono::seconds(60);

Error system_error(const std::string& path, const boost::system::error_code& error) {
  return make_error(ErrorCode::internal, "control_socket", path + ": " + error.message(), "control.socket");
}

std::string error_text(const Error& error) {
  json::object inner;
  inner["code"] = static_cast<std::uint32_t>(error.code);
  inner["reason"] = error.reason;
  inner["message"] = error.message;
  inner["field"] = error.field;
  inner["hint"] = error.hint;
  json::object out;
  out["error"] = std::move(inner);
  return json::serialize(out) + "\n";
}

std::string answer_text(const Result<json::value>& result) {
  if (!result) return error_text(result.error());
  json::object out;
  out["result"] = *result;
  return json::serialize(out) + "\n";
}

// Whether the other end is the server's own user or root: mode 0600 says so too, but not before a root's
// chmod.
bool is_own_user(Local::socket& socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

} // namespace

struct ControlSocket::State : std::enable_shared_from_this<ControlSocket::State> {
  explicit State(AsioLoop& loop) : context(loop.context()), acceptor(context) {}

  struct Connection : std::enable_shared_from_this<Connection> {
    Connection(std::shared_ptr<State> owner, Local::socket peer)
        : state(std::move(owner)), socket(std::move(peer)), timer(state->context), buffer(max_line) {}

    void read() {
      timer.expires_after(idle);
      timer.async_wait([self = weak_from_this()](boost::system::error_code error) {
        if (const auto alive = self.lock(); alive && !error) alive->close();
      });
      asio::async_read_until(
          socket, buffer, '\n',
          [self = shared_from_this()](boost::system::error_code error, std::size_t length) {
            self->timer.cancel();
            if (error == asio::error::not_found) return self->refuse_long_line();
            if (error) return self->close();
            self->take_line(length);
          });
    }

    void take_line(std::size_t length) {
      const auto begin = asio::buffers_begin(buffer.data());
      const std::string line(begin, begin + static_cast<std::ptrdiff_t>(length));
      buffer.consume(length);
      boost::system::error_code error;
      const json::value question = json::parse(line, error);
      const json::object* object = error ? nullptr : question.if_object();
      const json::value* name = object != nullptr ? object->if_contains("command") : nullptr;
      if (name == nullptr || !name->is_string()) {
        return write(error_text(make_error(ErrorCode::bad_argument, "question_malformed",
                                           "the line is not a JSON object with a command")));
      }
      const auto handler = state->handlers.find(std::string_view(name->get_string()));
      if (handler == state->handlers.end()) {
        return write(error_text(make_error(ErrorCode::not_found, "command_unknown",
                                           "this server has no command " + std::string(name->get_string()),
                                           "command")));
      }
      const json::value* arguments = object->if_contains("arguments");
      const bool given = arguments != nullptr && arguments->is_object();
      handler->second(
          given ? arguments->get_object() : json::object(),
          [self = shared_from_this(), answered = false](const Result<json::value>& result) mutable {
            if (!std::exchange(answered, true)) self->write(answer_text(result));
          });
    }

    void refuse_long_line() {
      close_after_write = true;
      write(error_text(
          make_error(ErrorCode::bad_argument, "line_too_long", "the line is longer than 256 KiB")));
    }

    void write(std::string text) {
      answer = std::move(text);
      timer.expires_after(idle); // one that asks and never reads the answer
      timer.async_wait([self = weak_from_this()](boost::system::error_code error) {
        if (const auto alive = self.lock(); alive && !error) alive->close();
      });
      asio::async_write(socket, asio::buffer(answer),
                        [self = shared_from_this()](boost::system::error_code error, std::size_t /*length*/) {
                          self->timer.cancel();
                          explicit_bzero(self->answer.data(),
                                         self->answer.size()); // a new token was perhaps in it
                          if (error || self->close_after_write || self->state->closed) return self->close();
                          self->read();
                        });
    }

    void close() {
      boost::system::error_code ignored;
      timer.cancel();
      socket.close(ignored);
      state->connections.erase(shared_from_this());
    }

    std::shared_ptr<State> state;
    Local::socket socket;
    asio::steady_timer timer;
    asio::streambuf buffer;
    std::string answer;
    bool close_after_write = false;
  };

  void accept() {
    acceptor.async_accept([self = shared_from_this()](boost::system::error_code error, Local::socket peer) {
      if (self->closed) return;
      if (!error && self->connections.size() < max_connections && is_own_user(peer)) {
        auto connection = std::make_shared<Connection>(self, std::move(peer));
        self->connections.insert(connection);
        connection->read();
      }
      self->accept();
    });
  }

  asio::io_context& context;
  Local::acceptor acceptor;
  std::string path;
  std::map<std::string, Handler, std::less<>> handlers;
  std::set<std::shared_ptr<Connection>> connections;
  bool closed = false;
};

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(AsioLoop& loop, const std::string& path) {
  if (path.empty() || path.size() > max_path) {
    return make_error(ErrorCode::bad_argument, "control_socket", "the path must be 1 to 107 bytes long",
                      "control.socket");
  }
  auto state = std::make_shared<State>(loop);
  state->path = path;
  boost::system::error_code error;
  std::error_code ignored;
  if (std::filesystem::path(path).has_parent_path()) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  }
  if (std::filesystem::is_socket(path, ignored)) {
    Local::socket probe(state->context);
    probe.connect(Local::endpoint(path), error);
    if (!error) {
      return make_error(ErrorCode::busy, "control_socket", path + ": another server is running here",
                        "control.socket", "stop it, or give this one a control.socket of its own");
    }
    std::filesystem::remove(path, ignored);
  }
  state->acceptor.open(Local(), error);
  if (error) return system_error(path, error);
  const mode_t mask = ::umask(0177); // mode 0600 from the first moment
  state->acceptor.bind(Local::endpoint(path), error);
  ::umask(mask);
  if (!error) state->acceptor.listen(static_cast<int>(max_connections), error);
  if (error) return system_error(path, error);
  state->accept();
  return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(state)));
}

ControlSocket::ControlSocket(std::shared_ptr<State> state) : state_(std::move(state)) {}

ControlSocket::~ControlSocket() {
  state_->closed = true;
  state_->handlers.clear(); // what they refer to goes next
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  while (!state_->connections.empty()) {
    const auto connection = *state_->connections.begin(); // alive until it has closed itself
    connection->close();
  }
  std::error_code gone;
  std::filesystem::remove(state_->path, gone);
}

void ControlSocket::register_command(std::string name, Handler handler) {
  state_->handlers.insert_or_assign(std::move(name), std::move(handler));
}

void ControlSocket::register_command(std::string name,
                                     std::function<Result<json::value>(const json::object&)> handler) {
  register_command(std::move(name), Handler([handler = std::move(handler)](const json::object& arguments,
                                                                           const Answer& answer) {
                     answer(handler(arguments));
                   }));
}

} // namespace viadux
