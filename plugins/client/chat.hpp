// Chat: to all, or to one.
#pragma once

#include "asked.hpp"

namespace client {

class Chat {
 public:
  explicit Chat(State& state) : state_(state) {}
  void add_to(Actions& actions);

 private:
  viadux::Task<viadux::HttpResponse> to_all(Asked asked);
  viadux::Task<viadux::HttpResponse> to_one(Asked asked);

  State& state_;
};

} // namespace client
