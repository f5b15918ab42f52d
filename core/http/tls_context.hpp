// One certificate with its TLS settings, shared by the connections that began with it.
#pragma once

#include "core/http/certificate.hpp"

#include <boost/asio/ssl/context.hpp>
#include <memory>

namespace viadux {

class TlsContext {
 public:
  // TLS 1.2 and later. Errors: bad_argument (no PEM, key and certificate do not belong together).
  static Result<std::shared_ptr<TlsContext>> make(const CertificatePem& pem);

  boost::asio::ssl::context& context() { return context_; }
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
  std::string fingerprint_;
};

} // namespace viadux
