// The core's own keys. A new one is a line here, and its use in core/cli/server.cpp.
#include "core/config/configuration.hpp"

#include <cassert>

namespace viadux {
namespace {

using enum ConfigType;
using enum ReloadClass;

ConfigSection http_section() {
  return {.name = "http",
          .help = "The HTTP server: client pages and APIs, plugins' routes, /healthz, /readyz and /metrics.",
          .keys = {
              {"port", integer, "8080", 0, 65535, {}, restart, "Port for plain HTTP. 0 listens on none."},
              {"tls_port",
               integer,
               "8443",
               0,
               65535,
               {},
               restart,
               "Port for HTTPS. Browsers give cameras and microphones to pages from localhost or HTTPS only. "
               "0 listens on none."},
              {"address",
               address,
               "::",
               {},
               {},
               {},
               restart,
               "Address to listen on. :: is all, IPv4 too where the system allows it."},
              {"tls_certificate",
               path,
               "",
               {},
               {},
               {},
               restart,
               "PEM file with the certificate and its chain. Empty, with tls_key: one is made at the first "
               "start. The file is "
               "read again at each reload."},
              {"tls_key", path, "", {}, {}, {}, restart, "PEM file with the certificate's private key."},
              {"self_made_folder",
               path,
               "var/tls",
               {},
               {},
               {},
               restart,
               "Where a self-made certificate is kept, so that browsers that trust it go on doing so. Empty "
               "keeps it in "
               "memory."},
              {"self_made_names",
               string_list,
               "localhost, 127.0.0.1, ::1",
               {},
               100,
               {},
               restart,
               "Names and addresses for which a self-made certificate is made."},
              {"threads", integer, "1", 1, 64, {}, restart, "Threads for TLS, compression and static files."},
              {"trusted_proxies",
               string_list,
               "",
               {},
               100,
               {},
               restart,
               "Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."},
              {"max_header", size, "16k", 1024, 1048576, {}, restart, "Largest head of a request."},
              {"max_target", size, "4k", 256, 65536, {}, restart, "Longest path with query."},
              {"max_body",
               size,
               "1M",
               1024,
               1073741824,
               {},
               restart,
               "Largest body of a request, where a route does not say otherwise."},
              {"header_timeout",
               duration,
               "10s",
               100,
               600'000,
               {},
               restart,
               "How long a request's head may take."},
              {"body_timeout",
               duration,
               "30s",
               100,
               3'600'000,
               {},
               restart,
               "How long a request's body may take."},
              {"idle_timeout",
               duration,
               "60s",
               100,
               3'600'000,
               {},
               restart,
               "How long a kept connection may wait for its next request."},
              {"write_timeout",
               duration,
               "30s",
               100,
               3'600'000,
               {},
               restart,
               "How long a client may take nothing of an answer before it is dropped."},
              {"handler_timeout",
               duration,
               "60s",
               100,
               3'600'000,
               {},
               restart,
               "How long a plugin may take to answer before the client gets 504."},
              {"max_connections", integer, "10000", 1, 1'000'000, {}, restart, "Connections at a time."},
              {"connections_per_client",
               integer,
               "256",
               1,
               1'000'000,
               {},
               restart,
               "Connections at a time from one IPv4 address or IPv6 /64. Raise it when a whole hospital "
               "comes through "
               "one address."},
              {"requests_per_connection",
               integer,
               "10000",
               1,
               1'000'000,
               {},
               restart,
               "Requests on one connection before it is closed."},
          }};
}

ConfigSection media_section() {
  return {
      .name = "media",
      .help = "Sound and picture: ICE, DTLS-SRTP and plain RTP. The ports must be open in the firewall.",
      .keys = {
          {"port",
           integer,
           "40000",
           1024,
           65000,
           {},
           restart,
           "The first worker's port, UDP and (with ice_tcp) TCP; each further worker takes the next one."},
          {"workers",
           integer,
           "0",
           0,
           256,
           {},
           restart,
           "Threads that move media. 0 is one for each CPU core."},
          {"addresses",
           string_list,
           "",
           {},
           64,
           {},
           restart,
           "IP addresses to listen on and to offer. Empty is all that are up."},
          {"public_address",
           string_list,
           "",
           {},
           8,
           {},
           restart,
           "IP addresses to offer instead, when the server is behind a 1:1 NAT."},
          {"ice_tcp",
           boolean,
           "true",
           {},
           {},
           {},
           restart,
           "Also take media over TCP, for clients whose network lets no UDP through."},
          {"ice_timeout",
           duration,
           "30s",
           5'000,
           600'000,
           {},
           restart,
           "A session that is silent for so long is closed (RFC 7675)."},
          {"rtp_ports",
           port_range,
           "50000-59999",
           {},
           {},
           {},
           restart,
           "UDP ports for sessions without ICE (SIP and H.323), two for each media line."},
          {"gso",
           boolean,
           "true",
           {},
           {},
           {},
           restart,
           "Send runs of packets with one system call (UDP GSO). Turn it off if a network card mishandles "
           "it."},
          {"floor_bps",
           bitrate,
           "250k",
           30'000,
           100e6,
           {},
           restart,
           "A publisher without layers is never capped below this for the sake of a slow receiver."},
          {"start_bps",
           bitrate,
           "600k",
           30'000,
           100e6,
           {},
           restart,
           "What a receiver is first thought to be able to take."},
          {"max_send_bps", bitrate, "20M", 30'000, 1e9, {}, restart, "Most that is sent to one session."},
          {"max_receive_bps", bitrate, "4M", 30'000, 1e9, {}, restart, "Most that one session may send."},
          {"max_sessions", integer, "10000", 1, 1'000'000, {}, restart, "Sessions at a time on this server."},
      }};
}

ConfigSection plugins_section() {
  return {.name = "plugins",
          .help = "Everything a person dials with is a plugin. Each has a section of its own, by its name.",
          .keys = {
              {"path",
               path,
               "",
               {},
               {},
               {},
               restart,
               "Folder with the plugins (*.so). Empty is lib/viadux/plugins beside the program's folder."},
              {"enabled",
               string_list,
               "",
               {},
               256,
               {},
               restart,
               "Names of the plugins to load. Empty is all in the folder."},
              {"disabled", string_list, "", {}, 256, {}, restart, "Names of plugins not to load."},
              {"required",
               string_list,
               "",
               {},
               256,
               {},
               restart,
               "Names without which the server is not ready: /readyz answers 503 when one of them fails. The "
               "failure of "
               "another is named there and costs only its own function."},
          }};
}

ConfigSection store_section() {
  return {.name = "store",
          .help = "Where rooms, tokens and plugins' data are kept.",
          .keys = {
              {"url",
               string,
               "sqlite:var/viadux.db",
               1,
               1000,
               {},
               restart,
               "sqlite:FILE, or postgresql://user@host/database for several servers. Without a password: "
               "give that in "
               "store.password."},
              {"password", secret, "", {}, {}, {}, restart, "The PostgreSQL user's password."},
              {"queue",
               integer,
               "4096",
               16,
               1'000'000,
               {},
               restart,
               "Requests that may wait for the store at a time."},
          }};
}

ConfigSection organisations_section() {
  return {
      .name = "organisations",
      .help = "Tenants: one folder each, with an organisation.toml.",
      .keys = {
          {"path", path, "conf/organisations", 1, {}, {}, restart, "Folder with the organisations' folders."},
          {"default",
           string,
           "demo",
           {},
           64,
           {},
           live,
           "Code of the organisation that answers an address of no other one. Empty: such calls are "
           "refused."},
      }};
}

ConfigSection rooms_section() {
  return {.name = "rooms",
          .help = "Limits of the whole server; organisations have their own below these.",
          .keys = {
              {"max", integer, "2000", 1, 1'000'000, {}, restart, "Meetings that may run at a time."},
              {"participants_max", integer, "5000", 1, 1'000'000, {}, restart, "Participants at a time."},
              {"room_participants_max", integer, "500", 2, 100'000, {}, restart, "Participants in one room."},
              {"no_media_timeout",
               duration,
               "30s",
               1'000,
               3'600'000,
               {},
               restart,
               "A participant that has no media session for so long leaves."},
              {"lobby_timeout",
               duration,
               "15m",
               10'000,
               86'400'000,
               {},
               restart,
               "A participant that nobody lets in from the lobby for so long leaves."},
          }};
}

ConfigSection limits_section() {
  return {.name = "limits",
          .help = "Against guessing and flooding.",
          .keys = {
              {"pin_guesses",
               integer,
               "5",
               1,
               1000,
               {},
               restart,
               "Wrong PINs for a room from one address that cost nothing; from then on each doubles the "
               "waiting time."},
              {"pin_guesses_room",
               integer,
               "20",
               1,
               10'000,
               {},
               restart,
               "The same for a room, from all addresses together."},
              {"event_queue",
               integer,
               "256",
               16,
               65'536,
               {},
               restart,
               "Events that may wait for one reader; a slower one is told to read the whole state anew."},
              {"event_readers",
               integer,
               "10000",
               1,
               1'000'000,
               {},
               restart,
               "Readers of event streams at a time."},
          }};
}

ConfigSection log_section() {
  return {
      .name = "log",
      .help =
          "What the server tells, on standard output. PINs, tokens, CPR and telephone numbers never appear.",
      .keys = {
          {"level",
           enumeration,
           "info",
           {},
           {},
           {"debug", "info", "warning", "error"},
           live,
           "The least that is told."},
          {"format",
           enumeration,
           "automatic",
           {},
           {},
           {"automatic", "text", "json"},
           restart,
           "automatic is text on a terminal and JSON elsewhere."},
      }};
}

ConfigSection control_section() {
  return {.name = "control",
          .help = "How the command line (viadux token, viadux plugin list) reaches the running server.",
          .keys = {
              {"socket",
               path,
               "var/viadux.sock",
               {},
               100,
               {},
               restart,
               "Unix socket, open to the server's own user only. Empty is none."},
              {"drain_timeout",
               duration,
               "30s",
               0,
               86'400'000,
               {},
               live,
               "How long running meetings may go on after SIGTERM. A second SIGTERM ends at once."},
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
  for (auto section : {http_section, media_section, plugins_section, store_section, organisations_section,
                       rooms_section, limits_section, log_section, control_section}) {
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
