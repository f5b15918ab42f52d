// The core's own keys. A new one is a line here, and its use in core/cli/server.cpp.
#include "core/config/configuration.hpp"

#include <cassert>
#include <utility>

namespace viadux {
namespace {

using enum ConfigType;

// A key in one line: what it is called, what it takes, what it is without being set, what it is for. Unless
// it says otherwise a reload that changes it is refused.
class Key {
 public:
  Key(const char* name, ConfigType type, const char* default_value, const char* help) {
    key_.name = name;
    key_.type = type;
    key_.default_value = default_value;
    key_.help = help;
  }
  Key&& at_least(double least) && { return key_.min = least, std::move(*this); }
  Key&& at_most(double most) && { return key_.max = most, std::move(*this); }
  Key&& range(double least, double most) && { return std::move(*this).at_least(least).at_most(most); }
  Key&& one_of(std::vector<std::string> choices) && {
    return key_.choices = std::move(choices), std::move(*this);
  }
  Key&& live() && { return key_.reload = ReloadClass::live, std::move(*this); }
  operator ConfigKey() && { return std::move(key_); } // NOLINT(google-explicit-constructor): a table of these

 private:
  ConfigKey key_;
};

Key key(const char* name, ConfigType type, const char* default_value, const char* help) {
  return {name, type, default_value, help};
}

ConfigSection http_section() {
  return {
      .name = "http",
      .help = "The HTTP server: client pages and APIs, plugins' routes, /healthz, /readyz and /metrics.",
      .keys = {
          key("port", integer, "8080", "Port for plain HTTP. 0 listens on none.").range(0, 65535),
          key("tls_port", integer, "8443",
              "Port for HTTPS. Browsers give cameras and microphones to pages from localhost or HTTPS only. "
              "0 listens on none.")
              .range(0, 65535),
          key("address", address,
              "::", "Address to listen on. :: is all, IPv4 too where the system allows it."),
          key("tls_certificate", path, "",
              "PEM file with the certificate and its chain. Empty, with tls_key: one is made at the first "
              "start. The file is read again at each reload."),
          key("tls_key", path, "", "PEM file with the certificate's private key."),
          key("self_made_folder", path, "var/tls",
              "Where a self-made certificate is kept, so that browsers that trust it go on doing so. Empty "
              "keeps it in memory."),
          key("self_made_names", string_list, "localhost, 127.0.0.1, ::1",
              "Names and addresses for which a self-made certificate is made.")
              .at_most(100),
          key("threads", integer, "1", "Threads for TLS, compression and static files.").range(1, 64),
          key("trusted_proxies", string_list, "",
              "Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.")
              .at_most(100),
          key("max_header", size, "16k", "Largest head of a request.").range(1024, 1048576),
          key("max_target", size, "4k", "Longest path with query.").range(256, 65536),
          key("max_body", size, "1M", "Largest body of a request, where a route does not say otherwise.")
              .range(1024, 1073741824),
          key("header_timeout", duration, "10s", "How long a request's head may take.").range(100, 600'000),
          key("body_timeout", duration, "30s", "How long a request's body may take.").range(100, 3'600'000),
          key("idle_timeout", duration, "60s", "How long a kept connection may wait for its next request.")
              .range(100, 3'600'000),
          key("write_timeout", duration, "30s",
              "How long a client may take nothing of an answer before it is dropped.")
              .range(100, 3'600'000),
          key("handler_timeout", duration, "60s",
              "How long a plugin may take to answer before the client gets 504.")
              .range(100, 3'600'000),
          key("max_connections", integer, "10000", "Connections at a time.").range(1, 1'000'000),
          key("connections_per_client", integer, "256",
              "Connections at a time from one IPv4 address or IPv6 /64. Raise it when a whole hospital comes "
              "through one address.")
              .range(1, 1'000'000),
          key("requests_per_connection", integer, "10000", "Requests on one connection before it is closed.")
              .range(1, 1'000'000),
      }};
}

ConfigSection media_section() {
  return {
      .name = "media",
      .help = "Sound and picture: ICE, DTLS-SRTP and plain RTP. The ports must be open in the firewall.",
      .keys = {
          key("port", integer, "40000",
              "The first worker's port, UDP and (with ice_tcp) TCP; each further worker takes the next one.")
              .range(1024, 65000),
          key("workers", integer, "0", "Threads that move media. 0 is one for each CPU core.").range(0, 256),
          key("addresses", string_list, "",
              "IP addresses to listen on and to offer. Empty is all that are up.")
              .at_most(64),
          key("public_address", string_list, "",
              "IP addresses to offer instead, when the server is behind a 1:1 NAT.")
              .at_most(8),
          key("ice_tcp", boolean, "true",
              "Also take media over TCP, for clients whose network lets no UDP through."),
          key("ice_timeout", duration, "30s", "A session that is silent for so long is closed (RFC 7675).")
              .range(5'000, 600'000),
          key("rtp_timeout", duration, "60s",
              "A session without ICE that sends neither RTP nor RTCP for so long is closed. One on hold is "
              "not.")
              .range(5'000, 86'400'000),
          key("rtp_ports", port_range, "50000-59999",
              "UDP ports for sessions without ICE (SIP and H.323), two for each media line."),
          key("gso", boolean, "true",
              "Send runs of packets with one system call (UDP GSO). Turn it off if a network card mishandles "
              "it."),
          key("floor_bps", bitrate, "250k",
              "A publisher without layers is never capped below this for the sake of a slow receiver.")
              .range(30'000, 100e6),
          key("start_bps", bitrate, "600k", "What a receiver is first thought to be able to take.")
              .range(30'000, 100e6),
          key("max_send_bps", bitrate, "20M", "Most that is sent to one session.").range(30'000, 1e9),
          key("max_receive_bps", bitrate, "4M", "Most that one session may send.").range(30'000, 1e9),
          key("dscp_audio", integer, "0",
              "Mark on sent packets with sound (DSCP, RFC 2474), where a policy says nothing. 46 is usual "
              "for "
              "sound, 34 for pictures; 0 is no mark. Not on TCP.")
              .range(0, 63),
          key("dscp_video", integer, "0", "Mark on sent packets with picture, likewise.").range(0, 63),
          key("max_sessions", integer, "10000", "Sessions at a time on this server.").range(1, 1'000'000),
      }};
}

ConfigSection plugins_section() {
  return {.name = "plugins",
          .help = "Everything a person dials with is a plugin. Each has a section of its own, by its name.",
          .keys = {
              key("path", path, "",
                  "Folder with the plugins (*.so). Empty is lib/viadux/plugins beside the program's folder."),
              key("enabled", string_list, "", "Names of the plugins to load. Empty is all in the folder.")
                  .at_most(256),
              key("disabled", string_list, "", "Names of plugins not to load.").at_most(256),
              key("required", string_list, "",
                  "Names without which the server is not ready: /readyz answers 503 when one of them fails. "
                  "The failure of another is named there and costs only its own function.")
                  .at_most(256),
          }};
}

ConfigSection store_section() {
  return {.name = "store",
          .help = "Where rooms, tokens and plugins' data are kept.",
          .keys = {
              key("url", string, "sqlite:var/viadux.db",
                  "sqlite:FILE, or postgresql://user@host/database for several servers. Without a password: "
                  "give that in store.password.")
                  .range(1, 1000),
              key("password", secret, "", "The PostgreSQL user's password."),
              key("queue", integer, "4096", "Requests that may wait for the store at a time.")
                  .range(16, 1'000'000),
          }};
}

ConfigSection organisations_section() {
  return {.name = "organisations",
          .help = "Tenants: one folder each, with an organisation.toml.",
          .keys = {
              key("path", path, "conf/organisations", "Folder with the organisations' folders.").at_least(1),
              key("default", string, "demo",
                  "Code of the organisation that answers an address of no other one. Empty: such calls are "
                  "refused.")
                  .at_most(64)
                  .live(),
          }};
}

ConfigSection mixer_section() {
  return {
      .name = "mixer",
      .help = "Decoding, mixing and stills, for clients with one line for sound or picture. What is "
              "forwarded costs "
              "nothing here.",
      .keys = {
          key("threads", integer, "0", "Codec threads, for sound. 0 is half the CPU cores, at least one.")
              .range(0, 64),
          key("picture_threads", integer, "0",
              "Threads for pictures, at a lower priority. 0 is one less than the CPU cores, at least one.")
              .range(0, 64),
          key("opus_bps", bitrate, "32k", "Bit rate of a mix in Opus.").range(12'000, 128'000),
          key("opus_complexity", integer, "5",
              "Opus' effort. 10 costs more than twice of 5, and speech sounds the same.")
              .range(0, 10),
          key("expected_loss", integer, "10",
              "Percent of packets that may get lost on the way to listeners: how much Opus guards against.")
              .range(0, 50),
          key("dtx", boolean, "false", "Send (almost) nothing while nobody speaks."),
          key("even_voices", boolean, "true",
              "Bring the voices of a mix to one loudness: who is far from the microphone up, who shouts "
              "down."),
          key("font", path, "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
              "A font file with the letters of your language, for stills and names. Where it is missing "
              "they have no text.")
              .at_most(255),
      }};
}

ConfigSection rooms_section() {
  return {.name = "rooms",
          .help = "Limits of the whole server; organisations have their own below these.",
          .keys = {
              key("max", integer, "2000", "Meetings that may run at a time.").range(1, 1'000'000),
              key("participants_max", integer, "5000", "Participants at a time.").range(1, 1'000'000),
              key("room_participants_max", integer, "500", "Participants in one room.").range(2, 100'000),
              key("no_media_timeout", duration, "30s",
                  "A participant that has no media session for so long leaves.")
                  .range(1'000, 3'600'000),
              key("lobby_timeout", duration, "15m",
                  "A participant that nobody lets in from the lobby for so long leaves.")
                  .range(10'000, 86'400'000),
          }};
}

ConfigSection limits_section() {
  return {
      .name = "limits",
      .help = "Against guessing and flooding.",
      .keys = {
          key("pin_guesses", integer, "5",
              "Wrong PINs for a room from one address that cost nothing; from then on each doubles the "
              "waiting time.")
              .range(1, 1000),
          key("pin_guesses_room", integer, "20", "The same for a room, from all addresses together.")
              .range(1, 10'000),
          key("event_queue", integer, "256",
              "Events that may wait for one reader; a slower one is told to read the whole state anew.")
              .range(16, 65'536),
          key("event_readers", integer, "10000", "Readers of event streams at a time.").range(1, 1'000'000),
      }};
}

ConfigSection policy_section() {
  return {
      .name = "policy",
      .help =
          "Organisations' own rules, in Lua (policy.lua in an organisation's folder). The limits are for one "
          "decision.",
      .keys = {
          key("cpu_limit", duration, "20ms", "CPU time.").range(1, 1'000),
          key("wall_limit", duration, "250ms",
              "From asking to answering. Then the careful answer counts, whatever the policy says later.")
              .range(10, 10'000),
          key("instructions", integer, "2000000", "Steps of the script.").range(1'000, 1'000'000'000),
          key("memory", size, "8M", "Memory of an organisation's policy.").range(262'144, 268'435'456),
          key("queue", integer, "256", "Decisions of one organisation that may wait.").range(1, 100'000),
          key("environments", integer, "500",
              "Organisations whose policies are kept loaded; the one that was idle longest is loaded anew "
              "when it "
              "is asked.")
              .range(1, 100'000),
          key("watch", boolean, "true", "Take a changed policy.lua over at once. Otherwise SIGHUP does."),
      }};
}

ConfigSection log_section() {
  return {
      .name = "log",
      .help =
          "What the server tells, on standard output. PINs, tokens, CPR and telephone numbers never appear.",
      .keys = {
          key("level", enumeration, "info", "The least that is told.")
              .one_of({"debug", "info", "warning", "error"})
              .live(),
          key("format", enumeration, "automatic", "automatic is text on a terminal and JSON elsewhere.")
              .one_of({"automatic", "text", "json"}),
      }};
}

ConfigSection control_section() {
  return {.name = "control",
          .help = "How the command line (viadux token, viadux plugin list) reaches the running server.",
          .keys = {
              key("socket", path, "var/viadux.sock",
                  "Unix socket, open to the server's own user only. Empty is none.")
                  .at_most(100),
              key("drain_timeout", duration, "30s",
                  "How long running meetings may go on after SIGTERM. A second SIGTERM ends at once.")
                  .range(0, 86'400'000)
                  .live(),
          }};
}

Error misfit(const char* key, std::string message, std::string hint = {}) {
  return make_error(ErrorCode::bad_argument, "values_do_not_fit", std::move(message), key, std::move(hint));
}

Result<void> certificate_has_its_key(const Configuration& all) {
  const bool certificate = !all.get_string("http.tls_certificate").empty();
  const bool key = !all.get_string("http.tls_key").empty();
  if (certificate && !key) return misfit("http.tls_certificate", "is given without http.tls_key");
  if (key && !certificate) return misfit("http.tls_key", "is given without http.tls_certificate");
  return {};
}

Result<void> ports_are_apart(const Configuration& all) {
  const std::int64_t http = all.get_int("http.port");
  if (http != 0 && http == all.get_int("http.tls_port"))
    return misfit("http.tls_port", "is the same as http.port");
  const std::int64_t media = all.get_int("media.port");
  const ConfigPorts rtp = all.get_ports("media.rtp_ports");
  const std::int64_t last_media = media + std::max<std::int64_t>(all.get_int("media.workers"), 1) - 1;
  if (last_media > 65535) return misfit("media.workers", "needs ports above 65535", "lower media.port");
  if (last_media >= rtp.first && media <= rtp.last) {
    return misfit("media.rtp_ports", "has ports in it that media.port and the workers take");
  }
  return {};
}

Result<void> rates_are_in_order(const Configuration& all) {
  if (all.get_int("media.start_bps") > all.get_int("media.max_send_bps")) {
    return misfit("media.start_bps", "is above media.max_send_bps");
  }
  if (all.get_int("media.floor_bps") > all.get_int("media.max_receive_bps")) {
    return misfit("media.floor_bps", "is above media.max_receive_bps");
  }
  return {};
}

Result<void> url_has_no_password(const Configuration& all) {
  const std::string& url = all.get_string("store.url");
  const std::size_t host = url.find('@');
  const std::size_t scheme = url.find("://");
  if (host != std::string::npos && scheme != std::string::npos && url.find(':', scheme + 3) < host) {
    return misfit("store.url", "holds a password",
                  "put it into a file and write store.password = \"file:/path\"");
  }
  return {};
}

} // namespace

ConfigSchema core_schema() {
  ConfigSchema schema;
  for (auto section :
       {http_section, media_section, mixer_section, plugins_section, store_section, organisations_section,
        policy_section, rooms_section, limits_section, log_section, control_section}) {
    const Result<void> declared = schema.declare(section());
    assert(declared && "a mistake in the tables above");
    (void)declared;
  }
  schema.add_check(certificate_has_its_key);
  schema.add_check(ports_are_apart);
  schema.add_check(rates_are_in_order);
  schema.add_check(url_has_no_password);
  return schema;
}

} // namespace viadux
