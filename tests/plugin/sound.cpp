// A plugin that does everything right, by the C++ wrapper: settings, metrics, an interface of its own, calls
// to others, timers, posts. The tests of the border drive it by its methods.
#include <thread>
#include <viadux/plugin.hpp>
#include <viadux/policy.hpp>

struct Say {
  std::string text;
  std::optional<std::int64_t> delay_us;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("text", &Say::text, "What to say.").required(),
                               viadux::field("delay_us", &Say::delay_us, "How long to think first."));
  }
};

struct Relay {
  std::string interface;
  std::string method;
  std::string text;
  std::int64_t deadline_us = 0;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("interface", &Relay::interface, "Whom to call.").required(),
                               viadux::field("method", &Relay::method, "What to call.").required(),
                               viadux::field("text", &Relay::text, "With what."),
                               viadux::field("deadline_us", &Relay::deadline_us, "Until when."));
  }
};

struct Said {
  std::string text;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("text", &Said::text, "What was said."));
  }
};

struct MaySay {
  bool allowed = true;
  std::optional<std::string> instead;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("allowed", &MaySay::allowed, "It may be said."),
                               viadux::field("instead", &MaySay::instead, "What is said instead."));
  }
};

enum class Mood : std::uint8_t { calm, eager };
template <>
struct viadux::EnumNames<Mood> {
  static constexpr std::array<std::string_view, 2> names{"calm", "eager"};
};

class Sound final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{.id = "sound",
                                       .version = "1.2.3",
                                       .licence = "Apache-2.0",
                                       .help = "Says back what it is told.",
                                       .status = viadux::Maturity::stable};
  struct Settings {
    std::string greeting = "Hello";
    viadux::Duration patience{250'000};
    std::int64_t most = 8;
    bool polite = true;
    Mood mood = Mood::eager;
    std::vector<std::string> names{"a", "b"};
    viadux::Secret password;

    static constexpr auto fields() {
      return viadux::key_table(
          viadux::key("greeting", &Settings::greeting, "What is said first.").live(),
          viadux::key("patience", &Settings::patience, "How long it waits.").range(0, 1e9),
          viadux::key("most", &Settings::most, "How many at a time.").range(1, 100).unit("greetings"),
          viadux::key("polite", &Settings::polite, "Whether it greets at all."),
          viadux::key("mood", &Settings::mood, "How it greets.").new_rooms(),
          viadux::key("names", &Settings::names, "Who is greeted."),
          viadux::key("password", &Settings::password, "What nobody may see."));
    }
  } settings;

  struct Metrics {
    viadux::Counter said;
    viadux::Gauge waiting;
    viadux::Histogram pauses;
    static constexpr auto fields() {
      return viadux::metric_table(
          viadux::metric("said_total", &Metrics::said, "What was said, by mood.").labels("mood"),
          viadux::metric("waiting", &Metrics::waiting, "Who waits."),
          viadux::metric("pause_seconds", &Metrics::pauses, "How long it thought.").bounds(0.1, 1, 10));
    }
  } metrics;

  static constexpr auto hooks() {
    return viadux::hook_table(viadux::hook<Say, MaySay>("sound_may_say", "Whether it may be said."));
  }
  static constexpr std::array<viadux::LuaFunction, 1> lua_functions{
      {{"sound.say", "test.sound", "say", "Says it back."}}};

  static constexpr auto offers() {
    return viadux::interface_table(
        viadux::interface("test.sound", viadux::method("say", &Sound::say, "Says it back."),
                          viadux::method("relay", &Sound::relay, "Calls another one."),
                          viadux::method("post", &Sound::post, "Says it by way of a thread."),
                          viadux::method("asks", &Sound::asks, "Asks an organisation's policy first."),
                          viadux::method("throws", &Sound::throws, "Throws.")));
  }

  using Plugin::Plugin;

  viadux::Task<viadux::Result<void>> reload() override {
    if (settings.greeting != "refuse me") co_return viadux::Result<void>();
    co_return viadux::make_error(viadux::ErrorCode::refused, "greeting_refused", "that is no greeting",
                                 "sound.greeting");
  }

  viadux::Task<viadux::Result<Said>> say(Say asked) {
    metrics.said.add({"eager"});
    if (asked.delay_us) {
      metrics.waiting.set(1);
      const bool went_on = co_await host().sleep(*asked.delay_us);
      metrics.pauses.observe(static_cast<double>(*asked.delay_us) * 1e-6);
      if (!went_on)
        co_return viadux::make_error(viadux::ErrorCode::cancelled, "stopping", "the plugin stops");
    }
    Said said;
    said.text = settings.greeting + " " + asked.text;
    co_return said;
  }

  viadux::Task<viadux::Result<Said>> relay(Relay asked) {
    Say request;
    request.text = asked.text;
    co_return co_await host().call<Said>(asked.interface, asked.method, request, asked.deadline_us);
  }

  viadux::Task<viadux::Result<Said>> post(Say asked) {
    Said said;
    bool there = false;
    std::thread worker([this, &said, &there, text = asked.text] {
      (void)host().post([&said, &there, text] {
        said.text = "posted " + text;
        there = true;
      });
    });
    worker.join();
    while (!there)
      co_await host().sleep(1000);
    co_return said;
  }

  // `interface` is the organisation, `method` the hook.
  viadux::Task<viadux::Result<Said>> asks(Relay asked) {
    Say question;
    question.text = asked.text;
    const auto decision =
        co_await viadux::ask_policy<MaySay>(host(), asked.method, asked.interface, question);
    if (!decision) co_return decision.error();
    Said said;
    said.text = std::string(decision->answer.allowed ? "allowed " : "refused ") + decision->trace;
    co_return said;
  }

  viadux::Task<viadux::Result<Said>> throws(Say asked) {
    if (!asked.text.empty()) throw std::runtime_error("thrown inside a coroutine");
    co_return Said{};
  }
};

VIADUX_PLUGIN(Sound)
