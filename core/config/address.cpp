#include "core/config/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>

namespace viadux {
namespace {

constexpr std::size_t max_address = 256;

Error malformed(const char* what) {
  return make_error(ErrorCode::bad_argument, "address_malformed", std::string("the address ") + what,
                    "address");
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 3986 section 2.1, once: what comes out is not looked at again.
bool percent_decode(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

// ASCII, and the two-byte letters U+00C0 to U+00DE (without the multiplication sign).
std::string lower_case(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    const auto before = i > 0 ? static_cast<unsigned char>(out[i - 1]) : 0;
    if (byte >= 'A' && byte <= 'Z') out[i] = static_cast<char>(byte + 32);
    if (before == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97) out[i] = static_cast<char>(byte + 32);
  }
  return out;
}

// Well-formed UTF-8 (RFC 3629 section 4) without overlong forms and surrogates.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || text.size() - i < length) return false;
    std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = code << 6 | (next & 0x3F);
    }
    if ((length == 3 && (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF))) ||
        (length == 4 && (code < 0x10000 || code > 0x10FFFF)) || (code >= 0x80 && code < 0xA0)) {
      return false;
    }
    i += length;
  }
  return true;
}

bool is_ip(std::string_view text) {
  const std::string name(text);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

enum class HostKind : std::uint8_t { domain, ip, malformed };

// Takes off brackets, port and last dot: "[2001:db8::1]:443", "example.org.:5061", "192.0.2.1".
HostKind normalise_host(std::string_view& host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return HostKind::malformed;
    const std::string_view port = host.substr(end + 1);
    host = host.substr(1, end - 1);
    const bool port_ok = port.empty() || (port.front() == ':' && all_digits(port.substr(1)));
    return port_ok && is_ip(host) ? HostKind::ip : HostKind::malformed;
  }
  if (is_ip(host)) return HostKind::ip;
  if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    if (!all_digits(host.substr(colon + 1))) return HostKind::malformed;
    host = host.substr(0, colon);
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  if (is_ip(host)) return HostKind::ip;
  const bool broken = host.empty() || host.size() > 253 ||
                      host.find_first_of(":/@[]%_ ") != std::string_view::npos || host.front() == '.' ||
                      host.find("..") != std::string_view::npos || host.back() == '.';
  return broken ? HostKind::malformed : HostKind::domain;
}

bool starts_with_scheme(std::string_view text, std::string_view scheme) {
  return text.size() > scheme.size() && lower_case(text.substr(0, scheme.size())) == scheme;
}

} // namespace

std::string to_string(const Address& address) {
  return address.domain.empty() ? address.local : address.local + "@" + address.domain;
}

Result<Address> parse_address(std::string_view dialled) {
  if (dialled.size() > 3 * max_address) return malformed("is too long");
  for (const std::string_view scheme : {"sip:", "sips:", "h323:", "tel:"}) {
    if (!starts_with_scheme(dialled, scheme)) continue;
    dialled.remove_prefix(scheme.size());
    break;
  }
  // URI parameters and headers (RFC 3261 section 19.1.1) say how to get here, not who is meant.
  dialled = dialled.substr(0, dialled.find_first_of(";?"));
  std::string decoded;
  if (!percent_decode(dialled, decoded)) return malformed("has a broken percent escape");
  if (decoded.size() > max_address) return malformed("is too long");
  if (!is_utf8(decoded)) return malformed("is not UTF-8 text");
  decoded = lower_case(decoded);
  for (const char c : decoded) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) return malformed("has a space or a control character in it");
    if (c == '/' || c == '\\' || c == '"' || c == '<' || c == '>')
      return malformed("has a character in it that none may have");
  }
  const std::size_t at = decoded.find('@');
  Address address;
  address.local = decoded.substr(0, at);
  if (address.local.empty()) return malformed("has nothing before its domain");
  if (at == std::string::npos) return address;

  std::string_view host = std::string_view(decoded).substr(at + 1);
  if (host.find('@') != std::string_view::npos) return malformed("has a second @ in it");
  switch (normalise_host(host)) {
  case HostKind::malformed:
    return malformed("has no domain after its @ that can be read");
  case HostKind::ip:
    break; // as good as none: addresses belong to machines, not to organisations
  case HostKind::domain:
    address.domain = host;
    break;
  }
  return address;
}

std::string normal_domain(std::string_view name) {
  if (name.size() > max_address || !is_utf8(name)) return {};
  const std::string lower = lower_case(name);
  std::string_view host = lower;
  for (const char c : lower) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '\\' || c == '"') return {};
  }
  return normalise_host(host) == HostKind::domain ? std::string(host) : std::string();
}

} // namespace viadux
