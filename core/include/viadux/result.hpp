// viadux/result.hpp - how an expected failure is told, on both sides of the plugin border.
//
// A function that can fail for a reason the caller should handle returns Result<T>. Exceptions are for set-up
// only and never cross the border; asserts are for a programmer's mistake, never for input.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace viadux {

// The closed list of what can go wrong. The numbers are part of the ABI: append only.
enum class ErrorCode : std::uint32_t {
  ok = 0,
  bad_argument = 1, // the caller's document or value is malformed; `field` says where
  not_found = 2,    // no such thing, or none that the caller may know of
  gone = 3,         // a handle that was valid once
  refused = 4,      // understood, but not allowed (rights, PIN, lock, policy)
  busy = 5,         // a limit is reached; try again later
  timeout = 6,      // the deadline passed first
  cancelled = 7,    // the caller took it back, or the host is stopping
  unsupported = 8,  // this build, peer or version cannot do it
  internal = 9,     // a fault of ours; the log has the details
};

// What went wrong, for a program (`code`, `reason`), and for a person (`message`, `hint`). Never holds
// personal data.
struct Error { // NOLINT(clang-analyzer-core.uninitialized.Assign): it does not follow std::variant
  ErrorCode code = ErrorCode::internal;
  std::string reason;  // a stable word from the table of reasons, e.g. "pin_wrong"; protocols map it
  std::string message; // one sentence: what was wrong and where
  std::string field;   // the document's field or the configuration's key, where there is one
  std::string hint;    // what to do about it, where we know
};

// A value or an Error. Result<void> is a success or an Error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }

  T& value() & { return assert(has_value()), std::get<0>(state_); }
  const T& value() const& { return assert(has_value()), std::get<0>(state_); }
  T&& value() && { return assert(has_value()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return assert(!has_value()), std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  explicit operator bool() const { return !failed_; }
  bool has_value() const { return !failed_; }
  const Error& error() const { return assert(failed_), error_; }

 private:
  Error error_;
  bool failed_ = false;
};

inline Error make_error(ErrorCode code, std::string reason, std::string message, std::string field = {},
                        std::string hint = {}) {
  return Error{code, std::move(reason), std::move(message), std::move(field), std::move(hint)};
}

} // namespace viadux
