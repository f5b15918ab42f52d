// Numbers that wrap, made to run on. [any thread, one at a time]
#pragma once

#include <cstdint>
#include <type_traits>

namespace viadux::rtp {

// Turns a wrapping counter of `Bits` bits into one of 64 by taking, of all values it may mean, the one
// nearest to the last. The first value stands for itself plus one full turn, so that what is a little older
// never goes negative.
template <unsigned Bits>
class Unwrapper {
 public:
  static constexpr std::int64_t modulus = std::int64_t{1} << Bits;

  // What `value` means beside the last one, without remembering it.
  std::int64_t peek(std::uint32_t value) const {
    const std::int64_t wrapped = std::int64_t{value} & (modulus - 1);
    if (!started_) return wrapped + modulus;
    std::int64_t step = (wrapped - last_) & (modulus - 1);
    if (step >= modulus / 2) step -= modulus;
    return last_ + step;
  }
  std::int64_t operator()(std::uint32_t value) {
    last_ = peek(value);
    started_ = true;
    return last_;
  }
  // The counter began anew elsewhere: goes on with `value` more than one turn ahead of all before.
  std::int64_t jump(std::uint32_t value) {
    last_ = (last_ / modulus + 2) * modulus + (std::int64_t{value} & (modulus - 1));
    started_ = true;
    return last_;
  }
  bool started() const { return started_; }
  void reset() { *this = {}; }

 private:
  std::int64_t last_ = 0;
  bool started_ = false;
};

using SequenceUnwrapper = Unwrapper<16>;
using TimestampUnwrapper = Unwrapper<32>;
using PictureIdUnwrapper = Unwrapper<15>;

// Whether `a` comes after `b` in a counter that wraps.
template <class T>
constexpr bool is_newer(T a, T b) {
  static_assert(std::is_unsigned_v<T>);
  const T step = static_cast<T>(a - b);
  return step != 0 && step < static_cast<T>(T{1} << (sizeof(T) * 8 - 1));
}

} // namespace viadux::rtp
