// UUIDs of version 4 (RFC 9562, section 5.4), in lower case.
#pragma once

#include <string>
#include <string_view>

namespace viadux {

std::string new_uuid();
// 8-4-4-4-12 hexadecimal digits; the version is not looked at, since others make ids too.
bool uuid_ok(std::string_view text);
std::string lower_uuid(std::string text);

} // namespace viadux
