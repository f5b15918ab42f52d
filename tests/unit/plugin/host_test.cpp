// The sound plugin, through its whole life.
#include "core/log/capture.hpp"
#include "plugin/harness.hpp"

namespace viadux::plugin_test {
namespace {

class Border : public PluginHarness {
 public:
  void SetUp() override {
    log_.emplace();
    host_.load(folder("sound"));
  }
  std::optional<LogCapture> log_;
};

TEST_F(Border, GivesAPluginItsSettings) {
  start("[sound]\ngreeting = 'Goddag'\n");
  EXPECT_EQ(call_now("test.sound", "say", R"({"text":"verden"})").field("text"), "Goddag verden");
  const PluginHost::State state = this->state("sound");
  EXPECT_EQ(state.phase, PluginPhase::running);
  EXPECT_EQ(state.version, "1.2.3");
  stop();
}

TEST_F(Border, DeclaresKeysOfEveryType) {
  ConfigSchema schema;
  host_.declare(schema);
  const auto shown = [&schema](const char* name) { return describe_key(*schema.key(name)); };
  EXPECT_EQ(shown("sound.greeting"), "text; live");
  EXPECT_EQ(shown("sound.patience"), "duration, 0 to 1000s; needs a restart") << shown("sound.patience");
  EXPECT_EQ(shown("sound.most"), "integer, 1 to 100; needs a restart");
  EXPECT_EQ(shown("sound.mood"), "one of calm, eager; for new rooms");
  EXPECT_EQ(schema.key("sound.patience")->default_value, "250ms");
  EXPECT_EQ(schema.key("sound.names")->default_value, "a, b");
  EXPECT_EQ(schema.key("sound.most")->help, "How many at a time. In greetings.");
  const auto wrong = parse_configuration(schema, "[sound]\ngreting = 'x'\n", "conf.toml");
  ASSERT_EQ(wrong.mistakes.size(), 1U);
  EXPECT_NE(to_string(wrong.mistakes[0]).find("sound.greeting"), std::string::npos)
      << "the nearest right name";
}

TEST_F(Border, ExportsDeclaredMetrics) {
  start();
  call_now("test.sound", "say", R"({"text":"x"})");
  const auto slow = call("test.sound", "say", R"({"text":"x","delay_us":2000000})");
  loop_.advance(3'000'000);
  EXPECT_EQ(slow->times, 1);
  EXPECT_TRUE(metric("viadux_sound_said_total{mood=\"eager\"} 2")) << metrics_.serialize();
  EXPECT_TRUE(metric("viadux_sound_waiting 1"));
  EXPECT_TRUE(metric("viadux_sound_pause_seconds_bucket{le=\"1\"} 0"));
  EXPECT_TRUE(metric("viadux_sound_pause_seconds_bucket{le=\"10\"} 1"));
  stop();
}

TEST_F(Border, AnswersCallsThatCannotBeMade) {
  start();
  EXPECT_EQ(call_now("test.nobody", "x").field("reason"), "interface_unknown");
  EXPECT_EQ(call_now("test.sound", "sing").field("reason"), "method_unknown");
  EXPECT_EQ(call_now("test.sound", "say").field("field"), "text");
  EXPECT_EQ(call_now("test.sound", "say", "[1]").status, VIADUX_BAD_ARGUMENT);
  EXPECT_EQ(call_now("test.sound", "say", "\xff").status, VIADUX_BAD_ARGUMENT);
  EXPECT_EQ(call_now("test.sound", "say", std::string(300'000, ' ')).field("reason"), "document_too_large");
  const auto late = call("test.sound", "say", R"({"text":"x"})", loop_.now_us() - 1);
  loop_.run();
  EXPECT_EQ(late->status, VIADUX_TIMEOUT);
  stop();
}

TEST_F(Border, PassesErrorsThroughTwoPlugins) {
  start();
  const std::string relay = R"({"interface":"test.sound","method":"say","text":""})";
  const Reply reply = call_now("test.sound", "relay", relay);
  EXPECT_EQ(reply.status, VIADUX_BAD_ARGUMENT);
  EXPECT_EQ(reply.field("field"), "text");
  EXPECT_EQ(call_now("test.sound", "relay", R"({"interface":"test.sound","method":"say","text":"x"})")
                .field("text"),
            "Hello x");
  stop();
}

TEST_F(Border, CancelsOnce) {
  start();
  const auto reply = call("test.sound", "say", R"({"text":"x","delay_us":1000000})");
  loop_.advance(500'000);
  EXPECT_EQ(table()->cancel(table()->context, last_call_), static_cast<viadux_status>(VIADUX_OK));
  EXPECT_EQ(reply->times, 0) << "done came from inside cancel()";
  loop_.run();
  EXPECT_EQ(reply->status, VIADUX_CANCELLED);
  EXPECT_EQ(table()->cancel(table()->context, last_call_), static_cast<viadux_status>(VIADUX_GONE));
  loop_.advance(5'000'000); // the callee goes on and answers: nobody hears it
  EXPECT_EQ(reply->times, 1);
  EXPECT_EQ(instance("sound").counters().answers_dropped, 1U);
  stop();
}

TEST_F(Border, PostsFromAThreadToTheControlThread) {
  start();
  EXPECT_EQ(call_now("test.sound", "post", R"({"text":"x"})").field("text"), "posted x");
  stop();
}

TEST_F(Border, LimitsOpenCalls) {
  start();
  std::vector<std::unique_ptr<Reply>> replies;
  for (std::size_t i = 0; i <= options_.call_limit; ++i) {
    replies.push_back(call("test.sound", "say", R"({"text":"x","delay_us":1000000})"));
  }
  loop_.run();
  EXPECT_EQ(replies.back()->field("reason"), "calls_full");
  EXPECT_EQ(replies.front()->times, 0);
  loop_.advance(2'000'000);
  EXPECT_EQ(replies.front()->field("text"), "Hello x");
  stop();
}

TEST_F(Border, ReloadsAndKeepsTheOldSettingsWhenRefused) {
  start();
  const auto reload = [this](const std::string& greeting) {
    ConfigSchema schema;
    host_.declare(schema);
    const auto load = parse_configuration(schema, "[sound]\ngreeting = '" + greeting + "'\n", "conf.toml");
    host_.reload(*load.configuration, {"sound.greeting"});
    loop_.run();
    return call_now("test.sound", "say", R"({"text":"x"})").field("text");
  };
  EXPECT_EQ(reload("Hej"), "Hej x");
  EXPECT_EQ(reload("refuse me"), "Hej x");
  EXPECT_EQ(state("sound").trouble, "its reload failed: that is no greeting (sound.greeting)");
  EXPECT_FALSE(readiness_.conditions().at("plugin.sound").ok);
  EXPECT_EQ(reload("Moin"), "Moin x");
  EXPECT_TRUE(readiness_.conditions().at("plugin.sound").ok);
  stop();
}

TEST_F(Border, StopEndsWhatIsOpen) {
  start();
  const auto sleeping =
      call("test.sound", "say", R"({"text":"x","delay_us":50000000})", loop_.now_us() + 90'000'000);
  loop_.run();
  bool done = false;
  host_.stop([&done] { done = true; });
  loop_.advance(1'000'000);
  EXPECT_TRUE(done);
  EXPECT_EQ(sleeping->times, 1) << "the caller stopped first: its own call was cancelled";
  EXPECT_EQ(sleeping->status, VIADUX_CANCELLED);
  EXPECT_FALSE(instance("sound").alive());
  EXPECT_EQ(host_.services().handles.size(), 0U);
  // What is [any] may still be called, and does nothing.
  const viadux_host* stopped = instance("sound").host_table();
  EXPECT_EQ(stopped->post(
                stopped->context, [](void*) {}, nullptr),
            static_cast<viadux_status>(VIADUX_CANCELLED));
  stopped->log(stopped->context, VIADUX_LOG_INFO, to_text("late"), {});
  EXPECT_TRUE(metric("viadux_plugin_up{plugin=\"sound\"} 0"));
}

TEST_F(Border, DrainIsAnsweredByAll) {
  start();
  bool drained = false;
  host_.drain(loop_.now_us() + 1'000'000, [&drained] { drained = true; });
  loop_.run();
  EXPECT_TRUE(drained);
  EXPECT_EQ(state("sound").phase, PluginPhase::draining);
  EXPECT_EQ(call_now("test.sound", "say", R"({"text":"x"})").status, VIADUX_OK)
      << "what runs may come to its end";
  stop();
}

TEST_F(Border, TwoOfOneIdAreNotLoaded) {
  host_.load(folder("sound"));
  start();
  EXPECT_EQ(state("sound").phase, PluginPhase::running);
  EXPECT_EQ(host_.plugins().back().phase, PluginPhase::failed);
  EXPECT_NE(host_.plugins().back().trouble.find("its id is sound"), std::string::npos);
  stop();
}

TEST_F(Border, TimersFireOnceAndInOrder) {
  start();
  static std::string fired;
  fired.clear();
  const viadux_host* host = table();
  const auto note = [](void* arg, viadux_status status) {
    fired += static_cast<const char*>(arg);
    if (status != VIADUX_OK) fired += "!";
  };
  static char names[] = "a\0b\0c\0d";
  host->timer(host->context, 2'000, note, &names[2]);
  host->timer(host->context, 1'000, note, &names[0]);
  const viadux_handle closed = host->timer(host->context, 1'500, note, &names[4]);
  host->timer(host->context, 900'000'000, note, &names[6]);
  host->close(host->context, closed);
  loop_.advance(10'000);
  EXPECT_EQ(fired, "ab");
  stop();
  EXPECT_EQ(fired, "abd!") << "at stop it is told, so that who waits may end";
}

TEST(RequiredPlugin, ThatIsMissingMakesTheServerUnready) {
  ManualLoop loop;
  Metrics metrics;
  Readiness readiness;
  PluginOptions options;
  options.required = {"sip"};
  const PluginHost host(loop, metrics, readiness, options);
  EXPECT_FALSE(readiness.ready());
}

} // namespace
} // namespace viadux::plugin_test
