#include "core/http/server_core.hpp"

#include "core/http/text.hpp"

#include <arpa/inet.h>

namespace viadux {

std::string_view ConnectionRegistry::admit(const std::string& client, const HttpLimits& limits,
                                           bool is_proxy) {
  const std::lock_guard lock(mutex_);
  if (admitted_ >= limits.connections) return "connections";
  auto& count = by_client_[client];
  if (!is_proxy && count >= limits.connections_per_client) return "connections_per_client";
  ++count;
  ++admitted_;
  return {};
}

void ConnectionRegistry::release(const std::string& client) {
  const std::lock_guard lock(mutex_);
  --admitted_;
  if (const auto found = by_client_.find(client); found != by_client_.end() && --found->second == 0)
    by_client_.erase(found);
}

void ConnectionRegistry::add(std::shared_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  open_.insert(std::move(connection));
}

void ConnectionRegistry::remove(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  open_.erase(connection);
}

std::vector<std::shared_ptr<Connection>> ConnectionRegistry::all() const {
  const std::lock_guard lock(mutex_);
  return {open_.begin(), open_.end()};
}

std::size_t ConnectionRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return admitted_;
}

std::string client_key(const std::string& address) {
  in6_addr bytes{};
  if (inet_pton(AF_INET6, address.c_str(), &bytes) != 1 || IN6_IS_ADDR_V4MAPPED(&bytes)) return address;
  return hex({reinterpret_cast<const char*>(&bytes), 8});
}

} // namespace viadux
