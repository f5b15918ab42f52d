// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): publish into a room, play what its director shows, by one
// HTTP request each. The example of a signalling plugin: it turns a protocol into calls of viadux.rooms and
// viadux.media.
#include "refusal.hpp"
#include "resource.hpp"

#include <algorithm>
#include <viadux/documents/events.hpp>
#include <viadux/documents/media.hpp>
#include <viadux/documents/participant.hpp>
#include <viadux/documents/policy_hooks.hpp>
#include <viadux/events.hpp>
#include <viadux/plugin.hpp>
#include <viadux/policy.hpp>

namespace whip {

namespace documents = viadux::documents;
using viadux::HttpRequest;
using viadux::HttpResponse;
using viadux::Result;
using viadux::Task;

constexpr std::string_view sdp_type = "application/sdp";
constexpr std::string_view fragment_type = "application/trickle-ice-sdpfrag";
constexpr std::string_view token_prefix = "vdx_";

// Media types are compared without regard to case, and may have parameters (RFC 9110 section 8.3.1).
bool is_type(const HttpRequest& request, std::string_view wanted) {
  std::string_view type = request.header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' '))
    type.remove_suffix(1);
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(type, wanted, {}, lower);
}

class Whip final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{.id = "whip",
                                       .version = "0.1.0",
                                       .licence = "Apache-2.0",
                                       .help = "WHIP and WHEP: publish into a room and play it, over HTTP.",
                                       .status = viadux::Maturity::beta};
  static constexpr std::array<std::string_view, 3> required{"viadux.http", "viadux.rooms", "viadux.media"};

  struct Settings {
    bool page = true;
    bool require_token = false;
    std::int64_t max_send_bps = 0;
    std::int64_t max_receive_bps = 0;
    static constexpr auto fields() {
      return viadux::key_table(
          viadux::key("page", &Settings::page, "Serve the small page at /publish/ that publishes and plays."),
          viadux::key("require_token", &Settings::require_token,
                      "Publishers need a bearer token; without it the room's PIN decides.")
              .live(),
          viadux::key("max_send_bps", &Settings::max_send_bps,
                      "What a player is sent at most; 0 is media.max_send_bps.")
              .range(0, 1'000'000'000)
              .unit("bit/s")
              .live(),
          viadux::key("max_receive_bps", &Settings::max_receive_bps,
                      "What a publisher may send; 0 is media.max_receive_bps.")
              .range(0, 1'000'000'000)
              .unit("bit/s")
              .live());
    }
  };
  struct Metrics {
    viadux::Counter requests;
    viadux::Gauge resources;
    static constexpr auto fields() {
      return viadux::metric_table(
          viadux::metric("requests_total", &Metrics::requests,
                         "WHIP and WHEP requests by kind and HTTP status.")
              .labels("kind", "request", "status"),
          viadux::metric("resources", &Metrics::resources, "Publishers and players connected."));
    }
  };

  explicit Whip(viadux::Host host) : Plugin(host), http_(host), events_(host) {}

  Settings settings;
  Metrics metrics;

  Task<Result<void>> start() override {
    const auto bind = [this](std::string_view method, const std::string& pattern, Kind kind,
                             Task<HttpResponse> (Whip::*handler)(HttpRequest, Kind)) {
      return http_.route(method, pattern, [this, kind, handler](viadux::HttpExchange exchange) {
        return serve(std::move(exchange), kind, handler);
      });
    };
    for (const Kind kind : {Kind::publisher, Kind::player}) {
      const std::string base = kind == Kind::publisher ? "/whip/{alias}" : "/whep/{alias}";
      for (const auto& bound :
           {bind("POST", base, kind, &Whip::create), bind("PATCH", base + "/{id}", kind, &Whip::patch),
            bind("DELETE", base + "/{id}", kind, &Whip::remove),
            bind("OPTIONS", base, kind, &Whip::describe_endpoint),
            bind("OPTIONS", base + "/{id}", kind, &Whip::describe_resource),
            // The page's folder would answer these, by "not found".
            bind("GET", base, kind, &Whip::refuse_endpoint),
            bind("GET", base + "/{id}", kind, &Whip::refuse_resource)})
        if (!bound) co_return bound.error();
    }
    if (settings.page) {
      if (const auto page = http_.files("/publish"); !page) co_return page.error();
    }
    const auto subscribed = events_.subscribe("", [this](std::string_view event) { on_event(event); });
    if (!subscribed) co_return subscribed.error();
    co_return Result<void>();
  }

  // Running sessions end by themselves, or with the server; nobody new comes.
  Task<Result<void>> drain(std::int64_t) override {
    draining_ = true;
    co_return Result<void>();
  }

 private:
  Task<void> serve(viadux::HttpExchange exchange, Kind kind,
                   Task<HttpResponse> (Whip::*handler)(HttpRequest, Kind)) {
    const std::string method = exchange.request.method;
    const HttpResponse response = co_await (this->*handler)(exchange.request, kind);
    metrics.requests.add(
        {kind == Kind::publisher ? "whip" : "whep", method, std::to_string(response.status)});
    metrics.resources.set(static_cast<double>(resources_.size()));
    (void)exchange.respond(
        response); // gone: the client has left; its participant leaves by itself without media
  }

  // POST /whip/<alias>: an offer becomes a participant with a session.
  Task<HttpResponse> create(HttpRequest request, Kind kind) {
    if (!is_type(request, sdp_type))
      co_return refusal(415, "content_type", "the body must be an SDP offer: Content-Type: application/sdp");
    if (draining_)
      co_return refusal(viadux::make_error(viadux::ErrorCode::busy, "server_stopping",
                                           "this server is stopping", {}, "try again in a moment"));
    const std::string_view bearer = request.bearer();
    if (settings.require_token && kind == Kind::publisher && !bearer.starts_with(token_prefix))
      co_return refusal(viadux::make_error(viadux::ErrorCode::refused, "token_missing",
                                           "publishing here needs a token: Authorization: Bearer vdx_..."));

    documents::Admit admit;
    admit.to.address = std::string(request.capture("alias"));
    admit.to.http_host = request.host;
    admit.source_address = request.peer;
    admit.kind = documents::ParticipantKind::person;
    admit.leaves_with_session = true;
    // A WHIP client has one field for a secret: it may hold a token of ours, or the room's PIN.
    if (bearer.starts_with(token_prefix)) {
      admit.token = std::string(bearer);
    } else if (!bearer.empty()) {
      admit.pin = std::string(bearer);
    }
    const bool publishes = kind == Kind::publisher;
    admit.rights = {publishes, publishes, publishes, !publishes, !publishes, !publishes};
    const auto admitted = co_await host().call<documents::Admitted>("viadux.rooms", "admit", admit);
    if (!admitted) co_return refusal(admitted.error());

    documents::OpenSession open;
    open.participant = admitted->participant;
    open.offer = request.body;
    // RFC 9725 section 4.4.3: nobody is to believe that he publishes what was refused in the answer. A player
    // takes what it can get.
    open.whole_offer = publishes;
    open.max_send_bps = settings.max_send_bps;
    open.max_receive_bps = settings.max_receive_bps;
    const documents::MediaRules rules = co_await media_rules(*admitted, request);
    viadux::apply(rules.answer, open);
    if (const auto except = request.parameter("except")) {
      const auto handle = viadux::read_handle(*except);
      if (!handle) {
        co_await leave(admitted->participant);
        co_return refusal(400, "except_malformed",
                          "except= must name a participant, as in the header Viadux-Participant");
      }
      open.except = *handle;
    }
    if (const auto audio = request.parameter("audio"); audio && *audio == "auto")
      open.audio = documents::AudioMode::automatic;
    if (const auto video = request.parameter("video"); video && *video == "auto")
      open.video = documents::VideoMode::automatic;
    if (const auto layout = request.parameter("layout")) open.layout = *layout;
    if (const auto stills = request.parameter("stills")) open.stills = *stills == "1" || *stills == "true";
    const auto answer = co_await host().call<documents::SessionAnswer>("viadux.media", "open", open);
    if (!answer) {
      co_await leave(admitted->participant);
      co_return refusal(answer.error());
    }

    Resource resource;
    resource.kind = kind;
    resource.alias = std::string(request.capture("alias"));
    resource.participant = admitted->participant;
    resource.session = answer->session;
    resource.offer = std::move(request.body);
    resource.etag = etag_of(answer->ice_ufrag);
    HttpResponse response = HttpResponse::of(201, sdp_type, answer->answer);
    response.header("etag", resource.etag);
    response.header("viadux-participant", viadux::write_handle(admitted->participant));
    response.header("accept-patch", fragment_type);
    for (const documents::IceServer& server : rules.ice_servers)
      for (const std::string& url : server.urls)
        response.header("link", ice_link(url, server));
    response.header("location", request.path + "/" + resources_.add(std::move(resource)));
    co_return response;
  }

  // What the organisation's policy says of this participant's media.
  Task<documents::MediaRules> media_rules(documents::Admitted admitted, HttpRequest request) {
    documents::MediaQuestion question;
    question.organisation = admitted.organisation;
    question.room = admitted.alias;
    // "ward@north.example": the domain that was dialled, not the one that was asked.
    const std::string_view address = request.capture("alias");
    const std::size_t at = address.rfind('@');
    question.domain = at == std::string_view::npos ? request.host : std::string(address.substr(at + 1));
    question.protocol = "whip";
    question.role = admitted.role == documents::Role::host ? "host" : "guest";
    question.source_address = request.peer;
    co_return co_await viadux::ask_media(host(), std::move(question));
  }
  // RFC 9725 section 4.6. The URLs are of the organisation's file, and hold neither " nor >.
  static std::string ice_link(const std::string& url, const documents::IceServer& server) {
    return "<" + url + ">; rel=\"ice-server\"; username=\"" + server.username + "\"; credential=\"" +
           server.credential + "\"; credential-type=\"password\"";
  }

  // PATCH: trickled candidates, or an ICE restart (RFC 9725 sections 4.3.2 and 4.3.3).
  Task<HttpResponse> patch(HttpRequest request, Kind kind) {
    Resource* resource = resources_.find(request.capture("id"), kind);
    if (resource == nullptr) co_return refusal(404, "session_gone", "there is no such session any more");
    if (!is_type(request, fragment_type))
      co_return refusal(415, "content_type", "PATCH takes Content-Type: application/trickle-ice-sdpfrag");
    const std::string_view match = request.header("if-match");
    if (match.empty())
      co_return refusal(428, "if_match_missing",
                        "PATCH needs If-Match with the session's ETag, or * for an ICE restart");
    if (match == "*") co_return co_await restart(std::string(request.capture("id")), kind, request.body);
    if (match != resource->etag)
      co_return refusal(412, "if_match", "the ETag is of another ICE generation of this session");

    documents::AddCandidates add;
    add.session = resource->session;
    add.fragment = std::move(request.body);
    const auto added = co_await host().call<viadux::Nothing>("viadux.media", "candidates", add);
    if (!added) co_return refusal(added.error());
    co_return HttpResponse::empty(204);
  }

  Task<HttpResponse> restart(std::string id, Kind kind, std::string fragment) {
    const std::string ufrag = sdp_attribute(fragment, "ice-ufrag"), pwd = sdp_attribute(fragment, "ice-pwd");
    if (ufrag.empty() || pwd.empty())
      co_return refusal(400, "ice_credentials_missing", "an ICE restart needs a=ice-ufrag and a=ice-pwd");
    documents::UpdateSession update;
    Resource* resource = resources_.find(id, kind);
    update.session = resource->session;
    update.offer = with_credentials(resource->offer, ufrag, pwd);
    const auto answer = co_await host().call<documents::SessionAnswer>("viadux.media", "update", update);
    if (!answer) co_return refusal(answer.error());
    resource = resources_.find(id, kind); // it may have gone meanwhile
    if (resource == nullptr) co_return refusal(404, "session_gone", "there is no such session any more");
    resource->offer = std::move(update.offer);
    resource->etag = etag_of(answer->ice_ufrag);
    HttpResponse response = HttpResponse::of(200, fragment_type, fragment_of(answer->answer));
    response.header("etag", resource->etag);
    co_return response;
  }

  Task<HttpResponse> remove(HttpRequest request, Kind kind) {
    const Resource* resource = resources_.find(request.capture("id"), kind);
    if (resource == nullptr) co_return refusal(404, "session_gone", "there is no such session any more");
    const viadux::Handle participant = resource->participant;
    resources_.remove(std::string(request.capture("id")));
    co_await leave(participant);
    co_return HttpResponse::empty(200);
  }

  // RFC 9725 section 4.2. Preflights of pages (CORS) never come here: the server answers them.
  Task<HttpResponse> describe_endpoint(HttpRequest, Kind) {
    HttpResponse response = HttpResponse::empty(204);
    response.header("allow", "POST, OPTIONS").header("accept-post", sdp_type);
    co_return response;
  }
  Task<HttpResponse> describe_resource(HttpRequest, Kind) {
    HttpResponse response = HttpResponse::empty(204);
    response.header("allow", "PATCH, DELETE, OPTIONS").header("accept-patch", fragment_type);
    co_return response;
  }

  // RFC 9725 sections 4.1 and 4.2: nothing is to be read here.
  Task<HttpResponse> refuse_endpoint(HttpRequest, Kind) {
    HttpResponse response = refusal(405, "method", "an offer is POSTed here: Content-Type: application/sdp");
    response.header("allow", "POST, OPTIONS").header("accept-post", sdp_type);
    co_return response;
  }
  Task<HttpResponse> refuse_resource(HttpRequest, Kind) {
    HttpResponse response = refusal(405, "method", "a session takes PATCH and DELETE");
    response.header("allow", "PATCH, DELETE, OPTIONS");
    co_return response;
  }

  Task<void> leave(viadux::Handle participant) {
    documents::ParticipantRef who;
    who.participant = participant;
    (void)co_await host().call<viadux::Nothing>("viadux.rooms", "leave", who); // gone: it has left already
  }

  void on_event(std::string_view text) {
    const auto event = viadux::read_document<documents::Event>(text);
    if (!event || event->type != "participant_left") return;
    documents::Participant participant;
    if (viadux::from_json(event->data, participant)) resources_.remove_of(participant.id);
    metrics.resources.set(static_cast<double>(resources_.size()));
  }

  viadux::Http http_;
  viadux::Events events_;
  Resources resources_;
  bool draining_ = false;
};

} // namespace whip

VIADUX_PLUGIN(whip::Whip)
