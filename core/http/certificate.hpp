// Certificates: loaded from PEM files, or made here for a first run.
#pragma once

#include "core/http/options.hpp"

#include <string>
#include <viadux/result.hpp>

namespace viadux {

struct CertificatePem {
  std::string certificate; // the chain, leaf first
  std::string key;
};

// A self-made P-256 certificate for these DNS names and IP addresses, valid for 397 days, the most that
// browsers take. `now_s` is Unix time.
Result<CertificatePem> make_certificate(const std::vector<std::string>& names, std::int64_t now_s);

// What HttpTls says: the configured files; or the self-made ones of its directory, made (mode 0600, directory
// 0700) when missing, unreadable, for other names or within 30 days of their end; or a new one in memory.
Result<CertificatePem> load_certificate(const HttpTls& options, std::int64_t now_s);

// "AB:CD:…", SHA-256 of the first certificate in the PEM text; "" when there is none.
std::string certificate_sha256(const std::string& pem);

} // namespace viadux
