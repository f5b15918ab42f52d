// Values that must never be printed. [any thread]
#pragma once

#include <string>
#include <string_view>

namespace viadux {

// Owns a password, PIN, key or token. There is no way to print it: the log shows "***", and only reveal()
// gives it out, so that a search for reveal() finds every use. The memory is wiped when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  bool empty() const { return value_.empty(); }
  const std::string& reveal() const { return value_; }
  // For comparing two configurations; use constant_time_equal() (core/auth) for what a stranger sends.
  bool operator==(const Secret& other) const = default;

 private:
  void wipe() noexcept;
  std::string value_;
};

// Marks a value as personal (a name, a number, an address of a person) for the log, which prints "***" for
// it.
struct Personal {
  std::string_view value;
};
inline Personal personal(std::string_view value) {
  return Personal{value};
}

} // namespace viadux
