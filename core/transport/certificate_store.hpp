// Certificates for DTLS: made here, self-signed, ECDSA P-256. What a peer trusts is the fingerprint in the
// SDP.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <viadux/result.hpp>

struct ssl_ctx_st;

namespace viadux {

// The digest of a certificate (RFC 8122 section 5): algorithm "sha-256", "sha-384" or "sha-512", and its
// bytes.
struct Fingerprint {
  std::string algorithm;
  std::vector<std::uint8_t> digest;

  // Parses "sha-256 AB:CD:...", as it follows "a=fingerprint:". nullopt: malformed, or an algorithm we do not
  // take.
  static std::optional<Fingerprint> parse(std::string_view text);
  std::string to_string() const;
};

// Immutable. [any thread] Each transport keeps the one that its description offered.
class Certificate {
 public:
  // `now_ms` is wall time. Errors: internal (OpenSSL could not).
  static Result<std::shared_ptr<const Certificate>> make(std::int64_t now_ms);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  const Fingerprint& fingerprint() const { return fingerprint_; } // sha-256
  std::int64_t made_ms() const { return made_ms_; }
  ssl_ctx_st* context() const { return context_; } // for the DTLS code

 private:
  Certificate() = default;
  Fingerprint fingerprint_;
  std::int64_t made_ms_ = 0;
  ssl_ctx_st* context_ = nullptr;
};

// [control] Holds the certificate that new transports get, and replaces it when it is old.
class CertificateStore {
 public:
  static constexpr std::int64_t rotate_after_ms = 24LL * 3600 * 1000;

  static Result<CertificateStore> create(std::int64_t now_ms);
  // Rotates first where that is due; a failing rotation keeps the old one.
  std::shared_ptr<const Certificate> current(std::int64_t now_ms);

 private:
  explicit CertificateStore(std::shared_ptr<const Certificate> first) : current_(std::move(first)) {}
  std::shared_ptr<const Certificate> current_;
};

} // namespace viadux
