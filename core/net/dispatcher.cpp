#include "core/net/dispatcher.hpp"

namespace viadux {

void DatagramDispatcher::unbind(const Path& path) {
  routes_.erase(path.socket, path.remote);
  for (std::size_t i = 0; i < current_.size(); ++i)
    if (current_[i].path.socket == path.socket && current_[i].path.remote == path.remote) sinks_[i] = nullptr;
}

// Batches hold few senders, so comparing pointers beats any cleverer grouping.
void DatagramDispatcher::dispatch(std::span<Datagram> batch, DatagramSink* owner) {
  current_ = batch;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    DatagramSink* const bound = owner ? owner : find(batch[i].path);
    sinks_[i] = bound ? bound : unknown_;
    if (!sinks_[i]) counters_.drop_unknown.add();
  }
  for (std::size_t first = 0; first < batch.size(); ++first) {
    DatagramSink* const sink = sinks_[first];
    if (!sink) continue;
    std::size_t count = 0;
    for (std::size_t i = first; i < batch.size(); ++i) {
      if (sinks_[i] != sink) continue;
      group_[count++] = batch[i];
      sinks_[i] = nullptr;
    }
    sink->on_datagrams(std::span(group_).first(count));
  }
  current_ = {};
}

} // namespace viadux
