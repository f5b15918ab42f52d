// One thread that makes stills, below everything else: encoding one takes some 50 ms, for which neither sound
// nor pictures should wait.
#pragma once

#include "core/mixer/still.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace viadux::mixer {

class StillMaker {
 public:
  using Made = std::function<void(std::shared_ptr<const Still>)>;

  StillMaker();
  ~StillMaker() { stop(); }
  // [control] `made` is called on the thread, unless it can't be made, which is logged. Callers keep a bound
  // on how many they ask for.
  void make(StillStyle style, std::vector<std::string> lines, rtp::Codec codec, Made made);
  void stop(); // [control] what is not made by then never is

 private:
  struct Order {
    StillStyle style;
    std::vector<std::string> lines;
    rtp::Codec codec;
    Made made;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Order> orders_;
  bool stopping_ = false;
  std::thread thread_; // last
};

} // namespace viadux::mixer
