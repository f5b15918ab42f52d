// From a received batch to the sinks: looks up each sender once, then hands every sink its packets in one
// call. [worker]
#pragma once

#include "core/net/counters.hpp"
#include "core/net/route_table.hpp"

#include <array>
#include <span>

namespace viadux {

class DatagramDispatcher {
 public:
  DatagramDispatcher(std::uint64_t seed, WorkerCounters& counters) : routes_(seed), counters_(counters) {}

  void set_unknown_sink(DatagramSink* sink) { unknown_ = sink; }
  void bind(const Path& path, DatagramSink& sink) { routes_.set(path.socket, path.remote, sink); }
  void unbind(const Path& path);
  DatagramSink* find(const Path& path) const { return routes_.find(path.socket, path.remote); }

  // At most max_batch. `owner` gets all where it is set; else each packet goes where its sender is bound.
  void dispatch(std::span<Datagram> batch, DatagramSink* owner);

 private:
  RouteTable routes_;
  WorkerCounters& counters_;
  DatagramSink* unknown_ = nullptr;
  std::span<Datagram> current_;                  // while dispatching
  std::array<DatagramSink*, max_batch> sinks_{}; // of current_; null: done or dropped
  std::array<Datagram, max_batch> group_;        // one sink's packets
};

} // namespace viadux
