// Sealing: a text that only we can make and read (AES-256-GCM), in letters that need no encoding in a URL.
//
//   sealed = base64url(key id (4) | nonce (12) | ciphertext | tag (16)), no padding
//
// Keys are named by an id, so that a new one can seal while older ones still open.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace client {

std::string to_base64url(std::string_view bytes);
// Takes padding and refuses everything else that is not of the alphabet.
std::optional<std::string> from_base64url(std::string_view text);

struct SealKey {
  std::uint32_t id = 0;
  std::int64_t made_ms = 0;
  std::array<std::uint8_t, 32> secret{};
};

class KeyRing {
 public:
  static constexpr std::size_t most_keys = 8;

  // The newest one seals. A key that is there already is replaced; the oldest ones go.
  void add(const SealKey& key);
  bool empty() const { return keys_.empty(); }
  const SealKey& newest() const { return keys_.front(); }
  const std::vector<SealKey>& keys() const { return keys_; } // newest first
  static SealKey make(std::int64_t now_ms);

  // None: OpenSSL could not, which is a fault of the machine.
  std::optional<std::string> seal(std::string_view plain) const;
  // None: not ours, changed, or sealed by a key that has gone.
  std::optional<std::string> open(std::string_view sealed) const;

 private:
  std::vector<SealKey> keys_;
};

} // namespace client
