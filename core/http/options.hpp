// The HTTP server's settings as a plain struct. The composition root fills it from the configuration's
// [http].
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace viadux {

struct HttpListen {
  std::string address = "::"; // an IP address; "::" takes IPv4 too where the system allows it; no brackets
  std::uint16_t port = 8080;  // 0: the system chooses one, HttpServer::listening() tells which
  bool tls = false;
};

struct HttpLimits {
  std::size_t header_bytes = 16 * 1024;      // the whole head of a request: 431 beyond
  std::size_t target_bytes = 4096;           // 414 beyond
  std::size_t body_bytes = 1024 * 1024;      // 413 beyond; a route may say otherwise
  std::uint32_t header_timeout_ms = 10'000;  // from the first byte, or from the connection's start: 408
  std::uint32_t body_timeout_ms = 30'000;    // for the whole body: 408
  std::uint32_t idle_timeout_ms = 60'000;    // between requests of a kept connection
  std::uint32_t write_timeout_ms = 30'000;   // without any progress in sending
  std::uint32_t handler_timeout_ms = 60'000; // a handler that never answers: 504
  std::uint32_t connections = 10'000;
  std::uint32_t connections_per_client = 256; // per IPv4 address or IPv6 /64
  std::uint32_t requests_per_connection = 10'000;
};

struct HttpTls {
  // PEM files; both empty: a certificate is made at the first start.
  std::string certificate_file;
  std::string key_file;
  // Where the self-made one is kept (certificate.pem, key.pem, mode 0600); "": in memory only.
  std::string self_made_directory;
  std::vector<std::string> self_made_names = {"localhost", "127.0.0.1", "::1"}; // DNS names and IP addresses
};

struct HttpOptions {
  std::vector<HttpListen> listen = {HttpListen{}};
  HttpTls tls;
  HttpLimits limits;
  unsigned threads = 1; // http threads; TLS and compression run there
  // The peers (exact addresses) whose X-Forwarded-For and X-Forwarded-Proto are believed.
  std::vector<std::string> trusted_proxies;
  // Added to every answer that does not set them itself.
  std::vector<std::pair<std::string, std::string>> default_headers = {
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
  };
};

} // namespace viadux
