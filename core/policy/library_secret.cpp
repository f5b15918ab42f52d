// random.*, hash.*, encode.*, decode.*
#include "core/policy/library.hpp"

#include "core/policy/lua_values.hpp"

#include <array>
#include <cctype>
#include <cstring>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace viadux {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

std::string_view argument(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, index, &size);
  LuaState::charge(lua, size / 16);
  return {text, size};
}

void random_bytes(lua_State* lua, unsigned char* out, int count) {
  if (RAND_bytes(out, count) != 1) luaL_error(lua, "the system gives no random numbers");
}

// All digits are equally likely: bytes from 250 on are thrown away.
int random_pin(lua_State* lua) {
  const lua_Integer digits = luaL_optinteger(lua, 1, 5);
  if (digits < 4 || digits > 20) return luaL_error(lua, "a PIN has from 4 to 20 digits");
  char pin[20];
  lua_Integer have = 0;
  while (have < digits) {
    unsigned char bytes[32];
    random_bytes(lua, bytes, sizeof bytes);
    for (std::size_t i = 0; i < sizeof bytes && have < digits; ++i)
      if (bytes[i] < 250) pin[have++] = static_cast<char>('0' + bytes[i] % 10);
  }
  lua_pushlstring(lua, pin, static_cast<std::size_t>(digits));
  return 1;
}

int random_uuid(lua_State* lua) {
  unsigned char bytes[16];
  random_bytes(lua, bytes, sizeof bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U); // RFC 9562, version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
  char text[36];
  std::size_t at = 0;
  for (std::size_t i = 0; i < sizeof bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = hex_digits[bytes[i] >> 4U];
    text[at++] = hex_digits[bytes[i] & 15U];
  }
  lua_pushlstring(lua, text, sizeof text);
  return 1;
}

int digest(lua_State* lua, const EVP_MD* kind) {
  const std::string_view text = argument(lua, 1);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes, &size, kind, nullptr) != 1)
    return luaL_error(lua, "this system cannot make such a hash");
  char out[2 * EVP_MAX_MD_SIZE];
  for (unsigned i = 0; i < size; ++i) {
    out[2 * i] = hex_digits[bytes[i] >> 4U];
    out[2 * i + 1] = hex_digits[bytes[i] & 15U];
  }
  lua_pushlstring(lua, out, 2 * static_cast<std::size_t>(size));
  return 1;
}

int hash_sha256(lua_State* lua) {
  return digest(lua, EVP_sha256());
}

int hash_md5(lua_State* lua) {
  return digest(lua, EVP_md5());
}

int push_scratch(lua_State* lua) {
  const std::string& text = LuaState::of(lua).scratch;
  lua_pushlstring(lua, text.data(), text.size());
  return 1;
}

int encode_base64(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  std::string& out = LuaState::of(lua).scratch;
  if (text.size() > 65'536) return luaL_error(lua, "encode.base64 takes at most 65536 bytes");
  out.assign((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return push_scratch(lua);
}

int decode_base64(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  std::string& out = LuaState::of(lua).scratch;
  if (text.size() > 90'000 || text.size() % 4 != 0) {
    lua_pushnil(lua);
    return 1;
  }
  out.assign(text.size() / 4 * 3 + 1, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) {
    lua_pushnil(lua);
    return 1;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
    ++padding;
  out.resize(static_cast<std::size_t>(size) - padding);
  return push_scratch(lua);
}

// RFC 3986, 2.3: what is not unreserved is written as %XX.
int encode_url(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  if (text.size() > 65'536) return luaL_error(lua, "encode.url takes at most 65536 bytes");
  std::string& out = LuaState::of(lua).scratch;
  out.clear();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || (c != 0 && std::strchr("-._~", c) != nullptr))
      out += c;
    else
      out.append({'%', "0123456789ABCDEF"[byte >> 4U], "0123456789ABCDEF"[byte & 15U]});
  }
  return push_scratch(lua);
}

int value_of_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int decode_url(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  if (text.size() > 200'000) return luaL_error(lua, "decode.url takes at most 200000 bytes");
  std::string& out = LuaState::of(lua).scratch;
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? value_of_hex(text[i + 1]) : -1;
    const int low = high >= 0 ? value_of_hex(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
  }
  return push_scratch(lua);
}

int encode_json(lua_State* lua) {
  luaL_checkany(lua, 1);
  LuaState& state = LuaState::of(lua);
  bool well = false;
  {
    const Result<Json> value = read_value(lua, 1, nullptr); // raises nothing
    well = value.has_value();
    state.scratch = well ? value->dump() : value.error().message;
  }
  LuaState::charge(lua, state.scratch.size() / 8);
  return well ? push_scratch(lua) : luaL_error(lua, "%s", state.scratch.c_str());
}

constexpr std::array functions{
    LibraryFunction{"random.pin", random_pin, "[digits]",
                    "A PIN of so many digits (5) that nobody can guess."},
    LibraryFunction{"random.uuid", random_uuid, "", "A new UUID (version 4)."},
    LibraryFunction{"hash.sha256", hash_sha256, "text", "SHA-256 in hex: the same text, the same hash."},
    LibraryFunction{"hash.md5", hash_md5, "text",
                    "MD5 in hex, for systems that ask for it; it keeps no secret."},
    LibraryFunction{"encode.base64", encode_base64, "text", "The text in base64."},
    LibraryFunction{"decode.base64", decode_base64, "text", "What base64 stands for, or nil."},
    LibraryFunction{"encode.url", encode_url, "text", "The text as it may stand in a link."},
    LibraryFunction{"decode.url", decode_url, "text", "What %XX in a link stand for."},
    LibraryFunction{"encode.json", encode_json, "value", "A text, number or table as JSON."},
};

} // namespace

std::span<const LibraryFunction> secret_functions() {
  return functions;
}

} // namespace viadux
