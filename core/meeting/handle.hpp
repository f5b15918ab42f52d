// 64-bit handles: what kind of thing (8 bits), which generation (24), which place (32). A handle of something
// that has ended, of another kind, or invented gives `gone` or nothing, never another thing.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace viadux {

template <class T, std::uint8_t Kind>
class HandleTable {
 public:
  // Makes T(handle, args...).
  template <class... Args>
  T& make(Args&&... args) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(places_.size()));
      places_.emplace_back();
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    Place& entry = places_[place];
    entry.thing = std::make_unique<T>(handle_of(entry.generation, place), std::forward<Args>(args)...);
    ++size_;
    return *entry.thing;
  }

  T* find(std::uint64_t handle) {
    const std::uint32_t place = static_cast<std::uint32_t>(handle);
    if (place >= places_.size() || handle_of(places_[place].generation, place) != handle) return nullptr;
    return places_[place].thing.get();
  }
  const T* find(std::uint64_t handle) const { return const_cast<HandleTable*>(this)->find(handle); }

  // Takes it out; the handle is stale from now on.
  std::unique_ptr<T> take(std::uint64_t handle) {
    if (!find(handle)) return nullptr;
    const std::uint32_t place = static_cast<std::uint32_t>(handle);
    Place& entry = places_[place];
    entry.generation = (entry.generation + 1) & generation_mask;
    free_.push_back(place);
    --size_;
    return std::move(entry.thing);
  }

  std::size_t size() const { return size_; }

  template <class Visit>
  void each(Visit visit) {
    for (Place& entry : places_)
      if (entry.thing) visit(*entry.thing);
  }

 private:
  static constexpr std::uint32_t generation_mask = 0xFFFFFF;
  struct Place {
    std::uint32_t generation = 1;
    std::unique_ptr<T> thing;
  };
  static std::uint64_t handle_of(std::uint32_t generation, std::uint32_t place) {
    return std::uint64_t{Kind} << 56 | std::uint64_t{generation} << 32 | place;
  }

  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

} // namespace viadux
