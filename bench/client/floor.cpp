// viadux-bench-floor: what this machine takes for the datagrams alone, to read a server's figure against.
//
// One thread sends runs of equal datagrams to many sockets on loopback, with sendto and with UDP segmentation
// offload (GSO); another empties the sockets. No encryption, no logic. CPU time of the sending thread per
// datagram.
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr int receiver_count = 200;
constexpr int run_length = 6;                // datagrams to one receiver in a row: a video frame
constexpr std::size_t datagram_bytes = 1090; // with the headers, as viadux-bench's video has it
constexpr int round_count = 40;

double thread_cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

class Receivers {
 public:
  Receivers() : epoll_(epoll_create1(0)) {
    for (int i = 0; i < receiver_count; ++i) {
      const auto fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
      const int size = 4 << 20;
      setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
      sockaddr_in own{};
      own.sin_family = AF_INET;
      own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t length = sizeof own;
      (void)bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own);
      getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
      addresses.push_back(own);
      sockets_.push_back(fd);
    }
    thread_ = std::thread([this] { empty(); });
  }
  ~Receivers() {
    stopped_ = true;
    thread_.join();
    for (const auto fd : sockets_)
      close(fd);
    close(epoll_);
  }
  Receivers(const Receivers&) = delete;
  Receivers& operator=(const Receivers&) = delete;
  std::vector<sockaddr_in> addresses;

 private:
  void empty() {
    pin(0);
    std::array<char, 65536> data{};
    std::array<epoll_event, 64> events{};
    while (!stopped_) {
      const auto n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 50);
      for (int i = 0; i < n; ++i)
        while (recv(events[static_cast<std::size_t>(i)].data.fd, data.data(), data.size(), 0) > 0) {
        }
    }
  }
  int epoll_;
  std::vector<int> sockets_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

bool send_run(int fd, const sockaddr_in& to, std::vector<char>& data, bool gso) {
  if (!gso) {
    bool sent = true;
    for (int i = 0; i < run_length; ++i)
      sent = sendto(fd, data.data() + i * static_cast<std::ptrdiff_t>(datagram_bytes), datagram_bytes, 0,
                    reinterpret_cast<const sockaddr*>(&to), sizeof to) == datagram_bytes &&
             sent;
    return sent;
  }
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  iovec vector{data.data(), data.size()};
  msghdr message{};
  sockaddr_in address = to;
  message.msg_name = &address;
  message.msg_namelen = sizeof address;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size = static_cast<std::uint16_t>(datagram_bytes);
  std::memcpy(CMSG_DATA(header), &size, sizeof size);
  return sendmsg(fd, &message, 0) == static_cast<ssize_t>(data.size());
}

double measure(const Receivers& receivers, bool gso) {
  const auto fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int size = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  std::vector<char> data(datagram_bytes * run_length, 'x');
  double cpu_us = 0;
  std::uint64_t sent = 0;
  for (int round = 0; round < round_count; ++round) {
    const auto before = thread_cpu_us();
    for (const auto& to : receivers.addresses)
      if (send_run(fd, to, data, gso)) sent += run_length;
    cpu_us += thread_cpu_us() - before;
    timespec pause{0, 5'000'000}; // the sockets are emptied; frames do not come back to back either
    nanosleep(&pause, nullptr);
  }
  close(fd);
  return sent > 0 ? cpu_us / static_cast<double>(sent) : 0;
}

} // namespace

int main() {
  pin(1);
  const Receivers receivers;
  measure(receivers, true); // warm
  const auto sendto_us = measure(receivers, false);
  const auto gso_us = measure(receivers, true);
  std::printf("{\"sendto_us\":%.3f,\"gso_us\":%.3f,\"bytes\":%zu,\"run\":%d}\n", sendto_us, gso_us,
              datagram_bytes, run_length);
  return sendto_us > 0 && gso_us > 0 ? 0 : 1;
}
