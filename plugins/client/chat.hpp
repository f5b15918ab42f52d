// Chat: to all, or to one.
#pragma once

#include "asked.hpp"

namespace client {

class Chat {
 public:
  explicit Chat(State& state) : state_(state) {}
  void add_to(Actions& actions);

 private:
  using Response = viadux::Task<viadux::HttpResponse>;
  Response to_all(Asked asked);
  Response to_one(Asked asked);
  Response send(Asked asked, viadux::Handle to);

  State& state_;
};

} // namespace client
