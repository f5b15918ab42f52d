// The composition root: what the server is made of, in the order in which it is put together.
#include "core/cli/server.hpp"

#include "core/auth/auth.hpp"
#include "core/auth/stored_tokens.hpp"
#include "core/cli/control_socket.hpp"
#include "core/cli/life.hpp"
#include "core/cli/loading.hpp"
#include "core/cli/policy_commands.hpp"
#include "core/cli/policy_page.hpp"
#include "core/cli/room_commands.hpp"
#include "core/cli/server_looks.hpp"
#include "core/cli/server_metrics.hpp"
#include "core/cli/server_policies.hpp"
#include "core/cli/server_rooms.hpp"
#include "core/cli/server_settings.hpp"
#include "core/cli/token_commands.hpp"
#include "core/http/health.hpp"
#include "core/log/log.hpp"
#include "core/plugin/auth_interface.hpp"
#include "core/plugin/events_interface.hpp"
#include "core/plugin/http_interface.hpp"
#include "core/plugin/media_interface.hpp"
#include "core/plugin/plugin_host.hpp"
#include "core/plugin/policy_interface.hpp"
#include "core/plugin/rooms_interface.hpp"
#include "core/plugin/store_interface.hpp"
#include "core/session/track_port.hpp"
#include "core/store/sweeper.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace viadux {
namespace {

constexpr std::int64_t drain_check_us = 100'000;
constexpr std::int64_t stop_timeout_us = 5'000'000; // for what is left after the drain

std::int64_t drain_us(const Configuration& configuration) {
  return configuration.get_int("control.drain_timeout") * 1000;
}

void print_error(const Error& error) {
  std::fprintf(stderr, "viadux: %s%s%s%s%s\n", error.field.empty() ? "" : error.field.c_str(),
               error.field.empty() ? "" : ": ", error.message.c_str(), error.hint.empty() ? "" : " - ",
               error.hint.c_str());
}

class Server {
 public:
  Server(AsioLoop& loop, Metrics& metrics, Readiness& readiness, std::unique_ptr<PluginHost> plugins,
         LiveConfiguration& live, Options options, std::shared_ptr<const Organisations> organisations)
      : loop_(loop), metrics_(metrics), readiness_(readiness), live_(live), options_(std::move(options)),
        organisations_(std::move(organisations)), configuration_(live.current()),
        storage_(loop, storage_options(*configuration_)), room_rows_(storage_), tokens_(storage_),
        auth_(loop, tokens_, organisations_), bus_(loop, event_limits(*configuration_)),
        plugin_rows_(storage_), http_(http_options(*configuration_), loop, metrics),
        plugins_(std::move(plugins)) {}

  Result<void> start();
  void run();

 private:
  Result<void> start_store();
  void start_policies();
  Result<void> start_media();
  Result<void> start_http();
  // Whatever the plugins' routes will take is answered 503 until they are bound: who was here before a
  // restart and asks again shall not be told that there is nothing.
  Result<void> hold_paths();
  Result<void> start_control();
  void offer_interfaces();
  // Again when the store comes back, or the organisations' files have changed.
  void make_rooms(std::function<void()> then);
  void start_plugins();
  void say_ready();
  void reload();
  void drain();
  void wait_for_meetings(std::int64_t deadline_us);
  void stop();

  AsioLoop& loop_;
  Metrics& metrics_;
  Readiness& readiness_;
  LiveConfiguration& live_;
  const Options options_; // where configuration and overrides are read from, again at a reload
  std::shared_ptr<const Organisations> organisations_;
  std::shared_ptr<const Configuration> configuration_;

  store::Storage storage_;
  store::RoomRepository room_rows_;
  StoredTokens tokens_;
  Auth auth_;
  EventBus bus_;
  store::PluginRepository plugin_rows_;
  HttpServer http_;
  std::vector<RouteId> held_paths_;
  std::unique_ptr<store::Sweeper> sweeper_;
  std::unique_ptr<ServerPolicies> policies_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Mixer> mixer_;
  std::unique_ptr<ServerLooks> looks_;
  std::unique_ptr<Rooms> rooms_;
  std::unique_ptr<ControlSocket> control_;
  std::unique_ptr<Life> life_;
  CollectorId collector_ = 0;
  bool draining_ = false;
  // Last, so that it goes first: its interfaces lead to everything above.
  std::unique_ptr<PluginHost> plugins_;
};

Result<void> Server::start() {
  if (auto started = start_store(); !started) return started;
  start_policies();
  if (auto started = start_media(); !started) return started;
  if (auto started = start_http(); !started) return started;
  if (auto started = start_control(); !started) return started;
  offer_interfaces();
  start_plugins();
  return {};
}

Result<void> Server::start_store() {
  const std::string& url = configuration_->get_string("store.url");
  if (url.starts_with("sqlite:") && url != "sqlite::memory:") {
    std::error_code ignored; // opening the file says it better
    std::filesystem::create_directories(std::filesystem::path(url.substr(7)).parent_path(), ignored);
  }
  storage_.on_state([this](const store::StorageState& state) {
    readiness_.set("store", state.ready, state.message);
    if (state.ready && rooms_) make_rooms([] {});
  });
  auto started = storage_.start();
  if (!started && started.error().code != ErrorCode::busy) return started;
  // A PostgreSQL that is away may come back: the server starts, is not ready, and says why.
  const store::StorageState state = storage_.state();
  readiness_.set("store", state.ready, state.message);
  sweeper_ = std::make_unique<store::Sweeper>(loop_, storage_);
  auth_.start([](const Result<void>& read) {
    if (!read) log_warning("auth", "the tokens could not be read", {{"reason", read.error().reason}});
  });
  return {};
}

void Server::start_policies() {
  policies_ = std::make_unique<ServerPolicies>(loop_, metrics_, readiness_, *plugins_, *configuration_);
  policies_->load(organisations_);
}

Result<void> Server::start_media() {
  auto options = engine_options(*configuration_);
  if (!options) return options.error();
  auto engine = Engine::create(*options, loop_, metrics_);
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  auto mixer = Mixer::create(mixer_options(*configuration_), *engine_, loop_, metrics_);
  if (!mixer) return mixer.error();
  mixer_ = std::move(*mixer);
  looks_ = std::make_unique<ServerLooks>(loop_,
                                         [this](mixer::Looks looks) { mixer_->set_looks(std::move(looks)); });
  looks_->read(organisations_);
  rooms_ = std::make_unique<Rooms>(Rooms::Parts{loop_, *engine_, bus_, room_rows_,
                                                [this](const std::string& code) {
                                                  const Organisation* organisation =
                                                      organisations_->find(code);
                                                  return organisation != nullptr
                                                             ? organisation_limits(*organisation)
                                                             : OrganisationLimits{};
                                                },
                                                mixer_.get(), policies_->engine().asker()},
                                   meeting_options(*configuration_), guess_limits(*configuration_));
  engine_->start();
  collector_ = add_server_metrics(metrics_, {loop_, auth_, bus_, *rooms_, storage_});
  metrics_.set_build_info(VIADUX_VERSION, VIADUX_REVISION);
  return {};
}

Result<void> Server::start_http() {
  auto routes = add_health_routes(http_, readiness_, metrics_);
  if (!routes) return routes.error();
  if (auto page = add_policy_page(http_, auth_, policies_->engine()); !page) return page;
  readiness_.set("rooms", false, "the organisations' rooms are being made");
  readiness_.set("serving", false, "the plugins are starting"); // what they serve is not there before
  if (auto held = hold_paths(); !held) return held;
  return http_.start();
}

Result<void> Server::hold_paths() {
  const auto later = [](const HttpRequest&, HttpResponder responder) {
    HttpResponse response = problem(503, "server_starting", "the server is starting");
    response.headers.set("Retry-After", "1");
    responder.respond(std::move(response));
  };
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const auto held = http_.route(method, "/{first}/{rest...}", later, {.max_body = {}, .cors = HttpCors{}});
    if (!held) return held.error();
    held_paths_.push_back(*held);
  }
  return {};
}

Result<void> Server::start_control() {
  const std::string& path = configuration_->get_string("control.socket");
  if (path.empty()) return {};
  auto opened = ControlSocket::open(loop_, path);
  if (!opened) return opened.error();
  control_ = std::move(*opened);
  register_token_commands(*control_, auth_);
  register_room_commands(*control_, {*rooms_, room_rows_, [this] { return organisations_; }});
  register_policy_commands(*control_, *policies_, [this] { return organisations_; });
  control_->register_command("plugin.list", [this](const boost::json::object&) -> Result<boost::json::value> {
    boost::json::array list;
    for (const PluginHost::State& plugin : plugins_->plugins())
      list.push_back({{"name", plugin.id},
                      {"version", plugin.version},
                      {"path", plugin.path},
                      {"state", std::string(to_word(plugin.phase))},
                      {"required", plugin.required},
                      {"message", plugin.trouble},
                      {"offers", boost::json::value_from(plugin.offers)},
                      {"hooks", boost::json::value_from(plugin.hooks)},
                      {"lua_functions", boost::json::value_from(plugin.lua_functions)}});
    return boost::json::value(std::move(list));
  });
  return {};
}

void Server::offer_interfaces() {
  PluginServices& services = plugins_->services();
  plugins_->offer(std::make_unique<HttpInterface>(http_, services));
  plugins_->offer(std::make_unique<RoomsInterface>(
      RoomsInterface::Parts{*rooms_, auth_, [this] { return organisations_; }, policies_->engine().asker()}));
  plugins_->offer(std::make_unique<MediaInterface>(MediaInterface::Parts{
      services, *rooms_,
      [this](SessionId session, auto done) { engine_->statistics(session, std::move(done)); },
      [this](auto wake) { return engine_->open_port(std::move(wake)); }}));
  plugins_->offer(std::make_unique<EventsInterface>(bus_, services));
  plugins_->offer(std::make_unique<AuthInterface>(auth_));
  plugins_->offer(std::make_unique<PolicyInterface>(
      services, policies_->engine().asker(), [this] { return organisations_; },
      [this](const TurnServer& server, const std::string& url) {
        return policies_->turn().alive(server, url);
      }));
  plugins_->offer(std::make_unique<StoreInterface>(plugin_rows_, loop_.clock()));
}

void Server::make_rooms(std::function<void()> then) {
  make_defined_rooms(*organisations_, *rooms_, [this, then = std::move(then)](std::size_t failed) {
    const std::string trouble =
        std::to_string(failed) + " rooms of the organisations could not be made; see the log";
    readiness_.set("rooms", failed == 0, failed == 0 ? "" : trouble);
    then();
  });
}

void Server::start_plugins() {
  make_rooms([this] { plugins_->start(configuration_, [this] { say_ready(); }); });
}

void Server::say_ready() {
  if (!draining_) readiness_.set("serving", true);
  for (const RouteId held : held_paths_)
    http_.remove_route(held);
  held_paths_.clear();
  if (life_) life_->ready("serving");
  for (const HttpBound& bound : http_.listening())
    log_info("server", "listening", {{"address", bound.address}, {"port", bound.port}, {"tls", bound.tls}});
  log_info("server", "ready", {{"media_port", engine_->port(0)}, {"plugins", plugins_->plugins().size()}});
  // For whoever typed `make run`: the one thing to do next. A log file has no use for it.
  if (isatty(STDOUT_FILENO) == 0) return;
  if (const auto port = http_.port(); port != 0)
    std::printf("\n  Open http://localhost:%u/ in two tabs\n", port);
  if (const auto port = http_.port(true); port != 0)
    std::printf("  From another device: https://<this machine>:%u/ (self-made certificate)\n\n", port);
  std::fflush(stdout);
}

void Server::run() {
  LifeCallbacks callbacks;
  callbacks.reload = [this] { reload(); };
  callbacks.drain = [this] { drain(); };
  callbacks.stop_now = [this] { loop_.stop(); };
  life_ = std::make_unique<Life>(loop_, std::move(callbacks));
  loop_.run();
  // Plugins have stopped, or had their time; from here on nothing of them is called.
  metrics_.remove_collector(collector_);
  plugins_.reset();
  control_.reset();
  rooms_.reset();
  looks_.reset();
  mixer_.reset();
  engine_.reset();
  policies_.reset();
  life_.reset();
  // Only the end is left, and it is as asked: a second SIGTERM must not turn it into a death by signal.
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  storage_.stop();
}

void Server::reload() {
  life_->reloading();
  // All or nothing: what is on disk is read whole before anything of it is taken.
  const Loaded read = load_all(live_.schema(), options_);
  ReloadResult result;
  if (read.mistakes.empty()) {
    result = live_.reload();
  } else {
    result.mistakes = read.mistakes;
  }
  if (!result.mistakes.empty()) {
    print_mistakes(result.mistakes);
    log_error("server", "reload refused: nothing has changed", {{"mistakes", result.mistakes.size()}});
    life_->ready("serving; the last reload was refused");
    return;
  }
  configuration_ = live_.current();
  organisations_ = read.organisations;
  auth_.set_organisations(organisations_);
  follow_log_level(*configuration_);
  make_rooms([] {});
  policies_->reload(organisations_);
  looks_->read(organisations_);
  if (auto certificate = http_.reload_certificate(); !certificate)
    log_error("server", "the certificate could not be read: the old one stays in use",
              {{"message", certificate.error().message}});
  plugins_->reload(*configuration_, result.changed);
  log_info("server", "reloaded", {{"changed_keys", result.changed.size()}});
  life_->ready("serving");
}

void Server::drain() {
  if (draining_) return;
  draining_ = true;
  life_->stopping("finishing what runs");
  const std::int64_t deadline = loop_.clock().now_us() + drain_us(*configuration_);
  log_info("server", "stopping: new work is refused, what runs may finish",
           {{"participants", rooms_->participants()},
            {"for_ms", configuration_->get_int("control.drain_timeout")}});
  readiness_.set("serving", false, "the server is stopping");
  plugins_->drain(deadline, [this, deadline] { wait_for_meetings(deadline); });
}

// Those who meet may finish; nobody new comes, since the plugins have drained.
void Server::wait_for_meetings(std::int64_t deadline_us) {
  if (rooms_->participants() > 0 && loop_.clock().now_us() < deadline_us) {
    loop_.after(drain_check_us, [this, deadline_us] { wait_for_meetings(deadline_us); });
    return;
  }
  rooms_->end_all();
  http_.drain(loop_.clock().now_us() + stop_timeout_us, [this] { stop(); });
}

void Server::stop() {
  plugins_->stop([this] {
    engine_->stop();
    log_info("server", "stopped");
    loop_.stop();
  });
}

// Ours, whether loaded or not: their sections in a configuration are no mistake.
constexpr const char* shipped_plugins[] = {"client", "whip", "sip"};

// Declares what the loaded plugins declare; sections of those that are known but not loaded are let through.
void declare_plugins(ConfigSchema& schema, PluginHost& plugins, const Configuration& first) {
  plugins.load(plugin_folder(first));
  plugins.declare(schema);
  for (const std::string& name : first.get_list("plugins.disabled"))
    schema.tolerate(name);
  for (const PluginHost::State& plugin : plugins.plugins())
    if (plugin.phase == PluginPhase::failed) schema.tolerate(plugin.id);
  for (const char* name : shipped_plugins)
    if (schema.section(name) == nullptr) schema.tolerate(name);
}

} // namespace

Result<ConfigSchema> server_schema(const Options& options) {
  ConfigSchema schema = core_schema();
  ConfigSource source = source_of(options);
  source.unknown_sections_pass = true;
  const ConfigLoad first = load_configuration(schema, source);
  if (!first.configuration) return schema; // the full load tells what is wrong
  AsioLoop loop;                           // never run: the plugins are only asked what they declare
  Metrics metrics;
  Readiness readiness;
  PluginHost plugins(loop, metrics, readiness, plugin_options(*first.configuration));
  declare_plugins(schema, plugins, *first.configuration);
  return schema;
}

int run_server(const Options& options) {
  AsioLoop loop;
  Metrics metrics;
  Readiness readiness;

  // A first look at the file: where the plugins are, which declare the rest of the keys.
  ConfigSchema schema = core_schema();
  ConfigSource source = source_of(options);
  source.unknown_sections_pass = true;
  const ConfigLoad first = load_configuration(schema, source);
  print_mistakes(first.mistakes);
  if (!first.configuration) return 1;
  start_log(*first.configuration);

  auto plugins = std::make_unique<PluginHost>(loop, metrics, readiness, plugin_options(*first.configuration));
  declare_plugins(schema, *plugins, *first.configuration);
  const Loaded loaded = load_all(schema, options);
  print_mistakes(loaded.mistakes);
  if (!loaded.configuration) {
    log_stop();
    return 1;
  }

  LiveConfiguration live(schema, source_of(options), loaded.configuration);
  Server server(loop, metrics, readiness, std::move(plugins), live, options, loaded.organisations);
  if (const auto started = server.start(); !started) {
    log_error("server", "could not start", {{"message", started.error().message}});
    print_error(started.error());
    log_stop();
    return 1;
  }
  server.run();
  log_stop();
  return 0;
}

} // namespace viadux
