// Broken plugins: each leaves the host and the sound plugin serving, and is named where people look.
#include "core/log/capture.hpp"
#include "plugin/harness.hpp"

namespace viadux::plugin_test {
namespace {

class Broken : public PluginHarness {
 public:
  void SetUp() override {
    log_.emplace();
    host_.load(folder("broken"));
    host_.load(folder("sound"));
  }
  void TearDown() override { // whatever happened before
    EXPECT_EQ(call_now("test.sound", "say", R"({"text":"still here"})").field("text"), "Hello still here");
    EXPECT_TRUE(metric("viadux_plugin_up{plugin=\"sound\"} 1"));
    stop();
  }
  std::optional<LogCapture> log_;
  std::string trouble(const std::string& id) const {
    EXPECT_EQ(state(id).phase, PluginPhase::failed);
    const auto condition = readiness_.conditions().at("plugin." + id);
    EXPECT_FALSE(condition.ok);
    EXPECT_FALSE(condition.required); // ready all the same
    EXPECT_TRUE(metric("viadux_plugin_up{plugin=\"" + id + "\"} 0")) << id;
    return condition.message;
  }
};

// One that runs and misbehaves: in /readyz (and ready), in the log.
class Misbehaving : public Broken {
 public:
  void SetUp() override {
    Broken::SetUp();
    start();
  }
  void expect_named(const std::string& fault, const std::string& sentence) {
    loop_.advance(1'000);
    const auto condition = readiness_.conditions().at("plugin.unruly");
    EXPECT_TRUE(condition.ok) << "it serves all the same";
    EXPECT_EQ(condition.message, "running; " + fault);
    EXPECT_NE(readiness_.to_json().find(fault), std::string::npos);
    const std::string log = log_->text();
    EXPECT_NE(log.find(sentence), std::string::npos) << log;
    EXPECT_NE(log.find("\"plugin\":\"unruly\""), std::string::npos) << log;
  }
};

TEST_F(Misbehaving, ThrowingIsNamed) {
  call_now("test.unruly", "throws");
  expect_named("exceptions 1", "threw an exception");
  EXPECT_NE(log_->text().find("thrown across the border"), std::string::npos);
}

TEST_F(Misbehaving, AnsweringTwiceIsNamed) {
  call_now("test.unruly", "answers_twice");
  expect_named("answers dropped 1", "answered twice");
}

TEST_F(Misbehaving, NeverAnsweringIsNamed) {
  const auto reply = call("test.unruly", "never_answers");
  loop_.advance(options_.call_timeout_us);
  EXPECT_EQ(reply->status, VIADUX_TIMEOUT);
  expect_named("requests not answered 1", "did not answer in time");
}

TEST_F(Misbehaving, AStaleHandleIsNamed) {
  call_now("test.unruly", "uses_stale_handles");
  expect_named("answers dropped 1, stale handles 2", "handle that is gone");
}

TEST_F(Misbehaving, AFloodIsNamedAndLoggedFewTimes) {
  call_now("test.unruly", "floods");
  const std::string refused = std::to_string(instance("unruly").counters().posts_refused.load());
  loop_.advance(1'000);
  const std::string message = readiness_.conditions().at("plugin.unruly").message;
  EXPECT_TRUE(message.starts_with("running; posts refused ")) << message << " of " << refused;
  const std::string log = log_->text();
  std::size_t lines = 0;
  for (std::size_t at = log.find("floods the control"); at != std::string::npos;
       at = log.find("floods the control", at + 1))
    ++lines;
  EXPECT_GE(lines, 1U);
  EXPECT_LE(lines, 18U) << "a flood must not flood the log";
}

TEST_F(Broken, AreNamedAndCostOnlyThemselves) {
  start();
  EXPECT_TRUE(readiness_.ready());
  EXPECT_NE(trouble("not_a_library").find("cannot be loaded"), std::string::npos);
  EXPECT_NE(trouble("no_entry").find("does not export viadux_plugin_entry"), std::string::npos);
  EXPECT_NE(trouble("wrong_major")
                .find("built for plugin ABI 7.3, and this server has 0." + std::to_string(VIADUX_ABI_MINOR)),
            std::string::npos)
      << trouble("wrong_major");
  EXPECT_EQ(trouble("fails_in_start"),
            "its start failed: the gateway does not answer (fails_in_start.gateway)");
  const std::string text = log_->text();
  for (const char* name : {"not_a_library", "no_entry", "wrong_major", "fails_in_start"}) {
    EXPECT_NE(text.find("\"plugin\":\"" + std::string(name)), std::string::npos) << name << text;
  }
}

TEST_F(Broken, ThrowingAcrossTheBorderIsCaught) {
  start();
  const Reply reply = call_now("test.unruly", "throws");
  EXPECT_EQ(reply.status, VIADUX_INTERNAL);
  EXPECT_EQ(reply.field("reason"), "exception");
  EXPECT_EQ(state("unruly").phase, PluginPhase::running);
  EXPECT_TRUE(metric("viadux_plugin_exceptions_total{plugin=\"unruly\"} 1"));
}

TEST_F(Broken, ThrowingInTheWrapperIsCaught) {
  start();
  const Reply reply = call_now("test.sound", "throws", R"({"text":"x"})");
  EXPECT_EQ(reply.status, VIADUX_INTERNAL);
  EXPECT_TRUE(metric("viadux_plugin_exceptions_total{plugin=\"sound\"} 1"));
}

TEST_F(Broken, TheSecondAnswerIsDroppedAndCounted) {
  start();
  const auto reply = call("test.unruly", "answers_twice");
  loop_.advance(1'000'000);
  EXPECT_EQ(reply->times, 1);
  EXPECT_EQ(reply->document, R"({"answer":1})");
  EXPECT_TRUE(metric("viadux_plugin_answers_dropped_total{plugin=\"unruly\"} 1"));
}

TEST_F(Broken, TheMissingAnswerTimesOutExactly) {
  start();
  const auto by_default = call("test.unruly", "never_answers");
  const auto by_deadline = call("test.unruly", "never_answers", "{}", loop_.now_us() + 250'000);
  loop_.advance(249'999);
  EXPECT_EQ(by_deadline->times, 0);
  loop_.advance(1);
  EXPECT_EQ(by_deadline->times, 1);
  EXPECT_EQ(by_deadline->status, VIADUX_TIMEOUT);
  loop_.advance(options_.call_timeout_us);
  EXPECT_EQ(by_default->status, VIADUX_TIMEOUT);
  EXPECT_TRUE(metric("viadux_plugin_unanswered_total{plugin=\"unruly\"} 2"));
}

TEST_F(Broken, AnAnswerThatIsNoDocumentIsInternal) {
  start();
  const Reply reply = call_now("test.unruly", "answers_rubbish");
  EXPECT_EQ(reply.status, VIADUX_INTERNAL);
  EXPECT_EQ(reply.field("reason"), "answer_malformed");
}

TEST_F(Broken, StaleHandlesAreGone) {
  start();
  const Reply reply = call_now("test.unruly", "uses_stale_handles");
  EXPECT_EQ(reply.document, R"({"gone":4})");
  EXPECT_TRUE(metric("viadux_plugin_stale_handles_total{plugin=\"unruly\"} 2"));
}

TEST_F(Broken, AFloodOfPostsIsRefusedAndCounted) {
  start();
  const std::uint64_t refused = 100'000 - options_.post_limit;
  const Reply reply = call_now("test.unruly", "floods");
  EXPECT_EQ(reply.document, R"({"refused":)" + std::to_string(refused) + "}");
  EXPECT_EQ(call_now("test.unruly", "ran").document,
            R"({"ran":)" + std::to_string(options_.post_limit) + "}");
  EXPECT_EQ(instance("unruly").counters().posts_refused, refused);
}

TEST_F(Broken, AFloodOfLogLinesIsCut) {
  start();
  call_now("test.unruly", "floods_log");
  EXPECT_GE(instance("unruly").counters().log_dropped, 4000U);
}

} // namespace
} // namespace viadux::plugin_test
