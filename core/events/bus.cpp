#include "core/events/bus.hpp"

#include <algorithm>

namespace viadux {

const std::string& EventDocument::text() const {
  if (write_) {
    text_ = write_();
    write_ = nullptr; // what it captured is no longer needed
  }
  return text_;
}

struct EventBus::Subscriber {
  EventFilter filter;
  std::function<void()> wake;
  std::deque<Event> queue;
  std::uint64_t lost_up_to = 0; // 0: nothing lost since the last take()
  bool woken = false;

  bool wants(const Event& event) const {
    if (filter.room && *filter.room != event.room) return false;
    return filter.types.empty() || std::ranges::find(filter.types, event.type) != filter.types.end();
  }
};

// Ids begin at the time of day in microseconds, so that a client's last id from before a restart is never
// mistaken for a newer one: we publish far fewer than a million events a second.
EventBus::EventBus(ControlLoop& loop, EventBusLimits limits)
    : loop_(loop), limits_(limits), last_id_(static_cast<std::uint64_t>(loop.clock().wall_ms()) * 1000),
      first_id_(last_id_) {}

EventBus::~EventBus() {
  *alive_ = false;
  if (sweep_) loop_.cancel(sweep_);
}

std::uint64_t EventBus::publish(std::uint64_t room, std::string type, EventDocument document) {
  Event event;
  event.id = ++last_id_;
  event.room = room;
  event.type = std::move(type);
  event.document = std::make_shared<const EventDocument>(std::move(document));
  event.wall_ms = loop_.clock().wall_ms();
  ++counters_.published;
  for (auto& [id, subscriber] : subscribers_) {
    if (!subscriber.wants(event)) continue;
    deliver(subscriber, event);
    wake(id, subscriber);
  }
  keep(event);
  return event.id;
}

void EventBus::deliver(Subscriber& subscriber, const Event& event) {
  if (subscriber.lost_up_to == 0 &&
      subscriber.queue.size() < std::max(limits_.queue, subscriber.filter.queue)) {
    subscriber.queue.push_back(event);
    return;
  }
  // Half a history is worse than none: the reader is told once, and starts again from a snapshot.
  if (subscriber.lost_up_to == 0) ++counters_.overflows;
  subscriber.queue.clear();
  subscriber.lost_up_to = event.id;
}

void EventBus::wake(SubscriptionId id, Subscriber& subscriber) {
  if (subscriber.woken) return;
  subscriber.woken = loop_.post([this, id, alive = alive_] {
    if (!*alive) return;
    const auto found = subscribers_.find(id);
    if (found == subscribers_.end()) return;
    found->second.woken = false;
    const auto call = found->second.wake; // a copy: it may unsubscribe itself
    call();
  });
}

Result<SubscriptionId> EventBus::subscribe(EventFilter filter, std::function<void()> wake) {
  if (subscribers_.size() >= limits_.subscribers)
    return make_error(ErrorCode::busy, "subscribers_full", "too many event subscribers", {},
                      "try again later");
  const SubscriptionId id = ++last_subscription_;
  Subscriber& subscriber = subscribers_[id];
  subscriber.filter = std::move(filter);
  subscriber.wake = std::move(wake);
  return id;
}

void EventBus::unsubscribe(SubscriptionId subscription) {
  subscribers_.erase(subscription);
}

std::vector<Event> EventBus::take(SubscriptionId subscription, std::size_t most) {
  std::vector<Event> events;
  const auto found = subscribers_.find(subscription);
  if (found == subscribers_.end() || most == 0) return events;
  Subscriber& subscriber = found->second;
  if (subscriber.lost_up_to != 0) {
    Event resync;
    resync.id = subscriber.lost_up_to;
    resync.room = subscriber.filter.room.value_or(0);
    resync.type = "resync";
    resync.wall_ms = loop_.clock().wall_ms();
    resync.document =
        std::make_shared<const EventDocument>("{\"lost_up_to\":" + std::to_string(resync.id) + "}");
    events.push_back(std::move(resync));
    subscriber.lost_up_to = 0;
  }
  while (events.size() < most && !subscriber.queue.empty()) {
    events.push_back(std::move(subscriber.queue.front()));
    subscriber.queue.pop_front();
  }
  counters_.delivered += events.size();
  if (!subscriber.queue.empty())
    wake(subscription, subscriber); // whoever takes a few at a time is called again
  return events;
}

void EventBus::keep(const Event& event) {
  History& history = history_[event.room];
  history.events.emplace_back(loop_.clock().now_us(), event);
  ++counters_.kept;
  if (history.events.size() > limits_.keep_events) {
    history.dropped_up_to = history.events.front().second.id;
    history.events.pop_front();
    --counters_.kept;
  }
  if (sweep_ == 0) sweep_ = loop_.after(limits_.keep_us / 4, [this] { forget_old(); });
}

void EventBus::forget_old() {
  sweep_ = 0;
  const std::int64_t oldest = loop_.clock().now_us() - limits_.keep_us;
  for (auto room = history_.begin(); room != history_.end();) {
    History& history = room->second;
    while (!history.events.empty() && history.events.front().first < oldest) {
      history.dropped_up_to = history.events.front().second.id;
      history.events.pop_front();
      --counters_.kept;
    }
    room = history.events.empty() ? history_.erase(room) : std::next(room);
  }
  if (!history_.empty()) sweep_ = loop_.after(limits_.keep_us / 4, [this] { forget_old(); });
}

std::optional<std::vector<Event>> EventBus::since(std::uint64_t room, std::uint64_t id) const {
  if (id > last_id_) return std::nullopt; // not an id of ours
  const auto found = history_.find(room);
  if (found == history_.end()) {
    // Nothing kept: complete only for a reader that has seen everything there ever was.
    if (id == last_id_) return std::vector<Event>{};
    return std::nullopt;
  }
  const History& history = found->second;
  if (id < history.dropped_up_to || id < first_id_) return std::nullopt;
  std::vector<Event> events;
  for (const auto& [at_us, event] : history.events)
    if (event.id > id) events.push_back(event);
  return events;
}

void EventBus::set_snapshot_source(SnapshotSource source) {
  snapshot_source_ = std::move(source);
}

Result<EventSnapshot> EventBus::snapshot(std::uint64_t room, std::uint64_t after) const {
  std::optional<std::string> document;
  if (snapshot_source_) document = snapshot_source_(room, after);
  if (!document) return make_error(ErrorCode::gone, "room_gone", "this meeting has ended");
  return EventSnapshot{std::move(*document), last_id_};
}

EventBusCounters EventBus::counters() const {
  EventBusCounters counters = counters_;
  counters.subscribers = subscribers_.size();
  return counters;
}

} // namespace viadux
