// The event bus. [control thread only]
#pragma once

#include "core/control/loop.hpp"
#include "core/events/event.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

using SubscriptionId = std::uint64_t; // 0 is none

struct EventFilter {
  std::optional<std::uint64_t> room; // only this room's; none is everything
  std::vector<std::string> types;    // only these; empty is all
  std::size_t queue = 0;             // how many may wait; 0 is the bus' own limit
};

struct EventBusLimits {
  std::size_t queue = 256; // events waiting for one subscriber
  std::size_t subscribers = 10'000;
  std::int64_t keep_us = 60'000'000; // per room, for clients that come back
  std::size_t keep_events = 512;     // per room
};

struct EventSnapshot {
  std::string document; // the room's state, or a page of it
  std::uint64_t id = 0; // events up to and with this one are in it
};

// Tells a room's state, or none for a room it does not know: a page of it, beginning after the participant of
// the order `after`.
using SnapshotSource = std::function<std::optional<std::string>(std::uint64_t room, std::uint64_t after)>;

struct EventBusCounters {
  std::uint64_t published = 0;
  std::uint64_t delivered = 0;
  std::uint64_t overflows = 0; // queues emptied
  std::uint64_t subscribers = 0;
  std::uint64_t kept = 0; // events kept for clients that come back
};

class EventBus {
 public:
  explicit EventBus(ControlLoop& loop, EventBusLimits limits = {});
  ~EventBus();
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;

  // The new event's id. The document is shared by all who read it.
  std::uint64_t publish(std::uint64_t room, std::string type, EventDocument document);

  // `wake` is called on the control thread, from the loop, when events have come for a subscriber that had
  // none waiting; it then calls take() until that is empty. Error: busy/subscribers_full.
  Result<SubscriptionId> subscribe(EventFilter filter, std::function<void()> wake);
  void unsubscribe(SubscriptionId subscription);
  // At most `most` events, oldest first. After an overflow the first is of the type "resync", whose document
  // has the id up to which events are lost: {"lost_up_to":…}.
  std::vector<Event> take(SubscriptionId subscription, std::size_t most = SIZE_MAX);

  // The room's events after `id`; none when some of them are no longer kept: then take a snapshot.
  std::optional<std::vector<Event>> since(std::uint64_t room, std::uint64_t id) const;
  void set_snapshot_source(SnapshotSource source); // the meeting registry
  Result<EventSnapshot> snapshot(std::uint64_t room, std::uint64_t after = 0) const;
  // The last id given out.
  std::uint64_t last_id() const { return last_id_; }

  EventBusCounters counters() const;

 private:
  struct Subscriber;
  struct History {
    std::deque<std::pair<std::int64_t, Event>> events; // with the time each came, in us
    std::uint64_t dropped_up_to = 0;
  };
  void deliver(Subscriber& subscriber, const Event& event);
  void wake(SubscriptionId id, Subscriber& subscriber);
  void keep(const Event& event);
  void forget_old();

  ControlLoop& loop_;
  const EventBusLimits limits_;
  std::uint64_t last_id_;
  const std::uint64_t first_id_;
  SubscriptionId last_subscription_ = 0;
  std::map<SubscriptionId, Subscriber> subscribers_;
  std::unordered_map<std::uint64_t, History> history_;
  SnapshotSource snapshot_source_;
  TimerId sweep_ = 0;
  EventBusCounters counters_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
