// Calls from plugins to interfaces, and requests to plugins: who waits for what, until when. [control]
//
// A call is done exactly once and never from inside call(); a request is answered at most once. Both sides
// are handles, so that a late, second or invented answer finds nothing, and is counted.
#pragma once

#include "core/control/loop.hpp"
#include "core/meeting/handle.hpp"

#include <functional>
#include <string>
#include <viadux/abi.h>
#include <viadux/result.hpp>

namespace viadux {

class PluginInstance;
class PluginServices;

class CallDispatcher {
 public:
  explicit CallDispatcher(PluginServices& services) : services_(services) {}
  ~CallDispatcher() { *alive_ = false; }
  CallDispatcher(const CallDispatcher&) = delete;
  CallDispatcher& operator=(const CallDispatcher&) = delete;

  // As viadux_host says.
  viadux_call call(PluginInstance& caller, std::string_view interface, std::string_view method,
                   std::string_view document, std::int64_t deadline_us, viadux_done done, void* arg);
  viadux_status cancel(PluginInstance& caller, viadux_call call);
  viadux_status answer(PluginInstance& callee, viadux_request request, viadux_status status,
                       std::string_view document);

  // Asks a plugin something of the host's own. `ended` comes once, never from inside ask(): also after
  // `timeout_us` (timeout), when the handler throws (internal), and at stop (gone).
  using Ended = std::function<void(viadux_status, std::string document)>;
  void ask(PluginInstance& callee, viadux_handler handler, std::string document, std::int64_t timeout_us,
           Ended ended);

  // The plugin stops: what it waits for is cancelled, what others wait for from it is gone.
  void end_all_of(const PluginInstance& plugin);

 private:
  struct PendingCall {
    PendingCall(viadux_call own_id, PluginInstance& by, viadux_done on_done, void* done_arg)
        : id(own_id), caller(&by), done(on_done), arg(done_arg) {}
    viadux_call id;
    PluginInstance* caller;
    viadux_done done;
    void* arg;
    PluginInstance* callee = nullptr; // when a plugin serves it
    viadux_request request = 0;
    TimerId timer = 0;
    bool finished = false; // its done is on the way
    viadux_status status = VIADUX_OK;
    std::string document;
  };
  struct PendingRequest {
    PendingRequest(viadux_request own_id, PluginInstance& to, Ended on_end)
        : id(own_id), callee(&to), ended(std::move(on_end)) {}
    viadux_request id;
    PluginInstance* callee;
    Ended ended;
    TimerId timer = 0;
  };
  // Texts of a call, kept until its turn comes.
  struct Order {
    std::string interface;
    std::string method;
    std::string document;
  };

  void run(viadux_call call, const Order& order);
  void run_offer(PendingCall& call, const Order& order);
  void finish(viadux_call call, viadux_status status, std::string document);
  void finish(viadux_call call, const Error& error);
  void deliver(viadux_call call);
  void end_request(viadux_request request, viadux_status status, std::string document);
  std::function<void()> if_alive(std::function<void()> task) const;

  PluginServices& services_;
  HandleTable<PendingCall, 33> calls_;
  HandleTable<PendingRequest, 34> requests_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
