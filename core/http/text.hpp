// Small text work that HTTP needs: case, blanks, percent-decoding, UTF-8, lists, dates, digests. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viadux {

bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string lower_case(std::string_view text);
std::string_view trimmed(std::string_view text); // blanks and tabs off both ends
// The elements of a comma-separated field, trimmed, empty ones left out (RFC 9110, 5.6.1).
std::vector<std::string_view> list_elements(std::string_view field_value);
bool list_contains(std::string_view field_value, std::string_view element); // without case

// Decodes %XX once; with `plus_is_blank` as in forms. Nothing when a '%' is not followed by two hex digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank = false);
bool is_utf8(std::string_view text);
bool has_control_character(std::string_view text); // below 0x20, and 0x7f

std::string hex(std::string_view bytes);
std::string hex64(std::uint64_t value);
std::string sha256(std::string_view bytes); // 32 raw bytes
std::uint64_t random64();                   // not predictable from outside; unique enough for ids

// "Fri, 20 Nov 2026 12:31:30 GMT" (RFC 9110, 5.6.7); parsing takes that one form, which all clients send.
std::string http_date(std::int64_t unix_s);
std::optional<std::int64_t> parse_http_date(std::string_view text);

// Whether Accept-Encoding allows gzip (RFC 9110, 12.5.3).
bool accepts_gzip(std::string_view field_value);
std::string gzip(std::string_view bytes);

} // namespace viadux
