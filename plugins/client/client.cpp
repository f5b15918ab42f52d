// The client API v2 (/api/client/v2/...), so that today's apps join unchanged. This file declares the plugin,
// its routes, and who may ask for what; each concern has a file of its own.
#include "breakouts.hpp"
#include "calls.hpp"
#include "chat.hpp"
#include "joining.hpp"
#include "keys.hpp"
#include "page.hpp"
#include "person_controls.hpp"
#include "refusal.hpp"
#include "room_controls.hpp"
#include "watching.hpp"

#include <viadux/plugin.hpp>

namespace client {

using viadux::HttpRequest;
using viadux::HttpResponse;
using viadux::Result;
using viadux::Task;

class Client final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{.id = "client",
                                       .version = "0.1.0",
                                       .licence = "Apache-2.0",
                                       .help =
                                           "The client API v2: apps made for Pexip Infinity join unchanged.",
                                       .status = viadux::Maturity::alpha};
  static constexpr std::array<std::string_view, 6> required{"viadux.http",   "viadux.rooms",  "viadux.media",
                                                            "viadux.policy", "viadux.events", "viadux.store"};

  static constexpr std::array<std::string_view, 2> wanted{"viadux.dial", "viadux.auth"};

  using Settings = client::Settings;
  using Metrics = client::Metrics;
  Settings settings;
  Metrics metrics;

  explicit Client(viadux::Host host)
      : Plugin(host), state_{host, settings, metrics}, http_(host), watching_(state_), keys_(state_),
        joining_(state_), direct_(state_, joining_), calls_(state_, direct_), chat_(state_),
        room_controls_(state_), person_controls_(state_, joining_), breakouts_(state_, joining_),
        page_(state_) {}

  Task<Result<void>> start() override {
    calls_.add_to(actions_);
    chat_.add_to(actions_);
    room_controls_.add_to(actions_);
    person_controls_.add_to(actions_);
    breakouts_.add_to(actions_);
    page_.add_to(actions_);
    state_.on_out = [this](const Member& member) { state_.host.spawn(joining_.revoke(member)); };
    state_.on_changed = [this](Room& changed) { direct_.check(changed); };
    state_.on_presents_again = [this](MemberRef member) { calls_.present_again(std::move(member)); };
    state_.on_away = [this](Member& member) { direct_.disconnect(member); };
    joining_.on_joined = [this](Member& member, const viadux::documents::MediaAnswer& policy, bool routed) {
      direct_.grant(member, policy, routed);
    };
    state_.on_demoted = [this](const Member& member) { state_.host.spawn(joining_.demote(member)); };
    co_await keys_.load();
    if (const auto watching = watching_.start(); !watching) co_return watching.error();
    const std::string room = "/api/client/v2/conferences/{alias}";
    for (const auto& bound : {http_.route("GET", "/api/client/v2/status", *this, &Client::status),
                              http_.route("GET", room + "/events", *this, &Client::events),
                              http_.route("POST", room + "/request_token", *this, &Client::request_token),
                              http_.route("POST", room + "/refresh_token", *this, &Client::refresh_token),
                              http_.route("POST", room + "/release_token", *this, &Client::release_token),
                              http_.route("POST", room + "/{rest...}", *this, &Client::act),
                              http_.route("GET", room + "/{rest...}", *this, &Client::act)})
      if (!bound) co_return bound.error();
    if (settings.page)
      if (const auto page = page_.start(http_); !page) co_return page.error();
    host().spawn(tick());
    co_return Result<void>();
  }

  Task<Result<void>> drain(std::int64_t) override {
    draining_ = true;
    joining_.drain();
    co_return Result<void>();
  }

 private:
  // Apps ask before they call: only the status counts.
  Task<HttpResponse> status(HttpRequest) {
    co_return count(draining_ ? failed(503, words::maintenance) : done());
  }
  Task<HttpResponse> request_token(HttpRequest request) {
    co_return count(co_await joining_.request_token(std::move(request)));
  }
  Task<HttpResponse> refresh_token(HttpRequest request) {
    co_return count(co_await joining_.refresh_token(std::move(request)));
  }
  Task<HttpResponse> release_token(HttpRequest request) {
    co_return count(co_await joining_.release_token(std::move(request)));
  }
  Task<HttpResponse> act(HttpRequest request) { co_return count(co_await answer_action(std::move(request))); }

  Task<HttpResponse> answer_action(HttpRequest request) {
    Asked asked{std::move(request), {}, nullptr, {}, {}};
    asked.target = read_target(asked.request.capture("rest"));
    const Action* action = actions_.find(asked.request.method, asked.target);
    if (action == nullptr) co_return failed(404, "There is no such request");
    asked.me = co_await joining_.authenticate(asked.request);
    if (!asked.me || asked.me->gone) co_return failed(403, words::invalid_token);
    const double rate = settings.requests_per_second;
    if (!asked.me->bucket.take(state_.now_us(), rate, rate * 5)) co_return failed(403, words::too_often);
    if (const auto refused = check(*action, asked)) co_return *refused;
    co_return co_await action->handler(std::move(asked));
  }

  // Who may ask what of whom.
  std::optional<HttpResponse> check(const Action& action, Asked& asked) {
    Member& me = *asked.me;
    asked.who = asked.target.participant;
    const bool self = asked.who == me.uuid;
    const bool host = me.role == viadux::documents::Role::host;
    if (me.waiting && action.rule != Rule::waiting_too && !(self && action.rule == Rule::self))
      return failed(403, "You have not been let in yet");
    const bool allowed = action.rule == Rule::self           ? self
                         : action.rule == Rule::self_or_host ? self || host
                         : action.rule == Rule::host         ? host
                                                             : true;
    if (!allowed) return failed(403, words::invalid_role);
    if (const auto refused = find_room(asked, self)) return refused;
    if (!asked.who.empty() && state_.find_person(me, asked.room, asked.who) == nullptr)
      return failed(403, "This participant has left");
    return std::nullopt;
  }

  // Which room is meant. Guests know of none but their own.
  std::optional<HttpResponse> find_room(Asked& asked, bool self) {
    Member& me = *asked.me;
    asked.room = me.base();
    const std::string& uuid = asked.target.breakout;
    if (uuid.empty()) return std::nullopt;
    const Room* breakout = state_.find_breakout(me, uuid);
    const bool host = me.role == viadux::documents::Role::host && !me.waiting;
    if (breakout && !host && breakout->is.id != me.room) breakout = nullptr;
    if (breakout) {
      asked.room = breakout->is.id;
      return std::nullopt;
    }
    state_.tell_breakout_unknown(me, uuid);
    // What one does to oneself is done wherever one is by now.
    if (self) return std::nullopt;
    return failed(403, "There is no such break-out room");
  }

  // The headers at once, then everything there is, then what happens.
  Task<void> events(viadux::HttpExchange exchange) {
    const MemberRef me = co_await joining_.authenticate(exchange.request);
    const double rate = settings.requests_per_second;
    const bool slowed = me && !me->bucket.take(state_.now_us(), rate, rate * 5);
    if (!me || slowed) {
      (void)exchange.respond(count(me ? failed(503, words::too_often) : failed(401, words::invalid_token)));
      co_return;
    }
    HttpResponse head;
    head.header("content-type", "text/event-stream").header("cache-control", "no-store");
    head.header("x-accel-buffering", "no");
    me->feed.attach(exchange.stream(head));
    count(head);
    if (me->gone) {
      me->write_missed(state_.now_us());
      me->feed.end();
    } else {
      state_.tell_everything(*me);
    }
  }

  // A file's status is known to the host alone.
  HttpResponse count(HttpResponse response) const {
    if (response.file) return response;
    metrics.requests.add({std::to_string(response.status)});
    return response;
  }

  Task<void> tick() {
    constexpr std::int64_t second_us = 1'000'000;
    std::int64_t beat_us = state_.now_us();
    while (co_await host().sleep(second_us)) {
      joining_.tick();
      keys_.tick();
      page_.tick();
      std::size_t open = 0;
      const bool beat = state_.now_us() - beat_us >= settings.heartbeat.us;
      if (beat) beat_us = state_.now_us();
      for (const MemberRef& member : state_.members.all()) {
        if (member->feed.open()) ++open;
        // A block of its own: a client of today drops the whole block that begins with a colon.
        if (beat) member->tell(":\n\n");
      }
      metrics.streams.set(static_cast<double>(open));
    }
  }

  State state_;
  viadux::Http http_;
  Watching watching_;
  Keys keys_;
  Joining joining_;
  Direct direct_;
  Calls calls_;
  Chat chat_;
  RoomControls room_controls_;
  PersonControls person_controls_;
  Breakouts breakouts_;
  Page page_;
  Actions actions_;
  bool draining_ = false;
};

} // namespace client

VIADUX_PLUGIN(client::Client)
