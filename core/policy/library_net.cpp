// net.*: addresses and subnets, IPv4 and IPv6.
#include "core/policy/library.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstring>

namespace viadux {
namespace {

struct Bits {
  std::array<unsigned char, 16> bytes{};
  int count = 0; // 32 or 128; 0 is no address
};

// An IPv4 address in IPv6's clothes (::ffff:192.0.2.1) is the IPv4 address.
Bits parse_address(const char* text) {
  Bits out;
  if (inet_pton(AF_INET, text, out.bytes.data()) == 1) {
    out.count = 32;
    return out;
  }
  if (inet_pton(AF_INET6, text, out.bytes.data()) != 1) return out;
  static constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  out.count = 128;
  if (std::memcmp(out.bytes.data(), mapped.data(), mapped.size()) == 0) {
    std::memmove(out.bytes.data(), out.bytes.data() + mapped.size(), 4);
    out.count = 32;
  }
  return out;
}

bool same_bits(const Bits& a, const Bits& b, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto byte = static_cast<std::size_t>(i / 8);
    const unsigned mask = 0x80U >> static_cast<unsigned>(i % 8);
    if (((a.bytes[byte] ^ b.bytes[byte]) & mask) != 0) return false;
  }
  return true;
}

bool is_within(lua_State* lua, const Bits& address, int subnet_index) {
  const char* subnet = luaL_checkstring(lua, subnet_index);
  char host[64];
  const char* slash = std::strchr(subnet, '/');
  const std::size_t size = slash ? static_cast<std::size_t>(slash - subnet) : std::strlen(subnet);
  if (size >= sizeof host) luaL_error(lua, "'%s' is no subnet", subnet);
  std::memcpy(host, subnet, size);
  host[size] = '\0';
  const Bits network = parse_address(host);
  if (network.count == 0)
    luaL_error(lua, "'%s' is no subnet; write it as 10.1.0.0/16 or 2001:db8::/32", subnet);
  int bits = network.count;
  if (slash) {
    char* end = nullptr;
    const long given = std::strtol(slash + 1, &end, 10);
    if (end == slash + 1 || *end != '\0' || given < 0 || given > network.count)
      luaL_error(lua, "'%s' is no subnet: after the / comes a number from 0 to %d", subnet, network.count);
    bits = static_cast<int>(given);
  }
  return address.count == network.count && same_bits(address, network, bits);
}

int net_in_subnet(lua_State* lua) {
  const Bits address = parse_address(luaL_checkstring(lua, 1));
  bool within = false;
  if (lua_type(lua, 2) == LUA_TTABLE) {
    const auto count = static_cast<lua_Integer>(lua_rawlen(lua, 2));
    LuaState::charge(lua, static_cast<std::uint64_t>(count) * 4);
    for (lua_Integer i = 1; i <= count && !within; ++i) {
      lua_rawgeti(lua, 2, i);
      within = is_within(lua, address, -1);
      lua_pop(lua, 1);
    }
  } else {
    within = is_within(lua, address, 2);
  }
  lua_pushboolean(lua, within && address.count != 0 ? 1 : 0);
  return 1;
}

int net_is_address(lua_State* lua) {
  const Bits address = parse_address(luaL_checkstring(lua, 1));
  if (address.count == 0)
    lua_pushnil(lua);
  else
    lua_pushinteger(lua, address.count == 32 ? 4 : 6);
  return 1;
}

constexpr std::array functions{
    LibraryFunction{"net.in_subnet", net_in_subnet, "address, subnet",
                    "Whether the address is in the subnet (\"10.1.0.0/16\"), or in one of a list of them."},
    LibraryFunction{"net.version", net_is_address, "text",
                    "4 or 6 for an IP address, nil for any other text."},
};

} // namespace

std::span<const LibraryFunction> net_functions() {
  return functions;
}

} // namespace viadux
