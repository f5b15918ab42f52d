// Which SIP status says which of the core's reasons, and what a unit is told when it is hung up on. The only
// place for that.
#pragma once

#include <string>
#include <string_view>
#include <viadux/result.hpp>

namespace sip {

struct Refusal {
  int status = 500;
  unsigned retry_after_s = 0; // 0: not said
  std::string text;           // one sentence, in the header Warning
};

Refusal refusal(const viadux::Error& error);

// The header Warning (RFC 3261 section 20.43) for a sentence: 399 viadux "...".
std::string warning_of(std::string_view text);
// The header Reason (RFC 3326) of the BYE for somebody who left for the core's `reason`.
std::string goodbye(std::string_view reason);

} // namespace sip
