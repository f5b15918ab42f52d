// Packets out of an Ogg Opus file (RFC 3533, RFC 7845). [any]
#pragma once

#include <string>
#include <string_view>
#include <vector>
#include <viadux/result.hpp>

namespace prompts {

inline constexpr std::size_t longest_file = 1024UL * 1024;
inline constexpr std::size_t packet_ms = 20;
inline constexpr std::size_t most_packets = 60'000 / packet_ms; // a minute

// One for each 20 ms, ready to be sent. bad_argument (not_opus): what is wrong, for who made the file.
viadux::Result<std::vector<std::string>> read_ogg_opus(std::string_view file);

} // namespace prompts
