#include "core/http/certificate.hpp"

#include "core/http/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace viadux {
namespace {

constexpr long day_s = 24 * 3600;
constexpr long lifetime_days = 397;
constexpr long renew_days = 30;
constexpr std::size_t max_pem_bytes = 256 * 1024;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

Error crypto_error(const std::string& what) {
  char text[256] = "unknown";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return make_error(ErrorCode::internal, "certificate_failed", what + ": " + text);
}

std::string contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

bool is_address(const std::string& name) {
  in6_addr address{};
  return inet_pton(AF_INET, name.c_str(), &address) == 1 || inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    // The text goes through OpenSSL's little configuration language: nothing but names may pass.
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == ':' || c == '*';
    });
    if (!plain || (name.find(':') != name.npos && !is_address(name))) continue;
    text += (text.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Certificate parse(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

Result<std::string> read_file(const std::string& path, const char* what) {
  std::ifstream file(path, std::ios::binary);
  std::string text(max_pem_bytes, '\0');
  if (!file)
    return make_error(ErrorCode::not_found, "certificate_unreadable",
                      std::string(what) + " file '" + path + "' cannot be opened: " + std::strerror(errno),
                      what, "check that it exists and that the server's user may read it");
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

// Written beside and renamed, so that a crash leaves either the old one or the new one.
Result<void> write_private(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool ok = fd >= 0 && ::fchmod(fd, 0600) == 0 &&
            ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) ok = ::close(fd) == 0 && ok;
  if (ok && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  return make_error(ErrorCode::internal, "certificate_unwritable",
                    "cannot write '" + path + "': " + std::strerror(errno), "self_made_directory",
                    "choose a directory that the server's user may write");
}

bool serves(const std::string& pem, const std::vector<std::string>& names, std::int64_t now_s) {
  const Certificate certificate = parse(pem);
  if (!certificate) return false;
  auto renew_from = static_cast<time_t>(now_s + renew_days * day_s);
  if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &renew_from) <= 0) return false;
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_address(name) ? X509_check_ip_asc(certificate.get(), name.c_str(), 0) == 1
                            : X509_check_host(certificate.get(), name.c_str(), name.size(), 0, nullptr) == 1;
  });
}

Result<CertificatePem> load_self_made(const HttpTls& options, std::int64_t now_s) {
  const std::string certificate_path = options.self_made_directory + "/certificate.pem";
  const std::string key_path = options.self_made_directory + "/key.pem";
  const auto certificate = read_file(certificate_path, "certificate");
  const auto key = read_file(key_path, "key");
  if (certificate && key && serves(*certificate, options.self_made_names, now_s))
    return CertificatePem{*certificate, *key};
  std::error_code error;
  if (std::filesystem::create_directories(options.self_made_directory, error))
    std::filesystem::permissions(options.self_made_directory, std::filesystem::perms::owner_all, error);
  auto made = make_certificate(options.self_made_names, now_s);
  if (!made) return made;
  if (auto written = write_private(key_path, made->key); !written) return written.error();
  if (auto written = write_private(certificate_path, made->certificate); !written) return written.error();
  return made;
}

} // namespace

Result<CertificatePem> make_certificate(const std::vector<std::string>& names, std::int64_t now_s) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  if (!key || !certificate) return crypto_error("making a key");
  X509* x509 = certificate.get();
  std::uint64_t serial = random64() >> 1;
  auto begin = static_cast<time_t>(now_s - day_s); // clocks of clients that are behind
  auto end = static_cast<time_t>(now_s + (lifetime_days - 1) * day_s);
  bool ok = X509_set_version(x509, X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial) == 1 &&
            ASN1_TIME_set(X509_getm_notBefore(x509), begin) != nullptr &&
            ASN1_TIME_set(X509_getm_notAfter(x509), end) != nullptr && X509_set_pubkey(x509, key.get()) == 1;
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* common_name = reinterpret_cast<const unsigned char*>("Viadux self-made");
  ok = ok && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1 &&
       X509_set_issuer_name(x509, name) == 1 &&
       add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
       add_extension(x509, NID_key_usage, "critical,digitalSignature") &&
       add_extension(x509, NID_ext_key_usage, "serverAuth");
  if (const std::string alternatives = alternative_names(names); !alternatives.empty())
    ok = ok && add_extension(x509, NID_subject_alt_name, alternatives);
  ok = ok && X509_sign(x509, key.get(), EVP_sha256()) > 0;
  const Bio certificate_pem(BIO_new(BIO_s_mem()));
  const Bio key_pem(BIO_new(BIO_s_mem()));
  ok = ok && PEM_write_bio_X509(certificate_pem.get(), x509) == 1 &&
       PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!ok) return crypto_error("making a certificate");
  return CertificatePem{contents(certificate_pem.get()), contents(key_pem.get())};
}

Result<CertificatePem> load_certificate(const HttpTls& options, std::int64_t now_s) {
  if (options.certificate_file.empty() != options.key_file.empty())
    return make_error(ErrorCode::bad_argument, "certificate_incomplete",
                      "a certificate needs both its file and its key's file", "certificate_file",
                      "set both, or neither to have one made");
  if (options.certificate_file.empty())
    return options.self_made_directory.empty() ? make_certificate(options.self_made_names, now_s)
                                               : load_self_made(options, now_s);
  auto certificate = read_file(options.certificate_file, "certificate_file");
  if (!certificate) return certificate.error();
  auto key = read_file(options.key_file, "key_file");
  if (!key) return key.error();
  return CertificatePem{std::move(*certificate), std::move(*key)};
}

std::string certificate_sha256(const std::string& pem) {
  const Certificate certificate = parse(pem);
  if (!certificate) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest, &length) != 1) return {};
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    char byte[4];
    std::snprintf(byte, sizeof byte, "%s%02X", i == 0 ? "" : ":", digest[i]);
    text += byte;
  }
  return text;
}

} // namespace viadux
