#include "core/plugin/instance.hpp"

#include "core/log/log.hpp"
#include "core/plugin/services.hpp"

#include <cassert>
#include <viadux/json.hpp>
#include <viadux/text.hpp>

namespace viadux {
namespace {

constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::size_t longest_event = 256;

struct FaultWords {
  std::atomic<std::uint64_t> PluginCounters::*counter;
  const char* name;
  const char* sentence;
};
// In the order of PluginFault.
constexpr FaultWords fault_words[] = {
    {&PluginCounters::exceptions, "exceptions", "a plugin threw an exception"},
    {&PluginCounters::calls_timed_out, "requests not answered", "a plugin did not answer in time"},
    {&PluginCounters::answers_dropped, "answers dropped", "a plugin answered twice, or too late"},
    {&PluginCounters::posts_refused, "posts refused", "a plugin floods the control thread"},
    {&PluginCounters::stale_handles, "stale handles", "a plugin used a handle that is gone"},
    {&PluginCounters::misuses, "misuses", "a plugin called a control function on a foreign thread"},
};

LogLevel log_level_of(viadux_log_level level) {
  switch (level) {
  case VIADUX_LOG_DEBUG:
    return LogLevel::debug;
  case VIADUX_LOG_INFO:
    return LogLevel::info;
  case VIADUX_LOG_WARN:
    return LogLevel::warning;
  default:
    return LogLevel::error;
  }
}

// `written` owns what the value borrows.
LogValue log_value(const Json& json, std::string& written) {
  if (const auto* flag = json.boolean()) return LogValue(*flag);
  if (const auto* whole = json.integer()) return LogValue(*whole);
  if (json.is_number()) return LogValue(json.number());
  if (const auto* text = json.text()) return LogValue(*text);
  written = json.dump();
  return LogValue(written);
}

} // namespace

std::string_view to_word(PluginPhase phase) {
  static constexpr std::string_view words[] = {"loaded",   "starting", "running", "draining",
                                               "stopping", "stopped",  "failed"};
  return words[static_cast<std::size_t>(phase)];
}

PluginInstance::PluginInstance(PluginServices& services, Declaration declaration, std::string path)
    : services_(services), declaration_(std::move(declaration)), path_(std::move(path)) {
  fill_host_table(host_, context_);
}

void PluginInstance::fail(std::string trouble) {
  phase_ = PluginPhase::failed;
  trouble_ = std::move(trouble);
}

Result<void> PluginInstance::create() {
  const auto failed = [](const char* message) {
    return make_error(ErrorCode::internal, "create_failed", message, {}, "the log may say more");
  };
  try {
    self_ = declaration_.functions.create(&host_);
  } catch (...) {
    fault(PluginFault::exception, "create");
    return failed("its create() threw an exception");
  }
  if (!self_) return failed("its create() failed");
  return {};
}

void PluginInstance::destroy() {
  if (!self_) return;
  enter("destroy", [this] { declaration_.functions.destroy(self_); });
  self_ = nullptr;
}

PluginInstance::Entered::Entered(PluginInstance& instance, const char* what)
    : instance_(instance), what_(what), began_us_(instance.services_.loop.clock().now_us()) {
  assert(!instance.services_.inside && "a callback must not lead into another one");
  instance.services_.inside = &instance;
}

PluginInstance::Entered::~Entered() {
  instance_.services_.inside = nullptr;
  const std::int64_t took_us = instance_.services_.loop.clock().now_us() - began_us_;
  ++instance_.counters_.callbacks;
  instance_.counters_.callback_us += static_cast<std::uint64_t>(took_us);
  if (took_us <= instance_.services_.options.slow_callback_us) return;
  // The first one and then each power of two: a plugin that is always slow must not flood the log.
  const std::uint64_t slow = ++instance_.counters_.slow_callbacks;
  if ((slow & (slow - 1)) != 0) return;
  log_warning(
      "plugin", "a callback blocked the control thread",
      {{"plugin", instance_.id()}, {"callback", what_}, {"took_ms", took_us / 1000}, {"times", slow}});
}

void PluginInstance::fault(PluginFault fault, std::string_view detail, std::string_view why) {
  const FaultWords& words = fault_words[static_cast<std::size_t>(fault)];
  const std::uint64_t times = (counters_.*words.counter).fetch_add(1, std::memory_order_relaxed) + 1;
  if ((times & (times - 1)) != 0) return;
  log_error("plugin", words.sentence, {{"plugin", id()}, {"in", detail}, {"why", why}, {"times", times}});
  services_.loop.post([this, alive = services_.alive] {
    if (*alive && services_.on_fault) services_.on_fault(*this);
  });
}

std::string PluginInstance::faults() const {
  std::string text;
  for (const FaultWords& words : fault_words) {
    const std::uint64_t times = (counters_.*words.counter).load(std::memory_order_relaxed);
    if (times == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(words.name) + " " + std::to_string(times);
  }
  return text;
}

viadux_status PluginInstance::post(viadux_post_fn work, void* arg) {
  if (closing()) return VIADUX_CANCELLED;
  const auto refuse = [this] {
    posts_waiting_.fetch_sub(1, std::memory_order_acq_rel);
    fault(PluginFault::post_refused, "post");
    return VIADUX_BUSY;
  };
  if (posts_waiting_.fetch_add(1, std::memory_order_acq_rel) >= services_.options.post_limit) return refuse();
  const bool taken = services_.loop.post([this, work, arg] {
    posts_waiting_.fetch_sub(1, std::memory_order_acq_rel);
    enter("post", [work, arg] { work(arg); });
  });
  return taken ? static_cast<viadux_status>(VIADUX_OK) : refuse();
}

// A window of one second, counted roughly: two threads at its edge may let a few lines more pass.
bool PluginInstance::may_log() {
  const std::int64_t second = services_.loop.clock().now_us() / us_per_s;
  if (log_second_.exchange(second, std::memory_order_relaxed) != second) {
    log_lines_.store(0, std::memory_order_relaxed);
  }
  return log_lines_.fetch_add(1, std::memory_order_relaxed) < services_.options.log_lines_per_s;
}

void PluginInstance::log(viadux_log_level level, std::string_view event, std::string_view fields) {
  const LogLevel wanted = log_level_of(level);
  // What the wrapper catches is told by this event, since only the plugin's side sees it.
  if (event == "exception") fault(PluginFault::exception, "its wrapper");
  if (!log_wants(wanted)) return;
  if (!may_log()) {
    counters_.log_dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const auto json = fields.empty() ? Result<Json>(Json()) : Json::parse(fields);
  std::vector<LogField> list;
  std::vector<std::string> written;
  const Json::Object* members = json ? json.value().object() : nullptr;
  if (members) {
    written.resize(members->size()); // no growth below: the values borrow from it
    std::size_t i = 0;
    for (const auto& [name, value] : *members) {
      list.push_back(LogField{name, log_value(value, written[i])});
      ++i;
    }
  }
  const bool readable = detail::is_utf8(event) && event.size() <= longest_event;
  log_write(wanted, id(), readable ? event : "unreadable_event", list);
}

} // namespace viadux
