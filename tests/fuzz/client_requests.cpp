// What a stranger sends to the client API: paths, tokens, offers, candidates, bodies.
#include "plugins/client/requests.hpp"
#include "plugins/client/sdp.hpp"
#include "plugins/client/target.hpp"
#include "plugins/client/token.hpp"

#include <cstdlib>

namespace {

client::Tokens& tokens() {
  static client::Tokens all = [] {
    client::Tokens made;
    client::SealKey key;
    key.id = 1;
    key.secret.fill(7);
    made.ring().add(key);
    return made;
  }();
  return all;
}

void read_tokens(std::string_view text) {
  // Nobody can make one without the key, but what we seal comes back as it was, whatever the name in it.
  if (tokens().open(text, client::TokenKind::session, 0)) std::abort();
  client::Claims claims;
  claims.uuid = "u";
  claims.address = "demo";
  claims.display_name = std::string(text.substr(0, 128));
  claims.expires_ms = 1;
  const std::string token = tokens().issue(claims);
  if (token.empty()) return; // not UTF-8
  const auto again = tokens().open(token, client::TokenKind::session, 0);
  if (again && again->display_name != claims.display_name) std::abort();
  if (tokens().open(token, client::TokenKind::ticket, 0)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)client::read_target(text);
  read_tokens(text);
  (void)client::has_video(text);
  // Marking twice is marking once.
  const std::string slides = client::as_slides(text);
  if (client::as_slides(slides) != slides) std::abort();
  const std::size_t half = size / 2;
  (void)client::fragment_of(text.substr(0, half), text.substr(half), text.substr(half / 2, half), text);
  (void)viadux::read_document<client::TokenRequest>(text);
  (void)viadux::read_document<client::CallRequest>(text);
  (void)viadux::read_document<client::CandidateRequest>(text);
  (void)viadux::read_document<client::MessageRequest>(text);
  return 0;
}
