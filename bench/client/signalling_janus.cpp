#include "bench/client/signalling.hpp"

#include <boost/json.hpp>

namespace viadux::bench {
namespace {

namespace json = boost::json;

// Rooms and feeds are numbers; what is none becomes 0, which Janus refuses.
std::int64_t number_of(const std::string& text) {
  return std::strtoll(text.c_str(), nullptr, 10);
}

// The HTTP API: a session with one handle per peer, so that a long poll brings one peer's events only.
class JanusSignalling : public Signalling {
 public:
  JanusSignalling(EventLoop& loop, Url base, const char* plugin)
      : loop_(loop), base_(std::move(base)), plugin_(plugin) {}

  Task<Result<void>> leave(Joined who) override {
    json::object destroy{{"janus", "destroy"}};
    const auto session = who.handle.substr(0, who.handle.find('/', 1));
    auto done = co_await post(session, destroy);
    if (!done) co_return done.error();
    co_return Result<void>();
  }

 protected:
  static Error malformed(const std::string& what, const json::object& answer) {
    return make_error(ErrorCode::internal, "janus", what + ": " + json::serialize(answer).substr(0, 300));
  }

  static const json::string* sdp_of(const json::object& event) {
    const auto* jsep = event.if_contains("jsep");
    const auto* sdp = jsep != nullptr && jsep->is_object() ? jsep->as_object().if_contains("sdp") : nullptr;
    return sdp != nullptr ? sdp->if_string() : nullptr;
  }

  static Result<json::object> parse(const HttpResponse& response) {
    boost::system::error_code error;
    auto value = json::parse(response.body, error);
    if (error || !value.is_object())
      return make_error(ErrorCode::internal, "janus", "not JSON: " + response.body.substr(0, 200));
    auto object = value.as_object();
    const auto* data = object.if_contains("plugindata");
    const auto* inner =
        data != nullptr && data->is_object() ? data->as_object().if_contains("data") : nullptr;
    const bool plugin_error = inner != nullptr && inner->is_object() && inner->as_object().contains("error");
    const auto* kind = object.if_contains("janus");
    if (plugin_error || (kind != nullptr && *kind == "error")) return malformed("Janus refused", object);
    return object;
  }

  Task<Result<json::object>> post(std::string path, json::object body) {
    body["transaction"] = "t" + std::to_string(++transactions_);
    HttpRequest request;
    request.method = "POST";
    request.url = base_;
    request.url.path += path;
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = json::serialize(body);
    auto response = co_await http_request(loop_, request);
    if (!response) co_return response.error();
    co_return parse(*response);
  }

  static std::string id_of(const json::object& answer) {
    const auto* data = answer.if_contains("data");
    const auto* id = data != nullptr && data->is_object() ? data->as_object().if_contains("id") : nullptr;
    return id != nullptr ? json::serialize(*id) : std::string();
  }

  // "/session/handle"
  Task<Result<std::string>> attach() {
    json::object create{{"janus", "create"}};
    auto session = co_await post("", create);
    if (!session) co_return session.error();
    const auto path = "/" + id_of(*session);
    json::object plugin{{"janus", "attach"}, {"plugin", plugin_}};
    auto handle = co_await post(path, plugin);
    if (!handle) co_return handle.error();
    co_return path + "/" + id_of(*handle);
  }

  // Sends a plugin message; where Janus only acknowledges, the event with the same transaction is the answer.
  Task<Result<json::object>> message(std::string handle, json::object body, json::object jsep) {
    json::object request{{"janus", "message"}, {"body", body}};
    if (!jsep.empty()) request["jsep"] = jsep;
    auto answer = co_await post(handle, request);
    if (!answer) co_return answer.error();
    const auto transaction = (*answer)["transaction"];
    if ((*answer)["janus"] != "ack") co_return answer;
    for (int polls = 0; polls < 20; ++polls) {
      HttpRequest poll;
      poll.url = base_;
      poll.url.path += handle.substr(0, handle.find('/', 1)) + "?maxev=1";
      poll.timeout_us = 40'000'000;
      auto response = co_await http_request(loop_, poll);
      if (!response) co_return response.error();
      auto event = parse(*response);
      if (!event) co_return event.error();
      const auto* its = event->if_contains("transaction");
      if (its != nullptr && *its == transaction) co_return event;
    }
    co_return make_error(ErrorCode::timeout, "janus", "no event answers the message");
  }

  // `body` with the peer's offer, whose answer the peer takes.
  Task<Result<Joined>> offer(Peer& peer, std::string handle, json::object body, std::int64_t id) {
    json::object description{{"type", "offer"}, {"sdp", peer.make_offer()}};
    auto event = co_await message(handle, body, description);
    if (!event) co_return event.error();
    const auto* answer = sdp_of(*event);
    if (answer == nullptr) co_return malformed("no answer for who publishes", *event);
    if (auto accepted = peer.accept_answer(answer->c_str()); !accepted) co_return accepted.error();
    Joined joined;
    joined.participant = std::to_string(id);
    joined.handle = handle;
    co_return joined;
  }

  std::int64_t next_id() { return ++ids_; }

 private:
  EventLoop& loop_;
  Url base_;
  const char* plugin_;
  std::int64_t ids_ = 1000;
  std::uint64_t transactions_ = 0;
};

class VideoroomSignalling final : public JanusSignalling {
 public:
  VideoroomSignalling(EventLoop& loop, Url base)
      : JanusSignalling(loop, std::move(base), "janus.plugin.videoroom") {}

  Task<Result<void>> prepare(std::string room) override {
    auto handle = co_await attach();
    if (!handle) co_return handle.error();
    json::object create{{"request", "create"},     {"room", number_of(room)}, {"publishers", 1000},
                        {"videocodec", "vp8"},     {"audiocodec", "opus"},    {"bitrate", 0},
                        {"notify_joining", false}, {"permanent", false}};
    auto made = co_await message(*handle, create, {});
    if (!made) co_return made.error();
    co_return Result<void>();
  }

  Task<Result<Joined>> publish(Peer& peer, std::string room) override {
    auto handle = co_await attach();
    if (!handle) co_return handle.error();
    const auto feed = next_id();
    json::object join{
        {"request", "joinandconfigure"}, {"ptype", "publisher"}, {"room", number_of(room)}, {"id", feed}};
    co_return co_await offer(peer, *handle, join, feed);
  }

  Task<Result<Joined>> watch(Peer& peer, std::string room, Watch what) override {
    auto handle = co_await attach();
    if (!handle) co_return handle.error();
    json::array streams;
    for (const auto& participant : what.participants)
      streams.push_back(json::object{{"feed", number_of(participant)}});
    json::object join{
        {"request", "join"}, {"ptype", "subscriber"}, {"room", number_of(room)}, {"streams", streams}};
    auto event = co_await message(*handle, join, {});
    if (!event) co_return event.error();
    const auto* offer = sdp_of(*event);
    if (offer == nullptr) co_return malformed("no offer for the subscriber", *event);
    auto answer = peer.make_answer(offer->c_str());
    if (!answer) co_return answer.error();
    json::object start{{"request", "start"}};
    json::object jsep{{"type", "answer"}, {"sdp", *answer}};
    auto started = co_await message(*handle, start, jsep);
    if (!started) co_return started.error();
    Joined joined;
    joined.handle = *handle;
    co_return joined;
  }
};

// One session of a participant carries its voice and the mix of the others.
class AudiobridgeSignalling final : public JanusSignalling {
 public:
  AudiobridgeSignalling(EventLoop& loop, Url base)
      : JanusSignalling(loop, std::move(base), "janus.plugin.audiobridge") {}

  bool publishers_hear() const override { return true; }

  Task<Result<void>> prepare(std::string room) override {
    auto handle = co_await attach();
    if (!handle) co_return handle.error();
    json::object create{
        {"request", "create"}, {"room", number_of(room)}, {"sampling_rate", 48'000}, {"permanent", false}};
    auto made = co_await message(*handle, create, {});
    if (!made) co_return made.error();
    co_return Result<void>();
  }

  Task<Result<Joined>> publish(Peer& peer, std::string room) override {
    auto handle = co_await attach();
    if (!handle) co_return handle.error();
    const OpusSettings opus;
    const auto id = next_id();
    json::object join{{"request", "join"},
                      {"room", number_of(room)},
                      {"id", id},
                      {"muted", false},
                      {"quality", opus.complexity},
                      {"bitrate", opus.bitrate_bps},
                      {"expected_loss", opus.expected_loss}};
    auto in = co_await message(*handle, join, {});
    if (!in) co_return in.error();
    json::object configure{{"request", "configure"}, {"muted", false}};
    co_return co_await offer(peer, *handle, configure, id);
  }

  Task<Result<Joined>> watch(Peer& /*peer*/, std::string /*room*/, Watch /*what*/) override {
    co_return make_error(ErrorCode::unsupported, "janus", "an audio bridge has nothing to watch");
  }
};

} // namespace

std::unique_ptr<Signalling> make_janus_signalling(EventLoop& loop, Url base) {
  return std::make_unique<VideoroomSignalling>(loop, std::move(base));
}

std::unique_ptr<Signalling> make_audiobridge_signalling(EventLoop& loop, Url base) {
  return std::make_unique<AudiobridgeSignalling>(loop, std::move(base));
}

} // namespace viadux::bench
