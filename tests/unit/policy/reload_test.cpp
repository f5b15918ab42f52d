// The engine with its real thread: policies swapped while they are asked 500 times a second, and attackers
// beside.
#include "core/control/asio_loop.hpp"
#include "tests/unit/policy/fixture.hpp"

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

namespace viadux {
namespace {

using documents::DecidedBy;

class RunningEngine : public testing::Test {
 protected:
  // Who is slow because the machine is busy is not what is asked here: nobody's patience ends.
  static PolicyOptions patient() {
    PolicyOptions options;
    options.lanes.limits.wall_us = 60'000'000;
    return options;
  }
  RunningEngine() : engine_(std::make_unique<PolicyEngine>(loop_, metrics_, core_world(), patient())) {
    control_ = std::thread([this] { loop_.run(); });
  }
  ~RunningEngine() override {
    on_control([this] { engine_.reset(); });
    loop_.stop();
    control_.join();
  }
  void on_control(const std::function<void()>& act) {
    std::atomic<bool> done = false;
    loop_.post([&] {
      act();
      done = true;
      done.notify_all();
    });
    done.wait(false);
  }

  AsioLoop loop_;
  Metrics metrics_;
  std::unique_ptr<PolicyEngine> engine_;
  std::thread control_;
};

// Both files of the chain carry the same number: an answer with two of them would be a mixture.
std::shared_ptr<const PolicySet> numbered(int number) {
  const std::string text = std::to_string(number);
  return set_of({make_program(
      "ward", {shipped_default(),
               policy_file("region", "function hooks.sms(q) return { sender = '" + text + "' } end"),
               policy_file("ward", "function hooks.sms(q) return { sender = parent.sms(q).sender .. '+" +
                                       text + "' } end")})});
}

TEST_F(RunningEngine, AReloadUnderFiveHundredDecisionsASecondLosesNoneAndMixesNone) {
  constexpr int decisions = 1500;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::set<std::string> senders; // of the control thread
  on_control([&] { engine_->swap(numbered(0)); });
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < decisions; ++i) {
    std::this_thread::sleep_until(began + i * std::chrono::milliseconds(2));
    loop_.post([&, i] {
      if (i % 50 == 49) engine_->swap(numbered(i / 50 + 1));
      engine_->ask("sms", "ward", Json(Json::Object{}), [&](const PolicyDecision& decision) {
        if (decision.decided_by != DecidedBy::policy)
          ++failed;
        else
          senders.insert(*decision.answer.find("sender")->text());
        ++answered;
      });
    });
  }
  for (int i = 0; i < 500 && answered < decisions; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(answered, decisions);
  EXPECT_EQ(failed, 0);
  on_control([&] {
    EXPECT_GE(senders.size(), 20U);
    for (const std::string& sender : senders) {
      const std::size_t plus = sender.find('+');
      EXPECT_EQ(sender.substr(0, plus), sender.substr(plus + 1)) << "old and new in one answer";
    }
  });
}

TEST_F(RunningEngine, AnAttackerWaitsBehindItself) {
  on_control([&] {
    engine_->swap(
        set_of({program_of("bad", "function hooks.admit(q) while true do end end"), program_of("good", "")}));
  });
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::atomic<std::int64_t> slowest_us = 0;
  for (int i = 0; i < 100; ++i) {
    loop_.post([&] {
      for (int k = 0; k < 5; ++k)
        engine_->ask("admit", "bad", Json(Json::Object{}), [&](const PolicyDecision&) { ++bad; });
      const std::int64_t asked = loop_.clock().now_us();
      engine_->ask("admit", "good", Json(Json::Object{}), [&, asked](const PolicyDecision& decision) {
        if (decision.decided_by == DecidedBy::policy) ++good;
        slowest_us = std::max(slowest_us.load(), loop_.clock().now_us() - asked);
      });
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (int i = 0; i < 500 && (good < 100 || bad < 500); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(good, 100) << "nobody else is refused";
  EXPECT_EQ(bad, 500) << "each is answered once";
  RecordProperty("slowest_us", static_cast<int>(slowest_us));
}

} // namespace
} // namespace viadux
