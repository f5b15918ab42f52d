#include "core/transport/ice_directory.hpp"

#include "core/transport/stun_message.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <vector>

namespace viadux {

namespace {

// Base64's alphabet is just that of ice-char (RFC 8839 5.4), so whole triplets of bytes need no padding.
std::string random_ice_chars(std::size_t bytes) {
  std::vector<std::uint8_t> raw(bytes);
  if (RAND_bytes(raw.data(), static_cast<int>(bytes)) != 1) throw std::runtime_error("no randomness for ICE");
  std::string text(bytes / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), raw.data(), static_cast<int>(bytes));
  text.pop_back(); // EVP_EncodeBlock ends with a zero
  return text;
}

} // namespace

IceCredentials make_ice_credentials() {
  return {random_ice_chars(6), random_ice_chars(18)};
}

IceDirectory::IceDirectory(Worker& worker) : worker_(worker) {
  worker_.set_unknown_sink(this);
}

IceDirectory::~IceDirectory() {
  worker_.set_unknown_sink(nullptr);
}

bool IceDirectory::add(const std::string& ufrag, DatagramSink& owner) {
  return owners_.emplace(ufrag, &owner).second;
}

void IceDirectory::remove(const std::string& ufrag) {
  owners_.erase(ufrag);
}

void IceDirectory::on_datagrams(std::span<Datagram> batch) {
  for (Datagram& datagram : batch) {
    // RFC 7983: STUN begins with 0 to 3.
    if (datagram.size == 0 || datagram.data[0] > 3) {
      counters_.not_stun.add();
      continue;
    }
    const auto message = StunMessage::parse({datagram.data, datagram.size});
    if (!message || !message->username) {
      counters_.malformed.add();
      continue;
    }
    const auto owner = owners_.find(message->username->substr(0, message->username->find(':')));
    if (owner == owners_.end()) {
      counters_.unknown_ufrag.add();
      continue;
    }
    owner->second->on_datagrams({&datagram, 1});
  }
}

} // namespace viadux
