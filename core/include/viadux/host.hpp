// viadux/host.hpp - the host, as a plugin written in C++ sees it. Threads as in <viadux/abi.h>.
//
// What a call may fail with, and which fields documents have, is in <viadux/documents/...>.
#pragma once

#include <functional>
#include <memory>
#include <viadux/abi.h>
#include <viadux/documents/error.hpp>
#include <viadux/task.hpp>
#include <viadux/text.hpp>

namespace viadux {

namespace detail {

// Waits for one done() or timer; lives on the heap because the answer may come after its waiter has gone.
struct Arrival {
  std::coroutine_handle<> waiter;
  viadux_status status = VIADUX_OK;
  std::string document;
  bool arrived = false;
  bool abandoned = false;

  static void on_done(void* arg, viadux_call /*call*/, viadux_status status, viadux_text document) {
    arrive(static_cast<Arrival*>(arg), status, to_view(document));
  }
  static void on_timer(void* arg, viadux_status status) { arrive(static_cast<Arrival*>(arg), status, {}); }

  static void arrive(Arrival* self, viadux_status status, std::string_view document) {
    if (self->abandoned) {
      delete self;
      return;
    }
    self->arrived = true;
    self->status = status;
    self->document = document;
    if (self->waiter) self->waiter.resume();
  }
};

} // namespace detail

// A call on its way: co_await it once for its Result<Reply>. Several may be under way before the first is
// awaited. Destroyed unawaited, it is cancelled.
template <Document Reply>
class [[nodiscard]] PendingCall {
 public:
  PendingCall(const viadux_host* host, std::string_view interface, std::string_view method,
              const std::string& document, std::int64_t deadline_us)
      : host_(host), arrival_(new detail::Arrival) {
    call_ = host->call(host->context, to_text(interface), to_text(method), to_text(document), deadline_us,
                       &detail::Arrival::on_done, arrival_);
  }
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;
  ~PendingCall() {
    if (arrival_->arrived) {
      delete arrival_;
    } else {
      arrival_->abandoned = true; // done() still comes, and frees it
      host_->cancel(host_->context, call_);
    }
  }

  bool await_ready() const noexcept { return arrival_->arrived; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { arrival_->waiter = waiter; }
  Result<Reply> await_resume() {
    if (arrival_->status != VIADUX_OK) return read_error(arrival_->status, arrival_->document);
    return read_document<Reply>(arrival_->document);
  }

 private:
  const viadux_host* host_;
  detail::Arrival* arrival_;
  viadux_call call_ = 0;
};

// A pause: co_await gives true, or false when the plugin is stopping and it is time to end.
class [[nodiscard]] Pause {
 public:
  Pause(const viadux_host* host, std::int64_t delay_us) : host_(host), arrival_(new detail::Arrival) {
    timer_ = host->timer(host->context, delay_us, &detail::Arrival::on_timer, arrival_);
    if (timer_ == 0) { // no timers left, or stopping
      arrival_->arrived = true;
      arrival_->status = VIADUX_CANCELLED;
    }
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause() {
    if (!arrival_->arrived) host_->close(host_->context, timer_); // its callback will not come
    delete arrival_;
  }
  bool await_ready() const noexcept { return arrival_->arrived; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { arrival_->waiter = waiter; }
  bool await_resume() const noexcept { return arrival_->status == VIADUX_OK; }

 private:
  const viadux_host* host_;
  detail::Arrival* arrival_;
  viadux_handle timer_ = 0;
};

enum class LogLevel : std::uint32_t { debug = 1, info = 2, warn = 3, error = 4 };

// A view: copy it freely; valid until the plugin is destroyed.
class Host {
 public:
  explicit Host(const viadux_host* table) : table_(table) {}
  const viadux_host* table() const { return table_; }

  // [control] const auto reply = co_await host.call<Room>("viadux.rooms", "find", query);
  // The deadline is on the clock of now_us(); 0 is the host's default.
  template <Document Reply, Document Request>
  PendingCall<Reply> call(std::string_view interface, std::string_view method, const Request& request,
                          std::int64_t deadline_us = 0) const {
    return PendingCall<Reply>(table_, interface, method, write_document(request), deadline_us);
  }

  // [control]
  Pause sleep(std::int64_t delay_us) const { return Pause(table_, delay_us); }

  // [control] Runs `task` with nobody waiting for it; a failure is logged.
  void spawn(Task<void> task) const {
    detail::spawn_with(
        std::move(task), [] {},
        [host = *this](const char* what) {
          host.log(LogLevel::error, "task_failed", Json(Json::Object{{"what", Json(what)}}));
        });
  }

  // [any] Runs `work` on the control thread, later. busy: too much is waiting, and `work` was dropped.
  Result<void> post(std::function<void()> work) const {
    auto boxed = std::make_unique<std::function<void()>>(std::move(work));
    const auto status = table_->post(table_->context, &run_posted, boxed.get());
    if (status != VIADUX_OK) return read_error(status, {});
    (void)boxed.release(); // run_posted has it now
    return {};
  }

  // [any]
  std::int64_t now_us() const { return table_->now_us(table_->context); }
  std::int64_t wall_ms() const { return table_->wall_ms(table_->context); }
  void log(LogLevel level, std::string_view event, const Json& fields = Json()) const {
    const std::string document = fields.is_null() ? std::string() : fields.dump();
    table_->log(table_->context, static_cast<viadux_log_level>(level), to_text(event), to_text(document));
  }

 private:
  static void run_posted(void* arg) {
    const std::unique_ptr<std::function<void()>> work(static_cast<std::function<void()>*>(arg));
    (*work)();
  }

  const viadux_host* table_;
};

} // namespace viadux
