#include "sdp.hpp"

#include <viadux/lines.hpp>

namespace client {
namespace {

bool is_one_line(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}

} // namespace

bool has_video(std::string_view sdp) {
  bool found = false;
  viadux::each_line(sdp, [&](std::string_view line) { found = found || line.starts_with("m=video "); });
  return found;
}

std::size_t lines_of(std::string_view sdp, std::string_view kind) {
  std::size_t lines = 0;
  viadux::each_line(sdp, [&](std::string_view line) { lines += line.starts_with(kind) ? 1 : 0; });
  return lines;
}

std::string as_slides(std::string_view sdp) {
  std::string changed;
  bool pending = false; // in a video section that has not been marked yet
  const auto mark = [&] {
    if (pending) changed += "a=content:slides\r\n";
    pending = false;
  };
  bool in_video = false;
  viadux::each_line(sdp, [&](std::string_view line) {
    if (line.starts_with("m=")) {
      mark();
      in_video = line.starts_with("m=video ");
      pending = in_video;
    }
    if (in_video && line.starts_with("a=content:")) return; // replaced
    changed += line;
    changed += "\r\n";
  });
  mark();
  return changed;
}

std::string fragment_of(std::string_view candidate, std::string_view mid, std::string_view ufrag,
                        std::string_view pwd) {
  if (ufrag.empty() || !is_one_line(candidate) || !is_one_line(mid) || !is_one_line(ufrag) ||
      !is_one_line(pwd))
    return {};
  std::string fragment = "a=ice-ufrag:" + std::string(ufrag) + "\r\n";
  if (!pwd.empty()) fragment += "a=ice-pwd:" + std::string(pwd) + "\r\n";
  fragment += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:" + std::string(mid.empty() ? "0" : mid) + "\r\n";
  if (candidate.starts_with("a=")) candidate.remove_prefix(2);
  return fragment + (candidate.empty() ? "a=end-of-candidates" : "a=" + std::string(candidate)) + "\r\n";
}

} // namespace client
