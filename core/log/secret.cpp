#include "core/log/secret.hpp"

#include <cstring>
#include <utility>

namespace viadux {

// A short string lives inside the object, so a move leaves its bytes behind unless they are wiped.
Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
  other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = std::move(other.value_);
    other.wipe();
  }
  return *this;
}

void Secret::wipe() noexcept {
  value_.resize(value_.capacity()); // what was moved or assigned away may still stand behind the end
  explicit_bzero(value_.data(), value_.size()); // unlike memset, never optimised away
  value_.clear();
}

} // namespace viadux
