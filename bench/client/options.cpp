#include "bench/client/options.hpp"

#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>

namespace viadux::bench {
namespace {

constexpr const char* gcm_first = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
constexpr const char* cm_only = "SRTP_AES128_CM_SHA1_80";

struct Option {
  bool takes_value;
  std::function<bool(Options&, const std::string&)> apply;
};

bool read(const std::string& text, double& out) {
  char* end = nullptr;
  out = std::strtod(text.c_str(), &end);
  return end != text.c_str() && *end == '\0' && out >= 0 && out < 1e9;
}

// An option that stores a number by a setter, so that each row of the table says where it goes.
Option number(std::function<void(Options&, double)> set) {
  return {true, [set = std::move(set)](Options& options, const std::string& text) {
            double value = 0;
            if (!read(text, value)) return false;
            set(options, value);
            return true;
          }};
}

Option word(std::function<bool(Options&, const std::string&)> set) {
  return {true, std::move(set)};
}
Option flag(std::function<void(Options&)> set) {
  return {false, [set = std::move(set)](Options& options, const std::string&) {
            set(options);
            return true;
          }};
}

bool read_pids(Options& options, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    char* end = nullptr;
    const auto pid = std::strtol(text.c_str() + at, &end, 10);
    if (pid <= 0) return false;
    options.scenario.server_pids.push_back(static_cast<int>(pid));
    at = static_cast<std::size_t>(end - text.c_str()) + 1;
  }
  return true;
}

bool read_queries(Options& options, const std::string& text) {
  std::istringstream in(text);
  for (std::string query; std::getline(in, query, ',');)
    options.scenario.queries.push_back(query);
  options.scenario.receive.mixed = true;
  return !text.empty();
}

bool read_link(Options& options, std::string text) {
  for (auto& c : text)
    if (c == ',') c = ' ';
  auto link = parse_link({}, text);
  if (link) options.scenario.receive_link = *link;
  return link.has_value();
}

bool read_via(Options& options, const std::string& text) {
  const auto url = parse_url("http://" + text);
  if (url) options.scenario.via = Candidate{url->host, url->port};
  return url.has_value();
}

std::map<std::string, Option> table() {
  std::map<std::string, Option> t;
  t["--duration"] = number([](Options& o, double v) { o.scenario.duration_s = v; });
  t["--warmup"] = number([](Options& o, double v) { o.scenario.warmup_s = v; });
  t["--drain"] = number([](Options& o, double v) { o.scenario.drain_s = v; });
  t["--stay"] = number([](Options& o, double v) { o.scenario.stay_s = v; });
  t["--lanes"] = number([](Options& o, double v) { o.scenario.lanes = v < 1 ? 1 : static_cast<int>(v); });
  t["--first-room"] = number([](Options& o, double v) { o.scenario.first_room = static_cast<int>(v); });
  t["--tolerate"] = number([](Options& o, double v) { o.scenario.tolerate = v; });
  t["--seed"] = number([](Options& o, double v) { o.scenario.seed = static_cast<std::uint32_t>(v); });
  t["--bitrate"] =
      number([](Options& o, double v) { o.scenario.publish.bitrate_bps = static_cast<std::int64_t>(v); });
  t["--fps"] = number([](Options& o, double v) { o.scenario.publish.fps = v < 1 ? 1 : static_cast<int>(v); });
  t["--key-interval"] =
      number([](Options& o, double v) { o.scenario.publish.key_interval_s = static_cast<int>(v); });
  t["--compare-every"] =
      number([](Options& o, double v) { o.scenario.receive.compare_every = static_cast<unsigned>(v); });
  t["--paced"] = flag([](Options& o) { o.scenario.publish.paced = true; });
  t["--simulcast"] = flag([](Options& o) { o.scenario.publish.simulcast = true; });
  t["--audio-only"] = flag([](Options& o) { o.scenario.publish.video = false; });
  t["--video-only"] = flag([](Options& o) { o.scenario.publish.audio = false; });
  t["--no-nack"] = flag([](Options& o) { o.scenario.receive.nack = false; });
  t["--no-transport-cc"] = flag([](Options& o) { o.scenario.receive.transport_cc = false; });
  t["--talkers"] = number([](Options& o, double v) { o.scenario.talkers = v < 1 ? 1 : static_cast<int>(v); });
  t["--talk"] = flag([](Options& o) { o.scenario.talk = true; });
  t["--cm"] = flag([](Options& o) { o.srtp_profiles = cm_only; });
  t["--room-prefix"] =
      word([](Options& o, const std::string& v) { return o.scenario.room_prefix = v, true; });
  t["--token"] = word([](Options& o, const std::string& v) { return o.token = v, true; });
  t["--setup"] = word(
      [](Options& o, const std::string& v) { return o.scenario.setup = v, v == "actpass" || v == "active"; });
  t["--server-pid"] = word(read_pids);
  t["--queries"] = word(read_queries);
  t["--link"] = word(read_link);
  t["--via"] = word(read_via);
  t["--whip"] = word([](Options& o, const std::string& v) {
    const auto url = parse_url(v);
    if (url) o.url = *url;
    return url.has_value();
  });
  t["--janus"] = word([](Options& o, const std::string& v) {
    const auto url = parse_url(v);
    if (url) o.url = *url;
    o.api = "janus";
    o.scenario.room_prefix.clear(); // its rooms are numbers
    return url.has_value();
  });
  return t;
}

} // namespace

const char* usage() {
  return R"(viadux-bench SCENARIO N (--whip URL | --janus URL) [options]

Synthetic WebRTC participants (ICE, DTLS, SRTP, transport-cc, NACK) against a real server. Every packet that arrives
is authenticated and compared with what was sent. JSON on standard output; exit code 1 when anything is wrong.

scenarios
  fanout N   one publisher, N viewers
  room N     N participants, each publishes and watches all others
  pairs N    N rooms of two
  joins N    one publisher, N visitors that come, watch and go
  viewers N  N viewers of what the server makes (--queries) of others' cameras: who publishes is not ours
  mixed N    N participants of whom --talkers 1 speak, the server mixes; one of its 'packets' is 20 ms of one participant

server
  --whip http://HOST:PORT         WHIP and WHEP; rooms are aliases bench-1, bench-2, …
  --janus http://HOST:PORT/janus  the HTTP API; plugin videoroom, for mixed audiobridge
  --token TOKEN                   bearer token for WHIP and WHEP
  --room-prefix TEXT, --first-room N
  --server-pid PID[,PID…]         to read its CPU time and memory

time (seconds)
  --duration 6  --warmup 2  --drain 0.7  --stay 1 (joins)  --lanes 8 (joining at the same time)

media
  --bitrate 1500000  --fps 30  --key-interval 10  --simulcast  --paced (default: a frame in one burst)
  --audio-only  --video-only  --cm (AES_CM_128_HMAC_SHA1_80 instead of GCM)  --setup actpass|active
  --talk (joins: visitors publish, too)

receiving
  --link loss=5%,rate=400k,delay=20ms,jitter=5ms,queue=300ms   a bad network before each viewer
  --via ADDRESS:PORT      viewers send to a relay instead of the server's candidate
  --queries LIST          joins, viewers: they ask for what the server makes, each by the next of these queries of WHEP
                          addresses ("audio=auto&video=auto"); they must get sound and pictures
  --compare-every 16      the whole pattern of every Nth packet
  --tolerate 0            the share of packets that may be missing
  --no-nack  --no-transport-cc  --seed 1
)";
}

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  const auto wrong = [](const std::string& message) {
    return make_error(ErrorCode::bad_argument, "usage", message, {}, "see viadux-bench --help");
  };
  Options options;
  options.srtp_profiles = gcm_first;
  auto& scenario = options.scenario;
  scenario.kind = arguments[0];
  if (scenario.kind != "fanout" && scenario.kind != "room" && scenario.kind != "pairs" &&
      scenario.kind != "joins" && scenario.kind != "mixed" && scenario.kind != "viewers")
    return wrong("'" + scenario.kind + "' is no scenario");
  double size = 0;
  if (arguments.size() < 2 || !read(arguments[1], size) || size < 1 || size > 10'000)
    return wrong("the scenario needs a size from 1 to 10000");
  scenario.size = static_cast<int>(size);
  const auto known = table();
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const auto option = known.find(arguments[i]);
    if (option == known.end()) return wrong("there is no option '" + arguments[i] + "'");
    std::string value;
    if (option->second.takes_value) {
      if (i + 1 == arguments.size()) return wrong(arguments[i] + " needs a value");
      value = arguments[++i];
    }
    if (!option->second.apply(options, value))
      return wrong("'" + value + "' is no value for " + option->first);
  }
  if (scenario.kind == "mixed") {
    if (scenario.talkers > scenario.size) return wrong("there are more talkers than participants");
    scenario.publish.video = false;
    scenario.receive.mixed = true;
    scenario.queries = {"audio=auto"};
  }
  if (scenario.kind == "viewers" && scenario.queries.empty()) return wrong("viewers need --queries");
  if (options.url.host.empty()) return wrong("say which server: --whip URL or --janus URL");
  return options;
}

} // namespace viadux::bench
