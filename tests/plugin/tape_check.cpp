// Taps and sources by way of the border, against a real server: somebody publishes in one room, the plugin
// `tape` plays it in another, and who watches there gets every packet as it was sent (the synthetic peer's
// payloads carry stream, counter and checksum). tape_check http://127.0.0.1:PORT
#include "bench/client/signalling.hpp"

#include <boost/json.hpp>
#include <csignal>
#include <cstdio>

namespace {

using namespace viadux::bench;

constexpr std::int64_t second_us = 1'000'000;

class Check {
 public:
  Check(EventLoop& loop, Url base)
      : loop_(loop), base_(std::move(base)), signalling_(make_whip_signalling(loop, base_, "")) {}

  Task<void> run() {
    co_await try_all();
    loop_.stop();
  }
  int failures() const { return failures_; }

 private:
  void expect(bool right, const std::string& what) {
    std::printf("%s %s\n", right ? "ok  " : "FAIL", what.c_str());
    failures_ += right ? 0 : 1;
  }

  Task<int> ask(std::string method, std::string path, std::string* body = nullptr) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = base_;
    request.url.path = std::move(path);
    const auto response = co_await http_request(loop_, std::move(request));
    if (!response) {
      std::printf("     %s\n", response.error().message.c_str());
      co_return 0;
    }
    if (body) *body = response->body;
    if (response->status >= 300) std::printf("     %d %s\n", response->status, response->body.c_str());
    co_return response->status;
  }
  Task<boost::json::object> told() {
    std::string body;
    co_await ask("GET", "/tape/told", &body);
    std::printf("     %s\n", body.c_str());
    auto json = boost::json::parse(body);
    co_return json.as_object();
  }
  Task<bool> connected(Peer& peer) {
    for (int i = 0; i < 500 && peer.state() != Peer::State::connected; ++i)
      co_await loop_.sleep_us(20'000);
    co_return peer.state() == Peer::State::connected;
  }

  Task<void> try_all() {
    PeerSettings publishes;
    publishes.publish = PublishSettings{};
    publishes.publish->bitrate_bps = 3'000'000;
    publishes.publish->key_interval_s = 60; // key frames come only when somebody asks
    Peer publisher(loop_, dtls_, ledger_, publishes);
    auto joined = co_await signalling_->publish(publisher, "tape-from");
    expect(joined.has_value(), "somebody publishes");
    if (!joined) co_return;
    const bool is_up = co_await connected(publisher);
    expect(is_up, "and is connected");
    const int copying = co_await ask("POST", "/tape/copy/tape-from/tape-to");
    expect(copying == 204, "the plugin taps it and plays it into another room");
    if (copying != 204) co_return;

    PeerSettings watches;
    watches.receive_audio = watches.receive_video = 1;
    watches.seed = 2;
    watches.receive.compare_every = 1;
    Peer viewer(loop_, dtls_, ledger_, watches);
    auto watching = co_await signalling_->watch(viewer, "tape-to", {});
    expect(watching.has_value(), "somebody watches there");
    if (!watching) co_return;
    co_await loop_.sleep_us(4 * second_us);

    for (const std::uint32_t stream : publisher.sender()->streams()) {
      const bool video = ledger_.streams[stream].video;
      const std::string what = video ? "the picture" : "the sound";
      const auto got = viewer.receiver().streams().find(stream);
      const bool there = got != viewer.receiver().streams().end();
      expect(there, what + " comes through the plugin");
      if (!there) continue;
      std::printf("     %llu packets, %llu missing\n", static_cast<unsigned long long>(got->second.unique),
                  static_cast<unsigned long long>(got->second.holes()));
      expect(got->second.unique > (video ? 300U : 100U), what + " goes on");
      expect(got->second.holes() == 0, what + " is whole");
    }
    expect(ledger_.counters.corrupt == 0, "no payload was changed");
    expect(ledger_.counters.key_frames > 0, "the picture began with a key frame");
    const auto first = co_await told();
    const auto number = [](const boost::json::object& from, const char* name) {
      return from.at(name).to_number<int>();
    };
    expect(number(first, "packets") > 1000 && number(first, "sounds") > 150, "the tap counts packets");
    expect(number(first, "by_report") > 0, "times follow the sender's reports");
    expect(number(first, "backwards") == 0, "and never go back");
    expect(number(first, "first_without_key") == 0, "video begins with a key frame");
    expect(number(first, "gaps") == 0 && number(first, "refused") == 0, "nothing was left out");
    expect(number(first, "wanted") == 2, "it was told that somebody receives");
    expect(number(first, "largest_batch") <= 64, "a batch has at most 64 items");

    co_await ask("POST", "/tape/sleep/6000"); // 2 MB come meanwhile, twice what may wait
    co_await loop_.sleep_us(9 * second_us);
    const auto slow = co_await told();
    expect(number(slow, "gaps") > 0, "a tap that is too slow is told so");
    expect(number(slow, "gaps_without_key") == 0, "and goes on with a key frame");
    expect(number(slow, "packets") > number(first, "packets") + 500, "and goes on");
    const auto delivered = ledger_.counters.received;
    co_await loop_.sleep_us(second_us);
    expect(ledger_.counters.received > delivered + 100, "who watches sees it again");

    (void)co_await signalling_->leave(*joined);
    co_await loop_.sleep_us(second_us);
    const auto last = co_await told();
    expect(number(last, "ended") == 2, "it is told when tracks end");
  }

  EventLoop& loop_;
  Url base_;
  DtlsContext dtls_{"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"};
  Ledger ledger_;
  std::unique_ptr<Signalling> signalling_;
  int failures_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  const auto base = parse_url(argc > 1 ? argv[1] : "");
  if (!base) {
    std::fprintf(stderr, "usage: tape_check http://127.0.0.1:PORT\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  EventLoop loop;
  Check check(loop, *base);
  spawn(check.run());
  loop.run();
  return check.failures() == 0 ? 0 : 1;
}
