// What all connections of a server share. [any thread]
#pragma once

#include "core/http/control_gate.hpp"
#include "core/http/http_metrics.hpp"
#include "core/http/route_table.hpp"
#include "core/http/static_files.hpp"
#include "core/http/tls_context.hpp"

#include <boost/asio/io_context.hpp>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace viadux {

class Connection;

// Which connections are open, and how many of them each client has.
class ConnectionRegistry {
 public:
  // A place for one more, or the reason why not ("connections", "connections_per_client").
  std::string_view admit(const std::string& client, const HttpLimits& limits, bool is_proxy);
  void release(const std::string& client);
  // Holds it until it is removed, which it does itself when it closes: while a handler works nothing else
  // may.
  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  std::vector<std::shared_ptr<Connection>> all() const;
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::size_t admitted_ = 0;
  std::unordered_map<std::string, std::uint32_t> by_client_;
  std::unordered_set<std::shared_ptr<Connection>> open_;
};

struct ServerCore {
  ServerCore(HttpOptions options_in, ControlLoop& loop, Metrics& registry)
      : options(std::move(options_in)), gate(std::make_shared<http_detail::ControlGate>(loop)),
        metrics(registry) {}

  std::shared_ptr<const HttpRouteTable> routes() const {
    const std::lock_guard lock(mutex);
    return route_table;
  }
  std::shared_ptr<TlsContext> tls() const {
    const std::lock_guard lock(mutex);
    return tls_context;
  }

  const HttpOptions options;
  const std::shared_ptr<http_detail::ControlGate> gate;
  const HttpMetrics metrics;
  boost::asio::io_context io;
  ConnectionRegistry connections;
  // Of responses that name one: small ones, of organisations.
  StaticFiles files{"", {.headers = {}, .max_file_bytes = 2UL * 1024 * 1024}};
  std::atomic<bool> draining = false;
  std::atomic<bool> stopping = false;

  mutable std::mutex mutex; // what follows
  std::shared_ptr<const HttpRouteTable> route_table = std::make_shared<HttpRouteTable>();
  std::shared_ptr<TlsContext> tls_context;
};

// The key by which a client's connections are counted: the IPv4 address, or the IPv6 /64, which is one
// household.
std::string client_key(const std::string& address);

} // namespace viadux
