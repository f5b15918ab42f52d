// A client that sends bytes as it likes: what a test needs to be rude. Blocking, with a receive timeout.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux {

struct RawResponse {
  int status = 0;                             // 0: nothing came
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_timeout_ms = 30'000)
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval timeout{receive_timeout_ms / 1000, receive_timeout_ms % 1000 * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void stop_sending() { ::shutdown(fd_, SHUT_WR); }
  // False when the peer has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void get(const std::string& path, const std::string& headers = {}) {
    send("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
  }
  // True when the peer closed, with nothing left to read, within the receive timeout.
  bool closed() { return !fill() && at_end_; }
  std::string take(std::size_t bytes) {
    while (in_.size() < bytes && fill()) {
    }
    std::string taken = in_.substr(0, bytes);
    in_.erase(0, taken.size());
    return taken;
  }
  // Up to and including `mark`; "" when it does not come.
  std::string take_until(std::string_view mark) {
    std::size_t at = std::string::npos;
    while ((at = in_.find(mark)) == std::string::npos)
      if (!fill()) return {};
    return take(at + mark.size());
  }
  RawResponse response_head() {
    RawResponse response;
    const std::string head = take_until("\r\n\r\n");
    if (head.size() < 12) return response;
    response.status = std::stoi(head.substr(9, 3));
    for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
      const std::size_t end = head.find("\r\n", at);
      const std::size_t colon = head.find(": ", at);
      std::string name = head.substr(at, colon - at);
      for (char& c : name)
        c = static_cast<char>(std::tolower(c));
      response.headers[name] = head.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    return response;
  }
  std::string chunk() { // "" for the last one, and when nothing comes
    const std::string size = take_until("\r\n");
    if (size.empty()) return {};
    std::string data = take(std::stoul(size, nullptr, 16));
    take(2);
    return data;
  }
  RawResponse response(bool of_head_request = false) {
    RawResponse response = response_head();
    if (of_head_request) return response;
    if (response.headers.contains("content-length")) {
      response.body = take(std::stoul(response.headers["content-length"]));
    } else if (response.headers["transfer-encoding"] == "chunked") {
      for (std::string data = chunk(); !data.empty(); data = chunk())
        response.body += data;
    }
    return response;
  }

 private:
  bool fill() {
    char bytes[16384];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    at_end_ = got == 0 || (got < 0 && errno == ECONNRESET);
    if (got <= 0) return false;
    in_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }
  int fd_;
  bool connected_ = false;
  bool at_end_ = false;
  std::string in_;
};

} // namespace viadux
