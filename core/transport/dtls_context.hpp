// What all DTLS sessions of one certificate share. For the DTLS code.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct x509_st;
struct evp_pkey_st;

namespace viadux {

// The digest of the certificate's DER form; nullopt for an algorithm that we do not take.
std::optional<std::vector<std::uint8_t>> certificate_digest(const x509_st& certificate,
                                                            std::string_view algorithm);

// An OpenSSL context for DTLS 1.2 with use_srtp, for both roles. Null where OpenSSL refuses. It may be used
// by several threads at once; the peer's certificate is judged by DtlsSession.
ssl_ctx_st* make_dtls_context(x509_st& certificate, evp_pkey_st& key);

} // namespace viadux
