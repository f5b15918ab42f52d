// The little of SDP that the client API itself decides; the core reads and writes all the rest.
#pragma once

#include <string>
#include <string_view>

namespace client {

bool has_video(std::string_view sdp);
std::size_t lines_of(std::string_view sdp, std::string_view kind); // "m=audio "
// The same offer with each video line marked as slides (RFC 4796): what older clients' second call means.
std::string as_slides(std::string_view sdp);
// A trickled candidate as an SDP fragment (RFC 8840). Empty: there is nothing to hand on.
std::string fragment_of(std::string_view candidate, std::string_view mid, std::string_view ufrag,
                        std::string_view pwd);

} // namespace client
