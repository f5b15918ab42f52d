#include "bench/client/http.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux::bench {
namespace {

constexpr std::size_t max_response = 4 << 20;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Error failed(const Url& url, const std::string& what) {
  return make_error(ErrorCode::internal, "http_failed",
                    "http://" + url.host + ":" + std::to_string(url.port) + url.path + ": " + what);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The decoded body once it is all there; `at_end` says that the server has closed.
bool take_chunks(const std::string& raw, std::string& body) {
  body.clear();
  std::size_t at = 0;
  for (;;) {
    const auto line_end = raw.find("\r\n", at);
    if (line_end == std::string::npos) return false;
    std::size_t size = 0;
    if (std::from_chars(raw.data() + at, raw.data() + line_end, size, 16).ec != std::errc{}) return false;
    at = line_end + 2;
    if (size == 0) return true;
    if (size > max_response || raw.size() < at + size + 2) return false;
    body.append(raw, at, size);
    at += size + 2;
  }
}

bool take_response(const std::string& raw, bool at_end, bool head_only, HttpResponse& response) {
  const auto head_end = raw.find("\r\n\r\n");
  if (head_end == std::string::npos || raw.size() < 12) return false;
  std::from_chars(raw.data() + 9, raw.data() + 12, response.status);
  response.headers.clear();
  for (auto at = raw.find("\r\n") + 2; at < head_end;) {
    const auto end = raw.find("\r\n", at);
    const auto colon = raw.find(':', at);
    if (colon < end) {
      auto value = colon + 1;
      while (value < end && raw[value] == ' ')
        ++value;
      response.headers[lower(raw.substr(at, colon - at))] = raw.substr(value, end - value);
    }
    at = end + 2;
  }
  const auto body = raw.substr(head_end + 4);
  if (head_only || response.status == 204 || response.status == 304) return true;
  if (response.headers.contains("transfer-encoding")) return take_chunks(body, response.body);
  response.body = body;
  const auto length = response.headers.find("content-length");
  if (length == response.headers.end()) return at_end;
  return body.size() >= static_cast<std::size_t>(std::atoll(length->second.c_str()));
}

} // namespace

Result<Url> parse_url(const std::string& text) {
  Url url;
  const std::string scheme = "http://";
  if (text.compare(0, scheme.size(), scheme) != 0)
    return make_error(ErrorCode::bad_argument, "url", "'" + text + "' is not an http:// address", "url",
                      "write it as http://127.0.0.1:8080/path");
  const auto slash = text.find('/', scheme.size());
  auto authority = text.substr(scheme.size(), slash == std::string::npos ? slash : slash - scheme.size());
  if (slash != std::string::npos) url.path = text.substr(slash);
  const auto colon = authority.find(':');
  if (colon != std::string::npos) {
    url.port = static_cast<std::uint16_t>(std::atoi(authority.c_str() + colon + 1));
    authority.resize(colon);
  }
  url.host = authority == "localhost" ? "127.0.0.1" : authority;
  in_addr address{};
  if (inet_pton(AF_INET, url.host.c_str(), &address) != 1)
    return make_error(ErrorCode::bad_argument, "url", "'" + url.host + "' is not an IPv4 address", "url");
  return url;
}

Url resolve(const Url& base, const std::string& location) {
  if (auto absolute = parse_url(location)) return *absolute;
  auto url = base;
  url.path = location.starts_with('/') ? location : "/" + location;
  return url;
}

Task<Result<HttpResponse>> http_request(EventLoop& loop, HttpRequest request) {
  const auto deadline_us = EventLoop::now_us() + request.timeout_us;
  const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(request.url.port);
  inet_pton(AF_INET, request.url.host.c_str(), &to.sin_addr);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    if (errno != EINPROGRESS) co_return failed(request.url, std::strerror(errno));
    const bool connected = co_await loop.ready(socket.fd(), EPOLLOUT, deadline_us);
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (!connected || error != 0)
      co_return failed(request.url, connected ? std::strerror(error) : "no connection in time");
  }

  auto text = request.method + " " + request.url.path + " HTTP/1.1\r\nHost: " + request.url.host + ":" +
              std::to_string(request.url.port) + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.headers)
    text.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty() || request.method == "POST")
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  text += "\r\n" + request.body;
  for (std::size_t sent = 0; sent < text.size();) {
    const auto n = send(socket.fd(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno != EAGAIN) {
      break; // the server may have answered already (413) and closed: read that
    } else if (!co_await loop.ready(socket.fd(), EPOLLOUT, deadline_us)) {
      co_return failed(request.url, "could not send the request in time");
    }
  }

  std::string raw;
  HttpResponse response;
  for (;;) {
    char chunk[16384];
    const auto n = recv(socket.fd(), chunk, sizeof chunk, 0);
    if (n < 0 && errno == EAGAIN) {
      if (!co_await loop.ready(socket.fd(), EPOLLIN, deadline_us))
        co_return failed(request.url, "no whole answer in time");
      continue;
    }
    if (n > 0) raw.append(chunk, static_cast<std::size_t>(n));
    if (take_response(raw, n <= 0, request.method == "HEAD", response)) co_return response;
    if (n <= 0) co_return failed(request.url, "the answer was cut off");
    if (raw.size() > max_response) co_return failed(request.url, "the answer is too long");
  }
}

} // namespace viadux::bench
