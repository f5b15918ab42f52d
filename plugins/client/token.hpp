// What a token says, and how it is made and read. A token holds all that is needed to bring its participant
// back after a restart of the server; it is sealed (seal.hpp), so nobody else can read or change it.
#pragma once

#include "seal.hpp"

#include <viadux/documents/participant.hpp>
#include <viadux/documents/store.hpp>

namespace client {

enum class TokenKind : std::uint8_t {
  session, // of a participant: every request carries it
  ticket,  // once, to join another room without a PIN (transfer)
};

struct Claims {
  TokenKind kind = TokenKind::session;
  std::string uuid; // the participant's; of a ticket its own name
  std::string address;
  std::string http_host;
  std::string display_name;
  viadux::documents::Role role = viadux::documents::Role::guest;
  bool waiting = false; // in the lobby: whoever comes back has to knock again
  std::int64_t joined_ms = 0;
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;
  std::string call_tag;
  bool knows_breakouts = false; // its client can look into several rooms
  bool wants_direct = false;    // its client can do direct media
  bool direct = false;          // it does
  std::string pin;              // of a ticket: the other room's, as the host gave it
  bool vouched = false;         // of a ticket: by this server, for its own room: no PIN is asked
  std::string breakout;         // of a ticket: where to, beyond the lobby
  viadux::documents::Authenticated authenticated = viadux::documents::Authenticated::none;

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("k", &Claims::kind, "What it is for."), field("u", &Claims::uuid, "Whose.").required(),
        field("a", &Claims::address, "The address that was dialled.").required(),
        field("h", &Claims::http_host, "By which host."), field("n", &Claims::display_name, "Personal."),
        field("r", &Claims::role, "Host or guest."), field("w", &Claims::waiting, "Was in the lobby."),
        field("j", &Claims::joined_ms, "When it joined."),
        field("i", &Claims::issued_ms, "When it was made."),
        field("e", &Claims::expires_ms, "Until when it counts.").required(),
        field("t", &Claims::call_tag, "The client's own mark."),
        field("b", &Claims::knows_breakouts, "Its client knows break-out rooms."),
        field("d", &Claims::wants_direct, "Its client can do direct media."),
        field("x", &Claims::direct, "It does."), field("p", &Claims::pin, "The other room's PIN."),
        field("v", &Claims::vouched, "The server stands for it."),
        field("o", &Claims::breakout, "Into this break-out."),
        field("g", &Claims::authenticated, "How far it was known who it is."));
  }
};

// The keys as they lie in the plugin's store.
struct StoredKey {
  std::int64_t id = 0;
  std::int64_t made_ms = 0;
  std::string secret; // base64url

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(field("id", &StoredKey::id, "Names it.").range(1, 0xffffffff),
                               field("made_ms", &StoredKey::made_ms, "Since 1970-01-01 UTC."),
                               field("secret", &StoredKey::secret, "32 bytes.").limit(64));
  }
};

class Tokens {
 public:
  KeyRing& ring() { return ring_; }
  // Empty: no key yet, or a fault of the machine.
  std::string issue(const Claims& claims) const;
  // Null: not one of ours, or another kind, or too old.
  std::optional<Claims> open(std::string_view token, TokenKind kind, std::int64_t now_ms) const;

  static viadux::Json to_json(const SealKey& key);
  static std::optional<SealKey> from_json(const viadux::Json& json);

 private:
  KeyRing ring_;
};

} // namespace client

template <>
struct viadux::EnumNames<client::TokenKind> {
  static constexpr std::array<std::string_view, 2> names{"session", "ticket"};
};
