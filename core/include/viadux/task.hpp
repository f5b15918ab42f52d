// viadux/task.hpp - the coroutine type of a plugin. [control]
//
//   viadux::Task<viadux::Result<int>> answer() { co_return 42; }
//   const auto value = co_await answer();
//
// A Task is lazy: it runs when it is awaited, or when spawn() starts it with nobody waiting. Everything stays
// on the control thread, so nothing in it needs a lock; but after each co_await the world may have changed.
// An exception passes to the awaiter; at the outermost task the wrapper makes `internal` of it.
//
// For g++ 12 (it destroys some temporaries twice): inside one co_await expression no braced aggregate and no
// lambda with captures as a temporary; give it a name first.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace viadux {

template <class T = void>
class [[nodiscard]] Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> waiter = std::noop_coroutine();
  std::exception_ptr failure;

  struct Finish {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().waiter;
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  Finish final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const {
    if (failure) std::rethrow_exception(failure);
  }
};

} // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

// A coroutine that nobody waits for: it runs at once and frees itself at its end.
struct Detached {
  struct promise_type { // NOLINT(readability-identifier-naming): the language wants this name
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); } // spawn_with catches all before
  };
};

template <class T, class OnEnd, class OnFailure>
Detached spawn_with(Task<T> task, OnEnd on_end, OnFailure on_failure) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await task;
      on_end();
    } else {
      on_end(co_await task);
    }
  } catch (const std::exception& failure) {
    on_failure(failure.what());
  } catch (...) {
    on_failure("an exception that is no std::exception");
  }
}

} // namespace detail

} // namespace viadux
