#include "core/transport/certificate_store.hpp"

#include "core/transport/dtls_context.hpp"

#include <array>
#include <memory>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace viadux {

namespace {

constexpr std::int64_t valid_days = 30; // a session does not outlive it

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using X509Handle = std::unique_ptr<X509, Free>;

// The name says nothing: peers look at the fingerprint only, and a name that is the same everywhere tells
// nobody whom they talk to.
X509Handle self_signed(EVP_PKEY& key, std::int64_t now_ms) {
  X509Handle certificate(X509_new());
  if (!certificate) return nullptr;
  X509* const x = certificate.get();
  std::array<std::uint8_t, 16> serial;
  if (RAND_bytes(serial.data(), serial.size()) != 1) return nullptr;
  serial[0] &= 0x7f; // positive
  BIGNUM* const number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  const bool numbered = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
  BN_free(number);
  const time_t now = static_cast<time_t>(now_ms / 1000);
  X509_NAME* const name = X509_get_subject_name(x);
  const auto* const common_name = reinterpret_cast<const unsigned char*>("WebRTC");
  const bool made = numbered && X509_set_version(x, 2) == 1 &&
                    ASN1_TIME_set(X509_getm_notBefore(x), now - 24 * 3600) &&
                    ASN1_TIME_set(X509_getm_notAfter(x), now + valid_days * 24 * 3600) &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, &key) == 1 &&
                    X509_sign(x, &key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

Error failed(const char* what) {
  return make_error(ErrorCode::internal, "certificate_failed",
                    std::string("OpenSSL could not make ") + what + " for DTLS");
}

} // namespace

Result<std::shared_ptr<const Certificate>> Certificate::make(std::int64_t now_ms) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return failed("a key");
  const X509Handle x509 = self_signed(*key, now_ms);
  if (!x509) return failed("a certificate");
  auto digest = certificate_digest(*x509, "sha-256");
  if (!digest) return failed("a fingerprint");
  std::shared_ptr<Certificate> certificate(new Certificate);
  certificate->made_ms_ = now_ms;
  certificate->fingerprint_ = {"sha-256", std::move(*digest)};
  certificate->context_ = make_dtls_context(*x509, *key);
  if (!certificate->context_) return failed("a context");
  return std::shared_ptr<const Certificate>(std::move(certificate));
}

Certificate::~Certificate() {
  SSL_CTX_free(context_);
}

Result<CertificateStore> CertificateStore::create(std::int64_t now_ms) {
  auto first = Certificate::make(now_ms);
  if (!first) return first.error();
  return CertificateStore(std::move(*first));
}

std::shared_ptr<const Certificate> CertificateStore::current(std::int64_t now_ms) {
  if (now_ms - current_->made_ms() >= rotate_after_ms)
    if (auto next = Certificate::make(now_ms)) current_ = std::move(*next);
  return current_;
}

} // namespace viadux
