#include "core/session/random.hpp"

#include "core/transport/sdes.hpp"

#include <array>
#include <openssl/rand.h>
#include <stdexcept>

namespace viadux {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
  std::array<std::uint8_t, N> bytes;
  // OpenSSL reseeds by itself; that it cannot is a broken machine, not something to go on with.
  if (RAND_bytes(bytes.data(), static_cast<int>(N)) != 1) throw std::runtime_error("no random numbers");
  return bytes;
}

} // namespace

std::uint32_t random_ssrc() {
  const auto bytes = random_bytes<4>();
  const std::uint32_t ssrc =
      bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
  return ssrc == 0 ? 1 : ssrc;
}

std::string random_cname() {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string name;
  for (const std::uint8_t byte : random_bytes<16>())
    name += digits[byte & 63];
  return name;
}

sdp::Crypto random_crypto(SrtpProfile profile, std::uint32_t tag) {
  const std::string line = format_sdes(make_sdes(tag, profile)); // "1 SUITE inline:KEY"
  sdp::Crypto crypto;
  crypto.tag = tag;
  crypto.suite = std::string(to_string(profile));
  crypto.key = line.substr(line.find("inline:") + 7);
  return crypto;
}

} // namespace viadux
