// A Lua text taken apart, with lines and columns: for what `viadux policy check` says of a file without
// running it. Whether it is Lua at all, Lua itself decides. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace viadux {

struct LuaToken {
  enum class Kind : unsigned char { name, keyword, number, text, sign, end };
  Kind kind = Kind::end;
  std::string_view written; // as in the file
  std::string value;        // of a text without escapes
  int line = 1;
  int column = 1;

  bool is(std::string_view sign_or_word) const {
    return (kind == Kind::sign || kind == Kind::keyword) && written == sign_or_word;
  }
};

// Ends with a token of kind `end`. Stops early at what is no token.
std::vector<LuaToken> read_lua_tokens(std::string_view text);

} // namespace viadux
