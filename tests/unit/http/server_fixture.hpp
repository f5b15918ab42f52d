// A real server on loopback with a real control thread.
#pragma once

#include "core/control/asio_loop.hpp"
#include "core/http/server.hpp"
#include "raw_client.hpp"

#include <functional>
#include <future>
#include <gmock/gmock.h>
#include <thread>

namespace viadux {

class HttpServerTest : public testing::Test {
 protected:
  explicit HttpServerTest(std::size_t queue_limit = 65536) : loop_(queue_limit) {
    options_.listen = {{"127.0.0.1", 0, false}};
    options_.limits.header_timeout_ms = 30'000;
    loop_thread_ = std::thread([this] { loop_.run(); });
  }
  ~HttpServerTest() override {
    control([this] { server_.reset(); });
    loop_.stop();
    loop_thread_.join();
  }

  // Runs `work` on the control thread and waits.
  template <class Work>
  auto control(Work work) -> decltype(work()) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    loop_.post([&task] { task(); });
    return result.get();
  }
  // Makes and starts the server; `set_up` adds routes.
  void start(const std::function<void(HttpServer&)>& set_up = {}) {
    control([&] {
      server_.emplace(options_, loop_, metrics_);
      if (set_up) set_up(*server_);
      const auto started = server_->start();
      ASSERT_TRUE(started) << started.error().message;
    });
  }
  std::uint16_t port() { return server_->port(); }
  // Waits until the metrics' text holds `text`: counters of http threads may come a moment after the answer.
  bool metric_comes(const std::string& text) {
    return comes_true(
        [&] { return control([&] { return metrics_.serialize(); }).find(text) != std::string::npos; });
  }
  static bool comes_true(const std::function<bool()>& condition, int timeout_ms = 30'000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  HttpOptions options_;
  Metrics metrics_;
  AsioLoop loop_;
  std::thread loop_thread_;
  std::optional<HttpServer> server_;
};

} // namespace viadux
