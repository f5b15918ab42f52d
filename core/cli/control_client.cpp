#include "core/cli/control_socket.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace viadux {
namespace {

namespace json = boost::json;

constexpr std::size_t max_answer = 16 * 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

Error lost(const std::string& path) {
  const bool slow = errno == EAGAIN || errno == EWOULDBLOCK;
  return make_error(slow ? ErrorCode::timeout : ErrorCode::busy, slow ? "server_slow" : "server_away",
                    slow ? "the server at " + path + " did not answer in time"
                         : "the server at " + path + " went away");
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<json::value> read_answer(const std::string& text) {
  boost::system::error_code broken;
  json::value answer = json::parse(text, broken);
  json::object* object = broken ? nullptr : answer.if_object();
  if (object != nullptr) {
    if (json::value* result = object->if_contains("result")) return std::move(*result);
    const json::value* error = object->if_contains("error");
    if (error != nullptr && error->is_object()) {
      const json::object& told = error->get_object();
      const json::value* code = told.if_contains("code");
      const bool known =
          code != nullptr && code->is_int64() && code->get_int64() > 0 && code->get_int64() <= 9;
      return make_error(known ? static_cast<ErrorCode>(code->get_int64()) : ErrorCode::internal,
                        text_of(told, "reason"), text_of(told, "message"), text_of(told, "field"),
                        text_of(told, "hint"));
    }
  }
  return make_error(ErrorCode::internal, "answer_malformed", "the server's answer can't be read", "",
                    "are both of the same version?");
}

} // namespace

Result<json::value> call_control_socket(const std::string& path, std::string_view command,
                                        const json::object& arguments, int timeout_ms) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return make_error(ErrorCode::bad_argument, "control_socket", "control.socket is empty or too long",
                      "control.socket");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval timeout{timeout_ms / 1000, (timeout_ms % 1000) * 1000};
  (void)setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  (void)setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const bool denied = errno == EACCES || errno == EPERM;
    return make_error(ErrorCode::busy, "server_away",
                      denied ? "you may not talk to the server at " + path
                             : "no server is running at " + path,
                      "control.socket",
                      denied ? "be the server's user, or root"
                             : "start it with viadux run, or say --set control.socket=PATH");
  }
  json::object question;
  question["command"] = command;
  question["arguments"] = arguments;
  const std::string line = json::serialize(question) + "\n";
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t count = ::send(socket.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return lost(path);
    sent += static_cast<std::size_t>(count);
  }
  std::string answer;
  while (!answer.ends_with('\n')) {
    char buffer[16384];
    errno = 0;
    const ssize_t count = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (count <= 0 || answer.size() > max_answer) return lost(path);
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  return read_answer(answer);
}

} // namespace viadux
