#include "core/cli/server_settings.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

namespace viadux {
namespace {

std::uint32_t milliseconds(const Configuration& configuration, std::string_view key) {
  return static_cast<std::uint32_t>(configuration.get_int(key));
}
std::int64_t microseconds(const Configuration& configuration, std::string_view key) {
  return configuration.get_int(key) * 1000;
}
std::uint32_t number(const Configuration& configuration, std::string_view key) {
  return static_cast<std::uint32_t>(configuration.get_int(key));
}

Result<std::vector<IpAddress>> addresses(const Configuration& configuration, const char* key) {
  std::vector<IpAddress> parsed;
  for (const std::string& text : configuration.get_list(key)) {
    const auto address = IpAddress::parse(text);
    if (!address)
      return make_error(ErrorCode::bad_argument, "address_malformed", "'" + text + "' is no IP address", key,
                        "write it as 192.0.2.1 or 2001:db8::1");
    parsed.push_back(*address);
  }
  return parsed;
}

} // namespace

HttpOptions http_options(const Configuration& configuration) {
  HttpOptions options;
  options.listen.clear();
  const std::string& address = configuration.get_string("http.address");
  if (const auto port = configuration.get_int("http.port"); port != 0)
    options.listen.push_back({address, static_cast<std::uint16_t>(port), false});
  if (const auto port = configuration.get_int("http.tls_port"); port != 0)
    options.listen.push_back({address, static_cast<std::uint16_t>(port), true});
  options.tls.certificate_file = configuration.get_string("http.tls_certificate");
  options.tls.key_file = configuration.get_string("http.tls_key");
  options.tls.self_made_directory = configuration.get_string("http.self_made_folder");
  options.tls.self_made_names = configuration.get_list("http.self_made_names");
  options.threads = number(configuration, "http.threads");
  options.trusted_proxies = configuration.get_list("http.trusted_proxies");
  HttpLimits& limits = options.limits;
  limits.header_bytes = static_cast<std::size_t>(configuration.get_int("http.max_header"));
  limits.target_bytes = static_cast<std::size_t>(configuration.get_int("http.max_target"));
  limits.body_bytes = static_cast<std::size_t>(configuration.get_int("http.max_body"));
  limits.header_timeout_ms = milliseconds(configuration, "http.header_timeout");
  limits.body_timeout_ms = milliseconds(configuration, "http.body_timeout");
  limits.idle_timeout_ms = milliseconds(configuration, "http.idle_timeout");
  limits.write_timeout_ms = milliseconds(configuration, "http.write_timeout");
  limits.handler_timeout_ms = milliseconds(configuration, "http.handler_timeout");
  limits.connections = number(configuration, "http.max_connections");
  limits.connections_per_client = number(configuration, "http.connections_per_client");
  limits.requests_per_connection = number(configuration, "http.requests_per_connection");
  return options;
}

Result<EngineOptions> engine_options(const Configuration& configuration) {
  EngineOptions options;
  options.workers = number(configuration, "media.workers");
  if (options.workers == 0) options.workers = std::max(std::thread::hardware_concurrency(), 1U);
  options.base_port = static_cast<std::uint16_t>(configuration.get_int("media.port"));
  auto own = addresses(configuration, "media.addresses");
  if (!own) return own.error();
  auto seen_as = addresses(configuration, "media.public_address");
  if (!seen_as) return seen_as.error();
  options.addresses = std::move(*own);
  options.public_addresses = std::move(*seen_as);
  options.tcp = configuration.get_bool("media.ice_tcp");
  options.use_gso = configuration.get_bool("media.gso");
  const ConfigPorts ports = configuration.get_ports("media.rtp_ports");
  options.rtp_ports = {ports.first, ports.last};
  options.start_bps = configuration.get_int("media.start_bps");
  options.floor_bps = configuration.get_int("media.floor_bps");
  options.max_send_bps = configuration.get_int("media.max_send_bps");
  options.dscp_audio = static_cast<std::uint8_t>(configuration.get_int("media.dscp_audio"));
  options.dscp_video = static_cast<std::uint8_t>(configuration.get_int("media.dscp_video"));
  options.max_receive_bps = configuration.get_int("media.max_receive_bps");
  options.ice_timeout_us = microseconds(configuration, "media.ice_timeout");
  options.rtp_timeout_us = microseconds(configuration, "media.rtp_timeout");
  options.max_sessions = number(configuration, "media.max_sessions");
  return options;
}

MixerOptions mixer_options(const Configuration& configuration) {
  MixerOptions options;
  options.threads = number(configuration, "mixer.threads");
  if (options.threads == 0) options.threads = std::max(std::thread::hardware_concurrency() / 2, 1U);
  options.picture_threads = number(configuration, "mixer.picture_threads");
  if (options.picture_threads == 0)
    options.picture_threads = std::max(std::thread::hardware_concurrency(), 2U) - 1;
  options.audio.encoding.bitrate_bps = static_cast<std::int32_t>(configuration.get_int("mixer.opus_bps"));
  options.audio.encoding.complexity =
      static_cast<std::int32_t>(configuration.get_int("mixer.opus_complexity"));
  options.audio.encoding.expected_loss =
      static_cast<std::int32_t>(configuration.get_int("mixer.expected_loss"));
  options.audio.encoding.dtx = configuration.get_bool("mixer.dtx");
  options.audio.even = configuration.get_bool("mixer.even_voices");
  options.font = options.pictures.canvas.font = configuration.get_string("mixer.font");
  return options;
}

store::StorageOptions storage_options(const Configuration& configuration) {
  store::StorageOptions options;
  options.url = configuration.get_string("store.url");
  const Secret& password = configuration.get_secret("store.password");
  if (!password.empty() && options.url.starts_with("postgresql://")) {
    const char separator = options.url.find('?') == std::string::npos ? '?' : '&';
    // Percent-encoded, since it goes into a URL (libpq, "Connection URIs").
    std::string encoded;
    for (const char c : password.reveal()) {
      static constexpr char digits[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    options.url += separator + std::string("password=") + encoded;
  }
  options.queue_limit = static_cast<std::size_t>(configuration.get_int("store.queue"));
  return options;
}

MeetingOptions meeting_options(const Configuration& configuration) {
  MeetingOptions options;
  options.meetings_max = number(configuration, "rooms.max");
  options.participants_max = number(configuration, "rooms.participants_max");
  options.room_participants_max = number(configuration, "rooms.room_participants_max");
  options.no_media_us = microseconds(configuration, "rooms.no_media_timeout");
  options.lobby_us = microseconds(configuration, "rooms.lobby_timeout");
  return options;
}

GuessLimits guess_limits(const Configuration& configuration) {
  GuessLimits limits;
  limits.free_per_source = number(configuration, "limits.pin_guesses");
  limits.free_per_room = number(configuration, "limits.pin_guesses_room");
  return limits;
}

EventBusLimits event_limits(const Configuration& configuration) {
  EventBusLimits limits;
  limits.queue = static_cast<std::size_t>(configuration.get_int("limits.event_queue"));
  limits.subscribers = static_cast<std::size_t>(configuration.get_int("limits.event_readers"));
  return limits;
}

PluginOptions plugin_options(const Configuration& configuration) {
  PluginOptions options;
  options.required = configuration.get_list("plugins.required");
  options.enabled = configuration.get_list("plugins.enabled");
  options.disabled = configuration.get_list("plugins.disabled");
  return options;
}

std::string plugin_folder(const Configuration& configuration) {
  if (const std::string& folder = configuration.get_string("plugins.path"); !folder.empty()) return folder;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "lib/viadux/plugins").string();
}

} // namespace viadux
