// Which HTTP status says which of the core's reasons, and the problem document that goes with it.
#pragma once

#include <viadux/http.hpp>

namespace whip {

// An answer for a failed call. RFC 9725 section 4.1: problem documents (RFC 9457) are welcome.
viadux::HttpResponse refusal(const viadux::Error& error);
viadux::HttpResponse refusal(unsigned status, std::string reason, std::string message, std::string hint = {});

} // namespace whip
