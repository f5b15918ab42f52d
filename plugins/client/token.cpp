#include "token.hpp"

#include <algorithm>

namespace client {

constexpr std::size_t longest_token = 4096;

std::string Tokens::issue(const Claims& claims) const {
  return ring_.seal(viadux::write_document(claims)).value_or("");
}

std::optional<Claims> Tokens::open(std::string_view token, TokenKind kind, std::int64_t now_ms) const {
  if (token.empty() || token.size() > longest_token) return std::nullopt;
  const auto plain = ring_.open(token);
  if (!plain) return std::nullopt;
  auto claims = viadux::read_document<Claims>(*plain);
  if (!claims || claims->kind != kind || claims->expires_ms <= now_ms) return std::nullopt;
  return std::move(claims).value();
}

viadux::Json Tokens::to_json(const SealKey& key) {
  StoredKey stored;
  stored.id = key.id;
  stored.made_ms = key.made_ms;
  stored.secret = to_base64url({reinterpret_cast<const char*>(key.secret.data()), key.secret.size()});
  return viadux::to_json(stored);
}

std::optional<SealKey> Tokens::from_json(const viadux::Json& json) {
  StoredKey stored;
  if (!viadux::from_json(json, stored)) return std::nullopt;
  const auto secret = from_base64url(stored.secret);
  SealKey key;
  if (!secret || secret->size() != key.secret.size() || stored.id == 0) return std::nullopt;
  key.id = static_cast<std::uint32_t>(stored.id);
  key.made_ms = stored.made_ms;
  std::ranges::copy(*secret, reinterpret_cast<char*>(key.secret.data()));
  return key;
}

} // namespace client
