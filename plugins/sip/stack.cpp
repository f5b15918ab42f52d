#include "stack.hpp"

#include "rate_limit.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <deque>
#include <thread>
#include <unordered_map>

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport_tag.h>

namespace sip {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* sdp_type = "application/sdp";
constexpr const char* methods = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO";
constexpr unsigned largest_message = 65'535;
constexpr auto stop_patience = std::chrono::seconds(1);
constexpr double burst_seconds = 10; // of its rate, that an address may use at once

// Sofia's log has names and addresses of people.
void discard(void*, const char*, va_list) {}

struct Source {
  std::string text;
  std::array<std::uint8_t, 8> network{};
  std::size_t size = 0; // bytes of `network` that count
};

Source source_of(msg_t* message) {
  Source source;
  const su_sockaddr_t* from = message ? msg_addr(message) : nullptr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (from && from->su_family == AF_INET) {
    inet_ntop(AF_INET, &from->su_sin.sin_addr, text.data(), text.size());
    std::memcpy(source.network.data(), &from->su_sin.sin_addr, source.size = 4);
  } else if (from && from->su_family == AF_INET6) {
    const in6_addr& address = from->su_sin6.sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&address); // an IPv4 peer on a socket for both
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&address) + (mapped ? 12 : 0);
    inet_ntop(mapped ? AF_INET : AF_INET6, bytes, text.data(), text.size());
    std::memcpy(source.network.data(), bytes, source.size = mapped ? 4 : 8);
  }
  source.text = text.data();
  return source;
}

std::string text_of(const char* text) {
  return text ? text : "";
}

// False: there is a body, and it is no SDP.
bool read_sdp(const sip_t* message, std::string& sdp) {
  if (!message || !message->sip_payload || message->sip_payload->pl_len == 0) return true;
  const sip_content_type_t* type = message->sip_content_type;
  if (!type || !su_casematch(type->c_type, sdp_type)) return false;
  sdp.assign(message->sip_payload->pl_data, message->sip_payload->pl_len);
  return true;
}

} // namespace

struct Stack::Inside {
  Post post;
  StackEvents& events;
  StackOptions options;
  std::function<void(bool)> listening;
  std::thread thread;
  bool closed = false; // [control] stop() was called: nothing may look at `root` any more
  std::atomic<bool> stop_asked{false}, ended{true};
  std::atomic<su_root_t*> root{nullptr};

  // [sip thread] from here on
  nua_t* nua = nullptr;
  std::unordered_map<CallId, nua_handle_t*> calls;
  std::unique_ptr<RateLimit> limit;
  std::deque<std::function<void()>> unsent; // what must not be lost, while post has no room
  CallId last_call = 0;
  bool stopping = false, shut_down = false;
  Clock::time_point give_up;

  Inside(Post post_, StackEvents& events_) : post(std::move(post_)), events(events_) {}

  using Command = std::function<void(Inside&)>;
  struct Boxed {
    Inside* self;
    Command command;
  };
  // [control]
  void run(Command command) {
    if (!root || closed) return;
    su_msg_r message = SU_MSG_R_INIT;
    if (su_msg_create(message, su_root_task(root), su_task_null, &on_command, sizeof(Boxed*)) != 0) return;
    auto boxed = std::make_unique<Boxed>(Boxed{this, std::move(command)});
    *static_cast<Boxed**>(su_msg_data(message)) = boxed.get();
    if (su_msg_send(message) == 0) (void)boxed.release(); // on_command has it now
  }
  static void on_command(su_root_magic_t* /*root*/, su_msg_r /*message*/, su_msg_arg_t* arg) {
    const std::unique_ptr<Boxed> boxed(*static_cast<Boxed**>(arg));
    boxed->command(*boxed->self);
  }

  void tell(std::function<void()> what) {
    send_unsent();
    if (!unsent.empty() || !post(what)) unsent.push_back(std::move(what));
  }
  void send_unsent() {
    while (!unsent.empty() && post(unsent.front()))
      unsent.pop_front();
  }

  void main();
  bool open();
  void shut();
  nua_handle_t* handle(CallId call) const {
    const auto found = calls.find(call);
    return found == calls.end() ? nullptr : found->second;
  }

  static void on_event(nua_event_t event, int status, const char* /*phrase*/, nua_t* /*nua*/,
                       nua_magic_t* self, nua_handle_t* handle, nua_hmagic_t* call, const sip_t* message,
                       tagi_t tags[]) { // NOLINT(modernize-avoid-c-arrays): Sofia's
    static_cast<Inside*>(self)->on_event(event, status, handle, reinterpret_cast<CallId>(call), message,
                                         tags);
  }
  void on_event(nua_event_t event, int status, nua_handle_t* handle, CallId call, const sip_t* message,
                const tagi_t* tags);
  void on_invite(nua_handle_t* handle, const sip_t* message);
  void on_reinvite(nua_handle_t* handle, CallId call, const sip_t* message);
  void on_state(nua_handle_t* handle, CallId call, const tagi_t* tags);
  bool may_ask();
  void turn_away(nua_handle_t* handle, CallId call, std::string_view why);
};

Stack::Stack(Post post, StackEvents& events) : inside_(std::make_unique<Inside>(std::move(post), events)) {}

Stack::~Stack() {
  stop();
  if (inside_->thread.joinable()) inside_->thread.join();
}

void Stack::start(StackOptions options, std::function<void(bool)> listening) {
  inside_->options = std::move(options);
  inside_->listening = std::move(listening);
  inside_->limit = std::make_unique<RateLimit>(inside_->options.requests_per_second,
                                               inside_->options.requests_per_second * burst_seconds);
  inside_->ended = false;
  inside_->thread = std::thread([inside = inside_.get()] { inside->main(); });
}

void Stack::stop() {
  inside_->stop_asked = true; // before it wakes up; or before it has begun, and then it sees this first
  if (!inside_->ended) inside_->run([](Inside&) {});
  inside_->closed = true;
}

bool Stack::ended() const {
  return inside_->ended;
}

void Stack::ring(CallId call) {
  inside_->run([call](Inside& self) {
    if (nua_handle_t* handle = self.handle(call)) nua_respond(handle, SIP_180_RINGING, TAG_END());
  });
}

void Stack::answer(CallId call, std::string sdp) {
  inside_->run([call, sdp = std::move(sdp)](Inside& self) {
    if (nua_handle_t* handle = self.handle(call))
      nua_respond(handle, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR(sdp_type), SIPTAG_PAYLOAD_STR(sdp.c_str()),
                  TAG_END());
  });
}

void Stack::refuse(CallId call, Refusal refusal) {
  inside_->run([call, refusal = std::move(refusal)](Inside& self) {
    nua_handle_t* handle = self.handle(call);
    if (!handle) return;
    const std::string warning = warning_of(refusal.text), retry = std::to_string(refusal.retry_after_s);
    nua_respond(handle, refusal.status, sip_status_phrase(refusal.status),
                TAG_IF(!refusal.text.empty(), SIPTAG_WARNING_STR(warning.c_str())),
                TAG_IF(refusal.retry_after_s > 0, SIPTAG_RETRY_AFTER_STR(retry.c_str())), TAG_END());
  });
}

void Stack::bye(CallId call, std::string reason) {
  inside_->run([call, reason = std::move(reason)](Inside& self) {
    if (nua_handle_t* handle = self.handle(call))
      nua_bye(handle, SIPTAG_REASON_STR(reason.c_str()), TAG_END());
  });
}

void Stack::Inside::main() {
  su_init();
  su_log_redirect(nullptr, &discard, nullptr);
  su_log_set_level(nullptr, 0);
  su_root_t* const own = su_root_create(nullptr);
  if (own) su_root_threading(own, 0); // else nua makes a thread of its own
  root = own;
  const bool ok = own && open();
  if (!ok) ended = true; // before anybody hears of it, and asks for anything
  tell([listening = listening, ok] { listening(ok); });
  while (ok && !shut_down && !(stopping && Clock::now() > give_up)) {
    if (stop_asked && !stopping) shut();
    send_unsent();
    su_root_step(own, stopping || !unsent.empty() ? 20 : 1000);
  }
  send_unsent();
  ended = true;
  // What has not shut down in time cannot be freed: Sofia asserts that. The process is about to end.
  if (ok && !shut_down) return;
  if (nua) nua_destroy(nua);
  if (own) su_root_destroy(own);
  su_deinit();
}

bool Stack::Inside::open() {
  const bool six = options.address.find(':') != std::string::npos;
  const std::string host = options.address.empty() ? "*"
                           : six                   ? "[" + options.address + "]"
                                                   : options.address;
  const std::string url = "sip:" + host + ":" + std::to_string(options.port);
  nua = nua_create(root, &Inside::on_event, this, NUTAG_URL(url.c_str()),
                   NUTAG_MEDIA_ENABLE(0), // descriptions are the core's
                   NUTAG_AUTOALERT(0), NUTAG_AUTOANSWER(0), SIPTAG_ALLOW_STR(methods),
                   NUTAG_APPL_METHOD("OPTIONS"), SIPTAG_SUPPORTED_STR("timer"), SIPTAG_ACCEPT_STR(sdp_type),
                   NUTAG_USER_AGENT("Viadux"),
                   // Session timers (RFC 4028) where the peer wants them; where we are to refresh, by UPDATE,
                   // since an INVITE would begin an offer.
                   NUTAG_SESSION_TIMER(0), NUTAG_MIN_SE(90), NUTAG_UPDATE_REFRESH(1),
                   NUTAG_OUTBOUND("no-validate no-options-keepalive no-natify"),
                   NTATAG_MAXSIZE(largest_message), NTATAG_MAX_PROCEEDING(options.most_calls * 4), TAG_END());
  return nua != nullptr;
}

// Handles first: then there is nothing that nua_shutdown would wait for, up to 32 s.
void Stack::Inside::shut() {
  stopping = true;
  give_up = Clock::now() + stop_patience;
  if (!nua) return;
  for (const auto& [call, handle] : calls) {
    nua_handle_bind(handle, nullptr);
    nua_handle_destroy(handle); // says BYE
  }
  calls.clear();
  nua_shutdown(nua);
}

void Stack::Inside::on_event(nua_event_t event, int status, nua_handle_t* handle, CallId call,
                             const sip_t* message, const tagi_t* tags) {
  switch (event) {
  case nua_i_invite:
    if (status >= 200) break; // answered by Sofia: an extension that we do not have, a broken message
    return call ? on_reinvite(handle, call, message) : on_invite(handle, message);
  case nua_i_ack: {
    std::string answer;
    if (!call) break;
    read_sdp(message, answer);
    return tell([&sink = events, call, answer = std::move(answer)] { sink.on_answer(call, answer); });
  }
  case nua_i_state:
    return on_state(handle, call, tags);
  case nua_i_options:
    if (status >= 200) break;
    if (!may_ask()) return turn_away(handle, call, "rate");
    nua_respond(handle, SIP_200_OK, NUTAG_WITH_THIS(nua), TAG_END());
    break;
  case nua_r_shutdown:
    shut_down = status >= 200;
    return;
  default:
    break;
  }
  // Outside a dialog Sofia makes a handle for each request.
  if (call == 0 && handle && handle != nua_default(nua)) nua_handle_destroy(handle);
}

bool Stack::Inside::may_ask() {
  const Source source = source_of(nua_current_request(nua));
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
  return limit->take({source.network.data(), source.size}, now.count());
}

void Stack::Inside::turn_away(nua_handle_t* handle, CallId call, std::string_view why) {
  nua_respond(handle, SIP_503_SERVICE_UNAVAILABLE, NUTAG_WITH_THIS(nua), SIPTAG_RETRY_AFTER_STR("10"),
              TAG_END());
  if (call == 0) nua_handle_destroy(handle);
  events.on_turned_away(why);
}

void Stack::Inside::on_invite(nua_handle_t* handle, const sip_t* message) {
  if (stopping || !may_ask()) return turn_away(handle, 0, "rate");
  if (calls.size() >= options.most_calls) return turn_away(handle, 0, "calls");
  Invitation invitation;
  if (!message || !message->sip_request || !message->sip_from || !read_sdp(message, invitation.offer)) {
    nua_respond(handle, SIP_415_UNSUPPORTED_MEDIA, SIPTAG_ACCEPT_STR(sdp_type), TAG_END());
    nua_handle_destroy(handle);
    return;
  }
  invitation.call = last_call + 1;
  invitation.user = text_of(message->sip_request->rq_url->url_user);
  invitation.host = text_of(message->sip_request->rq_url->url_host);
  invitation.display = text_of(message->sip_from->a_display);
  invitation.from = text_of(message->sip_from->a_url->url_user);
  invitation.source = source_of(nua_current_request(nua)).text;
  if (!unsent.empty() ||
      !post([&sink = events, invitation = std::move(invitation)] { sink.on_invite(invitation); }))
    return turn_away(handle, 0, "queue");
  calls.emplace(++last_call, handle);
  nua_handle_bind(handle, reinterpret_cast<nua_hmagic_t*>(last_call)); // NOLINT(performance-no-int-to-ptr)
}

void Stack::Inside::on_reinvite(nua_handle_t* handle, CallId call, const sip_t* message) {
  std::string offer;
  if (!read_sdp(message, offer)) {
    nua_respond(handle, SIP_415_UNSUPPORTED_MEDIA, SIPTAG_ACCEPT_STR(sdp_type), TAG_END());
  } else if (!may_ask() || !unsent.empty() ||
             !post([&sink = events, call, offer = std::move(offer)] { sink.on_reinvite(call, offer); })) {
    turn_away(handle, call, "rate");
  }
}

void Stack::Inside::on_state(nua_handle_t* handle, CallId call, const tagi_t* tags) {
  int state = nua_callstate_init;
  tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
  if (state != nua_callstate_terminated || calls.erase(call) == 0) return;
  nua_handle_bind(handle, nullptr);
  nua_handle_destroy(handle);
  tell([&sink = events, call] { sink.on_ended(call); });
}

} // namespace sip
