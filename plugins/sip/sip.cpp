// SIP: room systems and telephones dial a room, sip:<alias>@<domain>. The stack tells what the network wants;
// here it becomes calls of viadux.rooms and viadux.media, and what happens there becomes SIP again.
#include "stack.hpp"
#include "target.hpp"

#include <unordered_map>
#include <viadux/documents/events.hpp>
#include <viadux/documents/media.hpp>
#include <viadux/documents/participant.hpp>
#include <viadux/events.hpp>
#include <viadux/plugin.hpp>
#include <viadux/policy.hpp>

namespace sip {

namespace documents = viadux::documents;
using viadux::ErrorCode;
using viadux::Handle;
using viadux::Result;
using viadux::Task;

struct Call {
  bool answered = false;
  bool we_offered = false; // and wait for the answer, in the ACK
  Handle participant, session;
  std::string description; // ours, as sent last
};

class Sip final : public viadux::Plugin, private StackEvents {
 public:
  static constexpr viadux::About about{.id = "sip",
                                       .version = "0.1.0",
                                       .licence = "Apache-2.0",
                                       .help = "SIP: room systems and telephones dial a room.",
                                       .status = viadux::Maturity::alpha};
  static constexpr std::array<std::string_view, 2> required{"viadux.rooms", "viadux.media"};

  struct Settings {
    std::int64_t port = 5060;
    std::string address;
    documents::MediaEncryption encryption = documents::MediaEncryption::best_effort;
    std::int64_t max_calls = 1000;
    double requests_per_second = 50;
    static constexpr auto fields() {
      return viadux::key_table(
          viadux::key("port", &Settings::port, "Where calls come in, UDP and TCP. 0: no SIP.")
              .range(0, 65'535),
          viadux::key("address", &Settings::address, "IP address to listen on. Empty is all that are up."),
          viadux::key("encryption", &Settings::encryption,
                      "Of sound and picture: off, best_effort (where the unit has keys) or required.")
              .live(),
          viadux::key("max_calls", &Settings::max_calls, "Calls at a time.").range(1, 100'000),
          viadux::key("requests_per_second", &Settings::requests_per_second,
                      "Of one address, beside a burst of ten times that: a proxy is one address.")
              .range(1, 10'000));
    }
  };
  struct Metrics {
    viadux::Counter calls, refused, turned_away;
    viadux::Gauge running;
    static constexpr auto fields() {
      return viadux::metric_table(
          viadux::metric("calls_total", &Metrics::calls, "Calls that came, by how they ended at first.")
              .labels("outcome"),
          viadux::metric("refused_total", &Metrics::refused, "Calls that were refused, by SIP status.")
              .labels("status"),
          viadux::metric("turned_away_total", &Metrics::turned_away,
                         "Requests answered 503 unseen: too many of one address (rate), too many calls "
                         "(calls), or the server does not keep up (queue).")
              .labels("why"),
          viadux::metric("calls", &Metrics::running, "Calls that run, or are about to."));
    }
  };

  explicit Sip(viadux::Host host)
      : Plugin(host), events_(host),
        stack_([host](std::function<void()> work) { return bool(host.post(std::move(work))); }, *this) {}

  Settings settings;
  Metrics metrics;

  Task<Result<void>> start() override {
    if (settings.port == 0) co_return Result<void>();
    const auto subscribed = events_.subscribe("", [this](std::string_view event) { on_event(event); });
    if (!subscribed) co_return subscribed.error();
    StackOptions options;
    options.address = settings.address;
    options.port = static_cast<std::uint16_t>(settings.port);
    options.most_calls = static_cast<std::size_t>(settings.max_calls);
    options.requests_per_second = settings.requests_per_second;
    stack_.start(options, [this](bool ok) { listening_ = ok; });
    while (!listening_)
      if (!co_await host().sleep(5'000)) break;
    if (listening_.value_or(false)) co_return Result<void>();
    co_return viadux::make_error(
        ErrorCode::unsupported, "port_taken",
        "cannot listen on " + (settings.address.empty() ? std::string("all addresses") : settings.address) +
            ", port " + std::to_string(settings.port) + " (UDP and TCP)",
        "sip.port", "end what listens there, give sip.port another port, or 0 for no SIP");
  }

  // Running calls end by themselves, or with their meetings; nobody new comes.
  Task<Result<void>> drain(std::int64_t) override {
    draining_ = true;
    co_return Result<void>();
  }

  Task<Result<void>> stop() override {
    stack_.stop();
    while (!stack_.ended())
      if (!co_await host().sleep(10'000)) break;
    co_return Result<void>();
  }

 private:
  void on_invite(Invitation invitation) override { host().spawn(take(std::move(invitation))); }
  void on_reinvite(CallId call, std::string offer) override { host().spawn(renew(call, std::move(offer))); }
  void on_answer(CallId call, std::string answer) override { host().spawn(accept(call, std::move(answer))); }
  void on_turned_away(std::string_view why) override { metrics.turned_away.add({why}); }

  void on_ended(CallId id) override {
    const auto call = calls_.find(id);
    if (call == calls_.end()) return; // we ended it
    if (!call->second.answered) metrics.calls.add({"cancelled"});
    const Handle participant = call->second.participant;
    forget(id);
    if (participant) host().spawn(leave(participant));
  }

  Task<void> take(Invitation invitation) {
    const CallId id = invitation.call;
    calls_.emplace(id, Call{});
    metrics.running.set(static_cast<double>(calls_.size()));
    const auto taken = co_await let_in(std::move(invitation));
    if (!taken) refuse(id, taken.error());
  }

  Task<Result<void>> let_in(Invitation invitation) {
    const CallId id = invitation.call;
    if (draining_)
      co_return viadux::make_error(ErrorCode::busy, "server_stopping", "The server is about to stop.");
    const auto admitted = co_await admit(invitation);
    if (!admitted) co_return admitted.error();
    Call* call = find(id);
    if (!call) co_return co_await let_go(admitted->participant); // cancelled meanwhile
    call->participant = admitted->participant;
    stack_.ring(id);

    documents::OpenSession open = session_for(admitted->participant, invitation.offer);
    documents::MediaQuestion question;
    question.organisation = admitted->organisation;
    question.room = admitted->alias;
    question.domain = as_utf8(invitation.host);
    question.protocol = "sip";
    question.role = admitted->role == documents::Role::host ? "host" : "guest";
    question.source_address = invitation.source;
    const documents::MediaRules rules = co_await viadux::ask_media(host(), std::move(question));
    viadux::apply(rules.answer, open);
    const auto opened = co_await host().call<documents::SessionAnswer>("viadux.media", "open", open);
    call = find(id);
    if (!call || !opened) {
      if (call) call->participant = Handle(); // its leaving is no event for this call
      co_await leave(admitted->participant);
      if (!call) co_return Result<void>();
      co_return opened.error();
    }
    call->session = opened->session;
    call->description = opened->answer;
    call->we_offered = invitation.offer.empty();
    call->answered = true;
    metrics.calls.add({"answered"});
    stack_.answer(id, opened->answer);
    co_return Result<void>();
  }

  // A room system has one line for sound and one for the picture, and must not be left without either.
  documents::OpenSession session_for(Handle participant, const std::string& offer) const {
    documents::OpenSession open;
    open.participant = participant;
    open.profile = documents::SdpProfile::sip;
    open.offer = as_utf8(offer);
    if (offer.empty())
      open.lines = {{documents::MediaKind::audio, documents::MediaContent::main},
                    {documents::MediaKind::video, documents::MediaContent::main}};
    open.encryption = settings.encryption;
    open.audio = documents::AudioMode::automatic;
    open.video = documents::VideoMode::automatic;
    open.stills = true;
    return open;
  }

  Task<Result<documents::Admitted>> admit(const Invitation& invitation) {
    const Target target = read_target(invitation.user, invitation.host);
    documents::Admit admit;
    admit.to.address = target.whole;
    if (!target.pin.empty() && !co_await is_room(target.whole)) {
      admit.to.address = target.address;
      admit.pin = target.pin;
    }
    admit.source_address = invitation.source;
    admit.display_name = display_name(invitation.display, invitation.from);
    admit.kind = documents::ParticipantKind::room_system;
    admit.leaves_with_session = true;
    co_return co_await host().call<documents::Admitted>("viadux.rooms", "admit", admit);
  }
  Task<bool> is_room(std::string address) {
    documents::RoomRef room;
    room.to.address = std::move(address);
    const auto found = co_await host().call<documents::Room>("viadux.rooms", "find", room);
    co_return found.has_value();
  }

  // A new offer in a running call: hold, a picture more or less, or the session timer alone.
  Task<void> renew(CallId id, std::string offer) {
    Call* call = find(id);
    if (!call || !call->session) co_return;
    if (offer.empty()) { // it wants an offer: what was agreed on, again
      call->we_offered = true;
      stack_.answer(id, call->description);
      co_return;
    }
    const auto answer = co_await update(call->session, std::move(offer));
    call = find(id);
    if (!call) co_return;
    if (!answer) {
      stack_.refuse(id, refusal(answer.error()));
      co_return;
    }
    call->description = answer->answer;
    stack_.answer(id, answer->answer);
  }

  Task<Result<documents::SessionAnswer>> update(Handle session, std::string offer) {
    documents::UpdateSession update;
    update.session = session;
    update.offer = as_utf8(offer);
    co_return co_await host().call<documents::SessionAnswer>("viadux.media", "update", update);
  }

  // The ACK of a call in which the offer was ours.
  Task<void> accept(CallId id, std::string answer) {
    Call* call = find(id);
    if (!call || !call->we_offered) co_return;
    call->we_offered = false;
    documents::AcceptAnswer accept;
    accept.session = call->session;
    accept.answer = as_utf8(answer);
    auto accepted = co_await host().call<documents::SessionAnswer>("viadux.media", "accept", accept);
    // The session runs already: the offer was in a re-INVITE. Our side of it stays as it was offered, so
    // that theirs can be taken like an offer of theirs, and our answer is what they have.
    if (!accepted && accepted.error().reason == "no_offer")
      accepted = co_await update(accept.session, std::move(answer));
    if (!accepted && find(id)) hang_up(id, "session_gone");
  }

  void on_event(std::string_view text) {
    const auto event = viadux::read_document<documents::Event>(text);
    if (!event || event->type != "participant_left") return;
    documents::Participant who;
    if (!viadux::from_json(event->data, who) || who.reason == "moved") return;
    for (const auto& [id, call] : calls_)
      if (call.participant == who.id) return hang_up(id, who.reason.value_or(""));
  }

  void hang_up(CallId id, std::string_view reason) {
    const Call* call = find(id);
    const Handle participant = call->participant;
    if (!call->answered)
      return refuse(id, viadux::make_error(ErrorCode::gone, std::string(reason), "The meeting has ended."));
    stack_.bye(id, goodbye(reason));
    forget(id);
    host().spawn(leave(participant)); // where it was the media that failed
  }

  void refuse(CallId id, const viadux::Error& error) {
    if (!find(id)) return;
    const Refusal why = refusal(error);
    metrics.calls.add({"refused"});
    metrics.refused.add({std::to_string(why.status)});
    stack_.refuse(id, why);
    forget(id);
  }

  Task<Result<void>> let_go(Handle participant) {
    co_await leave(participant);
    co_return Result<void>();
  }
  Task<void> leave(Handle participant) {
    documents::ParticipantRef who;
    who.participant = participant;
    (void)co_await host().call<viadux::Nothing>("viadux.rooms", "leave", who); // gone: it has left already
  }

  Call* find(CallId id) {
    const auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : &found->second;
  }
  void forget(CallId id) {
    calls_.erase(id);
    metrics.running.set(static_cast<double>(calls_.size()));
  }

  viadux::Events events_;
  std::unordered_map<CallId, Call> calls_;
  std::optional<bool> listening_; // none: not known yet
  bool draining_ = false;
  Stack stack_; // the last member: its thread ends before what its events need
};

} // namespace sip

VIADUX_PLUGIN(sip::Sip)
