// The SDK without the server: the sound plugin and the smallest host that can drive it, in one program, built
// by g++ 12 and by clang with AddressSanitizer. It catches what only the compiler of a plugin's author would
// show: temporaries destroyed twice inside co_await (g++ 12), leaks of coroutine frames.
#include "sound.cpp"

#include <cstdio>
#include <cstdlib>
#include <deque>

namespace {

std::deque<std::function<void()>> tasks;
std::vector<std::pair<viadux_status, std::string>> answers;
std::int64_t now = 1'000'000;
const viadux_plugin* plugin = nullptr;
void* self = nullptr;

void run() {
  while (!tasks.empty()) {
    const auto task = std::move(tasks.front());
    tasks.pop_front();
    task();
  }
}

// Requests above 1000 are calls of the plugin to itself: the answer goes to their done.
struct Waiting {
  viadux_done done;
  void* arg;
};
std::deque<Waiting> waiting;

viadux_call host_call(viadux_context*, viadux_text, viadux_text method, viadux_text document, int64_t,
                      viadux_done done, void* arg) {
  waiting.push_back({done, arg});
  const viadux_call id = 1000 + waiting.size();
  const auto* offer = static_cast<const viadux_offer*>(plugin->offers.items);
  const auto* methods = static_cast<const viadux_method*>(offer->methods.items);
  for (std::uint32_t i = 0; i < offer->methods.count; ++i) {
    if (viadux::to_view(methods[i].name) != viadux::to_view(method)) continue;
    tasks.emplace_back([handler = methods[i].handler, text = std::string(viadux::to_view(document)), id] {
      handler(self, viadux::to_text(text), id);
    });
  }
  return id;
}
viadux_status host_answer(viadux_context*, viadux_request request, viadux_status status,
                          viadux_text document) {
  std::string text(viadux::to_view(document));
  if (request <= 1000) {
    answers.emplace_back(status, std::move(text));
    return VIADUX_OK;
  }
  tasks.emplace_back([request, status, text = std::move(text)] {
    const Waiting& call = waiting[request - 1001];
    call.done(call.arg, request, status, viadux::to_text(text));
  });
  return VIADUX_OK;
}
viadux_handle host_timer(viadux_context*, int64_t delay_us, viadux_timer_fn fn, void* arg) {
  tasks.emplace_back([delay_us, fn, arg] {
    now += delay_us;
    fn(arg, VIADUX_OK);
  });
  return 1;
}
viadux_status host_post(viadux_context*, viadux_post_fn fn, void* arg) {
  tasks.emplace_back([fn, arg] { fn(arg); });
  return VIADUX_OK;
}

viadux_host make_host() {
  viadux_host host{};
  host.struct_size = sizeof host;
  host.call = &host_call;
  host.cancel = [](viadux_context*, viadux_call) -> viadux_status { return VIADUX_OK; };
  host.answer = &host_answer;
  host.post = &host_post;
  host.timer = &host_timer;
  host.close = [](viadux_context*, viadux_handle) -> viadux_status { return VIADUX_OK; };
  host.now_us = [](viadux_context*) { return now; };
  host.wall_ms = [](viadux_context*) { return now / 1000; };
  host.log = [](viadux_context*, viadux_log_level, viadux_text, viadux_text) {};
  host.series = [](viadux_context*, uint32_t, const viadux_text*, uint32_t) -> viadux_series { return 1; };
  host.update = [](viadux_context*, viadux_series, double) {};
  host.get_interface = [](viadux_context*, viadux_text) -> const void* { return nullptr; };
  return host;
}

void expect(const char* what, viadux_status status, const std::string& document) {
  run();
  const bool right = answers.size() == 1 && answers[0].first == status && answers[0].second == document;
  std::printf("%s %s\n", right ? "ok  " : "FAIL", what);
  if (!right) {
    for (const auto& [got, text] : answers)
      std::printf("     got %u %s\n", got, text.c_str());
    std::exit(1);
  }
  answers.clear();
}

void ask(const char* name, const char* document) {
  const auto* offer = static_cast<const viadux_offer*>(plugin->offers.items);
  const auto* methods = static_cast<const viadux_method*>(offer->methods.items);
  for (std::uint32_t i = 0; i < offer->methods.count; ++i) {
    if (viadux::to_view(methods[i].name) == name) methods[i].handler(self, viadux::to_text(document), 7);
  }
}

} // namespace

int main() {
  const viadux_host host = make_host();
  plugin = viadux_plugin_entry();
  self = plugin->create(&host);
  plugin->configure(self, viadux::to_text(R"({"greeting":"Hej","mood":"calm","names":["x"],"patience":5})"),
                    7);
  expect("configure", VIADUX_OK, "{}");
  plugin->start(self, viadux::to_text("{}"), 7);
  expect("start", VIADUX_OK, "{}");
  ask("say", R"({"text":"you"})");
  expect("say", VIADUX_OK, R"({"text":"Hej you"})");
  ask("say", R"({"text":"you","delay_us":100})");
  expect("say after a sleep", VIADUX_OK, R"({"text":"Hej you"})");
  ask("relay", R"({"interface":"test.sound","method":"say","text":"there"})");
  expect("a call within a call", VIADUX_OK, R"({"text":"Hej there"})");
  ask("relay", R"({"interface":"test.sound","method":"relay","text":"there"})");
  expect("an error within a call", VIADUX_BAD_ARGUMENT,
         R"({"reason":"field_invalid","message":"field 'interface' is missing","field":"interface"})");
  ask("post", R"({"text":"me"})");
  expect("post", VIADUX_OK, R"({"text":"posted me"})");
  ask("throws", R"({"text":"x"})");
  expect("an exception", VIADUX_INTERNAL,
         R"({"reason":"exception","message":"the plugin threw an exception"})");
  plugin->reload(self, viadux::to_text(R"({"greeting":"refuse me"})"), 7);
  expect("a refused reload", VIADUX_REFUSED,
         R"({"reason":"greeting_refused","message":"that is no greeting","field":"sound.greeting"})");
  ask("say", R"({"text":"you"})");
  expect("the old settings", VIADUX_OK, R"({"text":"Hej you"})");
  plugin->stop(self, viadux::to_text("{}"), 7);
  expect("stop", VIADUX_OK, "{}");
  plugin->destroy(self);
}
