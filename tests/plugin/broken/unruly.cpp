// Offers an interface whose every method breaks the contract in its own way. Written against the C ABI, since
// the C++ wrapper would not let most of it pass.
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <viadux/abi.h>
#include <viadux/text.hpp>

namespace {

using viadux::to_text;

const viadux_host* host = nullptr;
std::atomic<int> ran = 0;

void* create(const viadux_host* table) {
  host = table;
  ran = 0; // the library stays loaded from one host to the next
  return &ran;
}
void destroy(void* /*self*/) {}

// Leaves a C callback by an exception.
void throws(void* /*self*/, viadux_text /*document*/, viadux_request /*request*/) {
  throw std::runtime_error("thrown across the border");
}

void answers_twice(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  host->answer(host->context, request, VIADUX_OK, to_text(R"({"answer":1})"));
  host->answer(host->context, request, VIADUX_OK, to_text(R"({"answer":2})"));
}

void never_answers(void* /*self*/, viadux_text /*document*/, viadux_request /*request*/) {}

void answers_rubbish(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  host->answer(host->context, request, VIADUX_OK, to_text("\xff not a document"));
}

void on_timer(void* /*arg*/, viadux_status /*status*/) {}

// A timer that was closed, one that never was, and a request of nobody.
void uses_stale_handles(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  const viadux_handle timer = host->timer(host->context, 1'000'000, &on_timer, nullptr);
  unsigned gone = 0;
  gone += host->close(host->context, timer) == VIADUX_OK ? 0 : 100;
  gone += host->close(host->context, timer) == VIADUX_GONE;
  gone += host->close(host->context, 0x1234'5678'9abc'def0U) == VIADUX_GONE;
  gone += host->cancel(host->context, 77) == VIADUX_GONE;
  gone += host->answer(host->context, 0, VIADUX_OK, to_text("{}")) == VIADUX_GONE;
  const std::string reply = R"({"gone":)" + std::to_string(gone) + "}";
  host->answer(host->context, request, VIADUX_OK, to_text(reply));
}

void count(void* /*arg*/) {
  ++ran;
}

// Posts far more than may wait, from a thread of its own, and tells how many were refused.
void floods(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  unsigned refused = 0;
  std::thread flood([&refused] {
    for (int i = 0; i < 100'000; ++i)
      refused += host->post(host->context, &count, nullptr) == VIADUX_BUSY;
  });
  flood.join();
  const std::string reply = R"({"refused":)" + std::to_string(refused) + "}";
  host->answer(host->context, request, VIADUX_OK, to_text(reply));
}

std::thread background[2];
std::atomic<bool> background_ends = false;

void end_background() {
  background_ends = true;
  for (auto& thread : background) {
    if (thread.joinable()) thread.join();
  }
}

// Uses everything that is [any] from two threads, while the control thread goes on, until the plugin stops.
void floods_on(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  end_background();
  background_ends = false;
  for (auto& thread : background) {
    thread = std::thread([] {
      const viadux_text labels[] = {to_text("x")};
      while (!background_ends) {
        host->post(host->context, &count, nullptr);
        host->log(host->context, VIADUX_LOG_DEBUG, to_text("flood"), to_text(R"({"n":1})"));
        host->update(host->context, host->series(host->context, 0, labels, 1), 1);
        if (host->now_us(host->context) < 0 || host->wall_ms(host->context) < 0) return;
      }
    });
  }
  host->answer(host->context, request, VIADUX_OK, to_text("{}"));
}

void stop(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  end_background();
  host->answer(host->context, request, VIADUX_OK, to_text("{}"));
}

void floods_log(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  for (int i = 0; i < 5000; ++i)
    host->log(host->context, VIADUX_LOG_INFO, to_text("flood"), to_text({}));
  host->answer(host->context, request, VIADUX_OK, to_text("{}"));
}

void never_done(void* /*arg*/, viadux_call /*call*/, viadux_status status, viadux_text /*document*/) {
  if (status == VIADUX_BAD_ARGUMENT) ++ran;
}

// call() on a foreign thread: its done must come all the same, on the control thread.
void calls_from_thread(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  std::thread foreign([] {
    host->call(host->context, to_text("test.unruly"), to_text("x"), to_text("{}"), 0, &never_done, nullptr);
  });
  foreign.join();
  host->answer(host->context, request, VIADUX_OK, to_text("{}"));
}

void tells_ran(void* /*self*/, viadux_text /*document*/, viadux_request request) {
  const std::string reply = R"({"ran":)" + std::to_string(ran.load()) + "}";
  host->answer(host->context, request, VIADUX_OK, to_text(reply));
}

viadux_method method(const char* name, viadux_handler handler) {
  viadux_method out{};
  out.name = to_text(name);
  out.handler = handler;
  return out;
}

const viadux_method methods[] = {
    method("throws", &throws),
    method("answers_twice", &answers_twice),
    method("never_answers", &never_answers),
    method("answers_rubbish", &answers_rubbish),
    method("uses_stale_handles", &uses_stale_handles),
    method("floods", &floods),
    method("floods_on", &floods_on),
    method("floods_log", &floods_log),
    method("calls_from_thread", &calls_from_thread),
    method("ran", &tells_ran),
};
const viadux_offer offers[] = {
    {to_text("test.unruly"), {methods, sizeof methods / sizeof methods[0], sizeof methods[0]}}};

const viadux_text labels[] = {to_text("kind")};
const viadux_metric metrics[] = {
    {to_text("floods_total"), VIADUX_COUNTER, 1, labels, nullptr, 0, to_text("Turns of the flood.")}};

const viadux_plugin descriptor = [] {
  viadux_plugin plugin{};
  plugin.struct_size = sizeof plugin;
  plugin.abi_major = VIADUX_ABI_MAJOR;
  plugin.abi_minor = VIADUX_ABI_MINOR;
  plugin.id = to_text("unruly");
  plugin.version = to_text("1.0.0");
  plugin.licence = to_text("Apache-2.0");
  plugin.offers = {offers, 1, sizeof offers[0]};
  plugin.metrics = {metrics, 1, sizeof metrics[0]};
  plugin.stop = &stop;
  plugin.create = &create;
  plugin.destroy = &destroy;
  return plugin;
}();

} // namespace

extern "C" __attribute__((visibility("default"))) const viadux_plugin* viadux_plugin_entry(void);
extern "C" const viadux_plugin* viadux_plugin_entry(void) {
  return &descriptor;
}
