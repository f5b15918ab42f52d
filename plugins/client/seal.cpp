#include "seal.hpp"

#include <algorithm>
#include <memory>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace client {
namespace {

constexpr std::size_t id_bytes = 4, nonce_bytes = 12, tag_bytes = 16;
constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

// The key's id is bound to the text as additional data.
bool encrypt(const SealKey& key, std::string_view plain, std::string& sealed) {
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  const auto* nonce = bytes_of(sealed, id_bytes);
  auto* out = bytes_of(sealed, id_bytes + nonce_bytes);
  return context &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.secret.data(), nonce) == 1 &&
         EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(sealed, 0), id_bytes) == 1 &&
         EVP_EncryptUpdate(context.get(), out, &size, bytes_of(plain), static_cast<int>(plain.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), out + size, &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, out + plain.size()) == 1;
}

std::optional<std::string> decrypt(const SealKey& key, std::string_view sealed) {
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string plain(sealed.size() - id_bytes - nonce_bytes - tag_bytes, '\0');
  std::string tag(sealed.substr(sealed.size() - tag_bytes));
  int size = 0;
  const auto* text = bytes_of(sealed) + id_bytes + nonce_bytes;
  auto* out = bytes_of(plain, 0);
  const bool ok =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.secret.data(),
                         bytes_of(sealed) + id_bytes) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(sealed), id_bytes) == 1 &&
      EVP_DecryptUpdate(context.get(), out, &size, text, static_cast<int>(plain.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, bytes_of(tag, 0)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), out + size, &size) == 1;
  if (!ok) return std::nullopt;
  return plain;
}

std::uint32_t id_of(std::string_view sealed) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < id_bytes; ++i)
    id = id << 8U | bytes_of(sealed)[i];
  return id;
}

} // namespace

std::string to_base64url(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    held += 8;
    for (; held >= 6; held -= 6)
      text += alphabet[bits >> (held - 6) & 63U];
  }
  if (held > 0) text += alphabet[bits << (6 - held) & 63U];
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  while (text.ends_with('='))
    text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 255U);
  }
  // One spelling for each token: no letter too many, and left-over bits are zero.
  if (held >= 6 || (bits & ((1U << static_cast<unsigned>(held)) - 1U)) != 0) return std::nullopt;
  return bytes;
}

SealKey KeyRing::make(std::int64_t now_ms) {
  SealKey key;
  key.made_ms = now_ms;
  std::array<std::uint8_t, id_bytes> id{};
  if (RAND_bytes(key.secret.data(), static_cast<int>(key.secret.size())) != 1 ||
      RAND_bytes(id.data(), id_bytes) != 1)
    return {};
  for (const std::uint8_t byte : id)
    key.id = key.id << 8U | byte;
  if (key.id == 0) key.id = 1;
  return key;
}

void KeyRing::add(const SealKey& key) {
  if (key.id == 0) return; // OpenSSL gave no random bytes: zeros would open everything
  std::erase_if(keys_, [&](const SealKey& each) { return each.id == key.id; });
  keys_.push_back(key);
  std::ranges::stable_sort(keys_, std::greater(), &SealKey::made_ms);
  if (keys_.size() > most_keys) keys_.resize(most_keys);
}

std::optional<std::string> KeyRing::seal(std::string_view plain) const {
  if (keys_.empty()) return std::nullopt;
  const SealKey& key = keys_.front();
  std::string sealed(id_bytes + nonce_bytes + plain.size() + tag_bytes, '\0');
  for (std::size_t i = 0; i < id_bytes; ++i)
    sealed[i] = static_cast<char>(key.id >> (24U - 8U * i) & 255U);
  if (RAND_bytes(bytes_of(sealed, id_bytes), nonce_bytes) != 1 || !encrypt(key, plain, sealed))
    return std::nullopt;
  return to_base64url(sealed);
}

std::optional<std::string> KeyRing::open(std::string_view text) const {
  const auto sealed = from_base64url(text);
  if (!sealed || sealed->size() < id_bytes + nonce_bytes + tag_bytes) return std::nullopt;
  const auto key = std::ranges::find(keys_, id_of(*sealed), &SealKey::id);
  if (key == keys_.end()) return std::nullopt;
  return decrypt(*key, *sealed);
}

} // namespace client
