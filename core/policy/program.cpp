#include "core/policy/program.hpp"

#include "core/policy/shipped.hpp"

#include <openssl/evp.h>

namespace viadux {

std::string to_string(const PolicyFault& fault) {
  std::string out = fault.file;
  if (fault.line > 0) out += ":" + std::to_string(fault.line);
  if (fault.column > 0) out += ":" + std::to_string(fault.column);
  return out.empty() ? fault.message : out + ": " + fault.message;
}

PolicyFault fault_from(StoppedBy stopped, const std::string& text) {
  PolicyFault fault{stopped, text, "", 0, 0};
  // The first ":digits:"; names of files hold no colon.
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return fault;
  std::size_t end = colon + 1;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9' && end - colon < 8)
    ++end;
  if (end == colon + 1 || end >= text.size() || text[end] != ':') return fault;
  fault.file = text.substr(0, colon);
  fault.line = std::stoi(text.substr(colon + 1, end - colon - 1));
  const std::size_t rest = text.find_first_not_of(' ', end + 1);
  fault.message = rest == std::string::npos ? "" : text.substr(rest);
  return fault;
}

std::shared_ptr<const PolicyProgram> make_program(std::string organisation,
                                                  std::vector<std::shared_ptr<const PolicyFile>> files) {
  auto program = std::make_shared<PolicyProgram>();
  program->organisation = std::move(organisation);
  program->files = std::move(files);
  std::string all;
  for (const auto& file : program->files)
    all += file->name + '\0' + file->text + '\0';
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(all.data(), all.size(), digest, &size, EVP_sha256(), nullptr) == 1)
    for (unsigned i = 0; i < 6; ++i) {
      program->version += "0123456789abcdef"[digest[i] >> 4U];
      program->version += "0123456789abcdef"[digest[i] & 15U];
    }
  return program;
}

std::shared_ptr<const PolicyFile> shipped_default() {
  static const auto file = std::make_shared<const PolicyFile>(
      PolicyFile{"", "default.lua", std::string(shipped_lua("default.lua")), "", ""});
  return file;
}

} // namespace viadux
