// viadux-relay: a bad network on loopback, steered by lines on standard input or datagrams to its control
// port.
#include "bench/relay/relay.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace viadux::bench;

constexpr const char* usage_text =
    R"(viadux-relay TARGET:PORT [--listen PORT] [--control PORT] [--seed N] [COMMAND…]

Forwards UDP from 127.0.0.1:PORT (0, the default: any free port) to TARGET:PORT and back, badly. It prints one line of
JSON with its ports. Commands, as arguments, as lines on standard input or as datagrams to the control port; each is
answered with one line of JSON:
  'up loss=5%'                         to the server
  'down rate=400k queue=300ms'         to the client
  'both delay=40ms jitter=10ms reorder=1% hold=20ms'
  'both clear'    'stats'
It ends with its standard input, so that no test leaves it behind.
)";

// Lines from standard input; the relay ends with it.
class Console final : public Watcher {
 public:
  Console(EventLoop& loop, Relay& relay) : loop_(loop), relay_(relay) {
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    loop_.watch(STDIN_FILENO, EPOLLIN, this);
  }
  void on_events(std::uint32_t) override {
    std::array<char, 4096> chunk{};
    const auto n = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (n <= 0) return loop_.stop();
    text_.append(chunk.data(), static_cast<std::size_t>(n));
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      std::printf("%s\n", relay_.command(text_.substr(0, end)).c_str());
      std::fflush(stdout);
      text_.erase(0, end + 1);
    }
  }

 private:
  EventLoop& loop_;
  Relay& relay_;
  std::string text_;
};

class ControlPort final : public Watcher {
 public:
  ControlPort(EventLoop& loop, Relay& relay) : loop_(loop), relay_(relay) {}
  ~ControlPort() override {
    if (socket_ < 0) return;
    loop_.unwatch(socket_, this);
    close(socket_);
  }
  ControlPort(const ControlPort&) = delete;
  ControlPort& operator=(const ControlPort&) = delete;

  int open(std::uint16_t port) { // the port it got; -1 on failure
    socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(port);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return -1;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size);
    loop_.watch(socket_, EPOLLIN, this);
    return ntohs(own.sin_port);
  }
  void on_events(std::uint32_t) override {
    std::array<char, 1024> data{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const auto n = recvfrom(socket_, data.data(), data.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n <= 0) return;
    const auto answer = relay_.command({data.data(), static_cast<std::size_t>(n)});
    sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
  }

 private:
  EventLoop& loop_;
  Relay& relay_;
  int socket_ = -1;
};

bool read_target(const std::string& text, sockaddr_in& target) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1)));
  return inet_pton(AF_INET, text.substr(0, colon).c_str(), &target.sin_addr) == 1 && target.sin_port != 0;
}

} // namespace

int main(int argc, char** argv) {
  sockaddr_in target{};
  if (argc < 2 || !read_target(argv[1], target)) {
    std::fputs(usage_text, stderr);
    return 2;
  }
  std::array<int, 3> numbers{0, 0, 1}; // listen, control, seed
  std::vector<std::string> commands;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    const int which = word == "--listen" ? 0 : word == "--control" ? 1 : word == "--seed" ? 2 : -1;
    if (which < 0)
      commands.push_back(word);
    else if (i + 1 < argc)
      numbers[static_cast<std::size_t>(which)] = std::atoi(argv[++i]);
  }
  std::signal(SIGPIPE, SIG_IGN);
  EventLoop loop;
  Relay relay(loop, target, static_cast<std::uint64_t>(numbers[2]));
  const auto port = relay.listen(static_cast<std::uint16_t>(numbers[0]));
  ControlPort control(loop, relay);
  const auto control_port = control.open(static_cast<std::uint16_t>(numbers[1]));
  if (!port || control_port < 0) {
    std::fprintf(stderr, "viadux-relay: %s\n", port ? "no control port" : port.error().message.c_str());
    return 1;
  }
  for (const auto& command : commands) {
    const auto answer = relay.command(command);
    if (answer.find("error") == std::string::npos) continue;
    std::fprintf(stderr, "viadux-relay: '%s': %s\n", command.c_str(), answer.c_str());
    return 2;
  }
  std::printf("{\"port\":%d,\"control\":%d}\n", *port, control_port);
  std::fflush(stdout);
  Console console(loop, relay);
  loop.run();
  return 0;
}
