#include "core/plugin/events_interface.hpp"

#include "core/plugin/instance.hpp"

#include <algorithm>
#include <viadux/documents/events.hpp>

namespace viadux {
namespace {

// More than a queue holds: events must be handed over before the `done` of the call that caused them.
constexpr std::size_t events_per_turn = 1024;
// When a large room ends, each of its people is told in one turn: a plugin that takes them at once shall not
// have to begin anew.
constexpr std::size_t events_waiting = 8192;

// Event as <viadux/documents/events.hpp> says; the data is JSON text already and is not parsed to be written
// anew.
std::string envelope(const Event& event) {
  std::string out = R"({"id":)" + std::to_string(event.id) + R"(,"type":)";
  detail::dump_json_text(out, event.type);
  if (event.room != 0) out += R"(,"room":")" + write_handle(Handle{event.room}) + '"';
  out += R"(,"wall_ms":)" + std::to_string(event.wall_ms) + R"(,"data":)" + event.document->text() + '}';
  return out;
}

viadux_status events_subscribe(viadux_context* context, viadux_text room, viadux_event_fn fn, void* arg,
                               viadux_handle* subscription) {
  PluginInstance& plugin = *context->instance;
  if (!plugin.services().loop.on_control_thread() || !fn || !subscription) return VIADUX_BAD_ARGUMENT;
  if (plugin.closing()) return VIADUX_CANCELLED;
  auto& events = static_cast<EventsInterface&>(*plugin.services().interfaces.find_own(VIADUX_EVENTS));
  return events.subscribe(plugin, to_view(room), fn, arg, subscription);
}

} // namespace

EventsInterface::EventsInterface(EventBus& bus, PluginServices& services)
    : HostInterface(VIADUX_EVENTS), bus_(bus), services_(services) {
  table_.struct_size = sizeof table_;
  table_.subscribe = &events_subscribe;
  add_method<documents::SnapshotRef, documents::Snapshot>(
      "snapshot", [this](PluginInstance&, const documents::SnapshotRef& asked,
                         const MethodDone<documents::Snapshot>& done) {
        const auto snapshot = bus_.snapshot(
            asked.room.value, static_cast<std::uint64_t>(std::max<std::int64_t>(asked.after, 0)));
        if (!snapshot) return done(snapshot.error());
        auto state = Json::parse(snapshot->document);
        if (!state)
          return done(make_error(ErrorCode::internal, "snapshot_too_large", "the state is too large"));
        documents::Snapshot out;
        out.id = static_cast<std::int64_t>(snapshot->id);
        out.more = state->find("more") != nullptr;
        out.state = state.value();
        done(out);
      });
}

viadux_status EventsInterface::subscribe(PluginInstance& plugin, std::string_view room, viadux_event_fn fn,
                                         void* arg, viadux_handle* out) {
  EventFilter filter;
  filter.queue = events_waiting;
  if (!room.empty()) {
    const auto handle = read_handle(room);
    if (!handle) return VIADUX_BAD_ARGUMENT;
    filter.room = handle->value;
  }
  // The bus wakes by the handle, and the handle's end needs the bus' id: both are known only after each is
  // made.
  struct Ids {
    SubscriptionId subscription = 0;
    viadux_handle handle = 0;
  };
  const auto ids = std::make_shared<Ids>();
  const auto made = bus_.subscribe(filter, [this, &plugin, ids, fn, arg, alive = alive_] {
    if (*alive) hand_over(plugin, ids->handle, ids->subscription, fn, arg);
  });
  if (!made) return static_cast<viadux_status>(made.error().code);
  ids->subscription = made.value();
  ids->handle = services_.handles.open(plugin, HandleKind::subscription, ids,
                                       [this, ids](ClosedBy /*by*/) { bus_.unsubscribe(ids->subscription); });
  if (ids->handle == 0) {
    bus_.unsubscribe(ids->subscription);
    return VIADUX_BUSY;
  }
  *out = ids->handle;
  return VIADUX_OK;
}

void EventsInterface::hand_over(PluginInstance& plugin, viadux_handle handle, SubscriptionId subscription,
                                viadux_event_fn fn, void* arg) {
  // A callback may close the subscription: look each time.
  const auto open = [&] {
    return services_.handles.find<void>(plugin, handle, HandleKind::subscription) != nullptr;
  };
  for (std::size_t given = 0; given < events_per_turn; ++given) {
    const auto events = open() ? bus_.take(subscription, 1) : std::vector<Event>();
    if (events.empty()) return;
    const std::string document = envelope(events.front());
    plugin.enter("event", [&] { fn(arg, handle, to_text(document)); });
  }
  services_.soon([this, &plugin, handle, subscription, fn, arg, alive = alive_] {
    if (*alive) hand_over(plugin, handle, subscription, fn, arg);
  });
}

} // namespace viadux
