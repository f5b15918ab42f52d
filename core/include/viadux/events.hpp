// viadux/events.hpp - what has happened, for plugins in C++. [control]
#pragma once

#include <viadux/events.h>
#include <viadux/host.hpp>

namespace viadux {

// The subscriptions of a plugin; a member of it. They end with the plugin's stop.
class Events {
 public:
  explicit Events(Host host)
      : host_(host.table()), table_(static_cast<const viadux_events*>(
                                 host_->get_interface(host_->context, to_text(VIADUX_EVENTS)))) {}

  // `callback` gets each event as its document; an empty room means all. Returns a handle for unsubscribe().
  Result<viadux_handle> subscribe(std::string_view room, std::function<void(std::string_view)> callback) {
    if (!table_) return make_error(ErrorCode::unsupported, "no_events", "this host has no events");
    auto subscription = std::make_unique<Subscription>();
    subscription->host = host_;
    subscription->callback = std::move(callback);
    const auto status = table_->subscribe(host_->context, to_text(room), &Events::on_event,
                                          subscription.get(), &subscription->handle);
    if (status != VIADUX_OK) return read_error(status, {});
    subscriptions_.push_back(std::move(subscription));
    return subscriptions_.back()->handle;
  }
  // Not from inside the subscription's own callback.
  void unsubscribe(viadux_handle handle) {
    host_->close(host_->context, handle);
    std::erase_if(subscriptions_, [handle](const auto& entry) { return entry->handle == handle; });
  }

 private:
  struct Subscription {
    const viadux_host* host = nullptr;
    std::function<void(std::string_view)> callback;
    viadux_handle handle = 0;
  };
  static void on_event(void* arg, viadux_handle /*subscription*/, viadux_text document) noexcept {
    auto* self = static_cast<Subscription*>(arg);
    try {
      self->callback(to_view(document));
    } catch (...) { // its author's fault; the next event comes all the same
      Host(self->host).log(LogLevel::error, "event_callback_threw");
    }
  }

  const viadux_host* host_;
  const viadux_events* table_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
};

} // namespace viadux
