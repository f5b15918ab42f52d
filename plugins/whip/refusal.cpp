#include "refusal.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace whip {
namespace {

struct Mapped {
  std::string_view reason;
  unsigned status;
};
// Only where the error's code would not say it well; the rest is viadux::http_status().
constexpr std::array mapped = {
    Mapped{"pin_required", 401},       Mapped{"pin_wrong", 401},       Mapped{"token_missing", 401},
    Mapped{"token_unknown", 401},      Mapped{"token_expired", 401},   Mapped{"token_revoked", 401},
    Mapped{"pin_slowed", 429},         Mapped{"auth_slowed", 429},     Mapped{"room_locked", 403},
    Mapped{"alias_malformed", 404},    Mapped{"sdp_not_bundled", 422}, Mapped{"sdp_no_media", 422},
    Mapped{"sdp_no_fingerprint", 422}, Mapped{"session_gone", 404},    Mapped{"participant_gone", 404},
};

unsigned status_of(const viadux::Error& error) {
  for (const Mapped& entry : mapped)
    if (entry.reason == error.reason) return entry.status;
  // The offer was understood and cannot be served: the client's matter, not a missing feature of HTTP.
  if (error.code == viadux::ErrorCode::unsupported) return 422;
  return viadux::http_status(error.code);
}

} // namespace

viadux::HttpResponse refusal(const viadux::Error& error) {
  const unsigned status = status_of(error);
  viadux::HttpResponse response = viadux::HttpResponse::problem(status, error);
  if (status == 401) response.header("www-authenticate", "Bearer realm=\"viadux\"");
  if (status == 429 || status == 503) response.header("retry-after", "2");
  return response;
}

viadux::HttpResponse refusal(unsigned status, std::string reason, std::string message, std::string hint) {
  return viadux::HttpResponse::problem(status,
                                       viadux::make_error(viadux::ErrorCode::bad_argument, std::move(reason),
                                                          std::move(message), {}, std::move(hint)));
}

} // namespace whip
