// Names that the client API writes as UUIDs (RFC 9562).
#pragma once

#include <string>
#include <string_view>
#include <viadux/text.hpp>

namespace client {

// Version 4, of the kernel's randomness.
std::string random_uuid();
// Of a participant that another plugin has brought: its handle, in the form of a UUID. The same for as long
// as it is in the room.
std::string uuid_of(viadux::Handle handle);
// What a call is for. Its name says so (versions 4 and 8), so that one which is updated after a restart of
// the server comes back as the same.
enum class CallKind : std::uint8_t { main, send, receive };
std::string random_call(CallKind kind);
CallKind kind_of_call(std::string_view uuid);
bool is_uuid(std::string_view text);

} // namespace client
