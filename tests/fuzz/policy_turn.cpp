// What a TURN server may answer to the probe: nothing that is read lies beyond it.
#include "core/policy/turn_question.hpp"

#include <cstdlib>

using namespace viadux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  TurnTransaction transaction{};
  for (std::size_t i = 0; i < transaction.size() && 8 + i < size; ++i)
    transaction[i] = data[8 + i];
  const auto reply = read_turn_reply({data, size}, transaction);
  if (!reply) return 0;
  const char* const begin = reinterpret_cast<const char*>(data);
  for (const std::string_view text : {reply->realm, reply->nonce})
    if (!text.empty() && (text.data() < begin || text.data() + text.size() > begin + size)) std::abort();
  if (reply->error < 0 || reply->error > 7 * 100 + 255) std::abort();
  const TurnCredentials credentials{"1:viadux", "secret", std::string(reply->realm),
                                    std::string(reply->nonce)};
  if (turn_allocate(transaction, credentials).size() % 4 != 0) std::abort();
  return 0;
}
