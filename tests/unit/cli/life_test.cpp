#include "core/cli/life.hpp"

#include <csignal>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

namespace viadux {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LifeTest, SignalsBecomeCallbacksInOrder) {
  AsioLoop loop;
  std::vector<std::string> heard;
  const Life life(loop, {.reload =
                             [&] {
                               heard.emplace_back("reload");
                               std::raise(SIGTERM);
                             },
                         .drain =
                             [&] {
                               heard.emplace_back("drain");
                               std::raise(SIGINT);
                             },
                         .stop_now =
                             [&] {
                               heard.emplace_back("stop");
                               loop.stop();
                             }});
  loop.after(10'000'000, [&] { loop.stop(); });
  std::raise(SIGHUP);
  loop.run();
  EXPECT_THAT(heard, ElementsAre("reload", "drain", "stop"));
}

// systemd's side of sd_notify: a datagram socket.
class NotifySocket {
 public:
  NotifySocket() {
    path_ = testing::TempDir() + "viadux_notify_" + std::to_string(::getpid());
    ::unlink(path_.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~NotifySocket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  std::vector<std::string> received() const {
    std::vector<std::string> out;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::recv(descriptor_, buffer, sizeof buffer, 0)) > 0;) {
      out.emplace_back(buffer, static_cast<std::size_t>(count));
    }
    return out;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
};

TEST(LifeTest, SystemdHearsOfEachStep) {
  const NotifySocket systemd;
  AsioLoop loop;
  Life life(loop, {});
  life.ready("serving");
  life.reloading();
  life.stopping("draining");
  EXPECT_THAT(systemd.received(),
              ElementsAre(HasSubstr("READY=1\nSTATUS=serving"), HasSubstr("RELOADING=1\nMONOTONIC_USEC="),
                          HasSubstr("STOPPING=1")));
}

TEST(LifeTest, TheWatchdogIsFedWhileTheLoopTurns) {
  const NotifySocket systemd;
  ::setenv("WATCHDOG_USEC", "20000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  AsioLoop loop;
  const Life life(loop, {});
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("WATCHDOG_PID");
  loop.after(60'000, [&] { loop.stop(); });
  loop.run();
  const std::vector<std::string> received = systemd.received();
  EXPECT_GE(received.size(), 3U);
  EXPECT_THAT(received, testing::Each("WATCHDOG=1"));
}

} // namespace
} // namespace viadux
