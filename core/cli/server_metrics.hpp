// What is counted outside the parts that have collectors of their own: tokens, log, control thread, the
// process.
#pragma once

#include "core/auth/auth.hpp"
#include "core/control/asio_loop.hpp"
#include "core/events/bus.hpp"
#include "core/meeting/rooms.hpp"
#include "core/metrics/metrics.hpp"
#include "core/store/storage.hpp"

namespace viadux {

struct Counted {
  const AsioLoop& loop;
  const Auth& auth;
  const EventBus& bus;
  const Rooms& rooms;
  const store::Storage& storage;
};

// [control] Until remove_collector(); what `parts` names must live as long.
CollectorId add_server_metrics(Metrics& metrics, const Counted& parts);

} // namespace viadux
