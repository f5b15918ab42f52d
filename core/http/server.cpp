#include "core/http/server.hpp"

#include "core/http/connection.hpp"
#include "core/http/listener.hpp"
#include "core/http/static_files.hpp"
#include "core/log/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <filesystem>
#include <thread>

namespace viadux {
namespace asio = boost::asio;

struct HttpServer::State : std::enable_shared_from_this<State> {
  State(HttpOptions options, ControlLoop& loop_in, Metrics& metrics)
      : loop(loop_in), core(std::make_shared<ServerCore>(std::move(options), loop_in, metrics)) {}

  Result<RouteId> add(std::vector<std::shared_ptr<Route>> routes);
  Result<void> load_tls();
  void finish_drain_when_empty();
  void stop();

  ControlLoop& loop;
  const std::shared_ptr<ServerCore> core;
  RouteId last_route = 0;
  std::vector<std::shared_ptr<Route>> routes;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<HttpBound> bound; // fixed after start()
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::vector<std::thread> threads;

  bool draining = false;
  bool was_cut = false;
  std::int64_t drain_deadline_us = 0;
  TimerId drain_timer = 0;
  std::vector<std::function<void()>> on_drained;
};

HttpServer::HttpServer(HttpOptions options, ControlLoop& loop, Metrics& metrics)
    : state_(std::make_shared<State>(std::move(options), loop, metrics)) {}

HttpServer::~HttpServer() {
  state_->stop();
}

Result<RouteId> HttpServer::State::add(std::vector<std::shared_ptr<Route>> added) {
  const RouteId id = ++last_route;
  auto table = std::make_shared<HttpRouteTable>(*core->routes());
  for (const auto& route : added) {
    route->id = id;
    if (auto result = table->add(route); !result) return result.error();
  }
  routes.insert(routes.end(), added.begin(), added.end());
  const std::lock_guard lock(core->mutex);
  core->route_table = std::move(table);
  return id;
}

Result<RouteId> HttpServer::route(std::string method, std::string pattern, HttpHandler handler,
                                  HttpRouteOptions options) {
  auto route = std::make_shared<Route>();
  route->method = std::move(method);
  route->pattern = std::move(pattern);
  route->handler = std::move(handler);
  route->options = std::move(options);
  return state_->add({std::move(route)});
}

Result<RouteId> HttpServer::static_files(std::string prefix, const std::string& directory,
                                         StaticFileOptions options) {
  std::error_code error;
  const auto root = std::filesystem::canonical(directory, error);
  if (error || !std::filesystem::is_directory(root, error))
    return make_error(ErrorCode::not_found, "folder_missing",
                      "there is no folder '" + directory + "' to serve files from");
  while (prefix.ends_with('/'))
    prefix.pop_back();
  const auto files = std::make_shared<StaticFiles>(root.string(), std::move(options));
  std::vector<std::shared_ptr<Route>> added;
  for (const char* rest : {"", "/{path...}"}) {
    if (prefix.empty() && *rest == '\0') continue;
    auto route = std::make_shared<Route>();
    route->method = "GET";
    route->pattern = prefix + rest;
    route->files = files;
    route->files_depth = static_cast<std::size_t>(std::count(prefix.begin(), prefix.end(), '/'));
    added.push_back(std::move(route));
  }
  return state_->add(std::move(added));
}

Result<RouteId> HttpServer::static_file(std::string pattern, const std::string& directory, std::string name,
                                        StaticFileOptions options) {
  std::error_code error;
  const auto root = std::filesystem::canonical(directory, error);
  if (error || !std::filesystem::is_regular_file(root / name, error))
    return make_error(ErrorCode::not_found, "folder_missing",
                      "there is no file '" + name + "' in '" + directory + "'");
  auto route = std::make_shared<Route>();
  route->method = "GET";
  route->pattern = std::move(pattern);
  route->files = std::make_shared<StaticFiles>(root.string(), std::move(options));
  route->file_name = std::move(name);
  return state_->add({std::move(route)});
}

void HttpServer::remove_route(RouteId id) {
  std::vector<std::shared_ptr<Route>> removed; // their handlers are destroyed last, outside of everything
  std::erase_if(state_->routes, [&](const auto& route) {
    if (route->id != id) return false;
    route->removed = true;
    removed.push_back(route);
    return true;
  });
  auto table = std::make_shared<HttpRouteTable>(*state_->core->routes());
  table->remove(id);
  const std::lock_guard lock(state_->core->mutex);
  state_->core->route_table = std::move(table);
}

Result<void> HttpServer::State::load_tls() {
  const auto pem = load_certificate(core->options.tls, loop.clock().wall_ms() / 1000);
  if (!pem) return pem.error();
  auto context = TlsContext::make(*pem);
  if (!context) return context.error();
  const std::lock_guard lock(core->mutex);
  core->tls_context = std::move(*context);
  return {};
}

Result<void> HttpServer::start() {
  State& state = *state_;
  const auto& listen = state.core->options.listen;
  if (std::any_of(listen.begin(), listen.end(), [](const HttpListen& l) { return l.tls; }))
    if (auto loaded = state.load_tls(); !loaded) return loaded;
  for (const HttpListen& address : listen) {
    auto listener = std::make_shared<Listener>(state.core, address.tls);
    auto opened = listener->open(address);
    if (!opened) {
      state.listeners.clear();
      state.bound.clear();
      return opened.error();
    }
    state.listeners.push_back(std::move(listener));
    state.bound.push_back(std::move(*opened));
  }
  state.work.emplace(state.core->io.get_executor());
  for (const auto& listener : state.listeners)
    listener->start();
  for (unsigned i = 0; i < std::max(1U, state.core->options.threads); ++i)
    state.threads.emplace_back([core = state.core] {
      pthread_setname_np(pthread_self(), "http");
      core->io.run();
    });
  for (const HttpBound& bound : state.bound)
    log_info("http", "listening", {{"address", bound.address}, {"port", bound.port}, {"tls", bound.tls}});
  return {};
}

std::vector<HttpBound> HttpServer::listening() const {
  return state_->bound;
}

std::uint16_t HttpServer::port(bool tls) const {
  for (const HttpBound& bound : state_->bound)
    if (bound.tls == tls) return bound.port;
  return 0;
}

Result<void> HttpServer::reload_certificate() {
  if (!state_->core->tls()) return {};
  auto loaded = state_->load_tls();
  if (loaded)
    log_info("http", "certificate loaded", {{"sha256", certificate_fingerprint()}});
  else
    log_warning("http", "certificate not reloaded; the old one stays in use",
                {{"error", loaded.error().message}});
  return loaded;
}

std::string HttpServer::certificate_fingerprint() const {
  const auto tls = state_->core->tls();
  return tls ? tls->fingerprint() : std::string();
}

void HttpServer::drain(std::int64_t deadline_us, std::function<void()> done) {
  State& state = *state_;
  if (done) state.on_drained.push_back(std::move(done));
  const bool is_first = !std::exchange(state.draining, true);
  state.drain_deadline_us = is_first ? deadline_us : std::min(state.drain_deadline_us, deadline_us);
  state.core->draining = true;
  if (is_first) {
    for (const auto& listener : state.listeners)
      listener->close();
    for (const auto& connection : state.core->connections.all())
      connection->drain();
    log_info("http", "draining", {{"connections", state.core->connections.size()}});
  }
  state.finish_drain_when_empty();
}

// Looks again every 20 ms: simpler than a count that must call back at the right moment, and drains are rare.
void HttpServer::State::finish_drain_when_empty() {
  loop.cancel(std::exchange(drain_timer, 0));
  const std::size_t open = core->connections.size();
  if (open != 0) {
    if (loop.clock().now_us() >= drain_deadline_us && !std::exchange(was_cut, true)) {
      log_warning("http", "connections cut at the end of the drain", {{"connections", open}});
      for (const auto& connection : core->connections.all())
        connection->abort();
    }
    drain_timer = loop.after(20'000, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->finish_drain_when_empty();
    });
    return;
  }
  const auto callbacks = std::exchange(on_drained, {});
  for (const auto& callback : callbacks)
    core->gate->post_surely(callback);
}

void HttpServer::State::stop() {
  loop.cancel(std::exchange(drain_timer, 0));
  core->gate->shut();
  core->draining = true;
  core->stopping = true;
  for (const auto& listener : listeners)
    listener->close();
  for (const auto& connection : core->connections.all())
    connection->abort();
  work.reset(); // the threads end when the last connection has
  for (auto& thread : threads)
    thread.join();
  const std::lock_guard lock(core->mutex);
  core->route_table = std::make_shared<HttpRouteTable>(); // handlers may hold what owns us
}

} // namespace viadux
