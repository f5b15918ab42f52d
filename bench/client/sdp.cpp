#include "bench/client/sdp.hpp"

#include <algorithm>
#include <sstream>

namespace viadux::bench {
namespace {

bool take_prefix(std::string& line, const char* prefix) {
  const std::string start = prefix;
  if (line.compare(0, start.size(), start) != 0) return false;
  line.erase(0, start.size());
  return true;
}

bool same_codec(const std::string& name, const char* wanted) {
  const std::string want = wanted;
  return name.size() >= want.size() && std::equal(want.begin(), want.end(), name.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

struct Codecs { // rtpmap and apt, until the whole line is read
  std::map<int, std::string> names;
  std::map<int, int> apt;
};

void settle_codec(MediaLine& line, const Codecs& codecs) {
  const auto* wanted = line.kind == "audio" ? "opus/" : "vp8/";
  for (const auto& [pt, name] : codecs.names) {
    if (line.payload_type == 0 && same_codec(name, wanted)) line.payload_type = static_cast<std::uint8_t>(pt);
  }
  for (const auto& [rtx, apt] : codecs.apt)
    if (apt == line.payload_type) line.rtx_payload_type = static_cast<std::uint8_t>(rtx);
}

void read_candidate(MediaLine& line, const std::string& text) {
  std::istringstream in(text);
  std::string foundation, component, protocol, priority;
  Candidate candidate;
  unsigned port = 0;
  in >> foundation >> component >> protocol >> priority >> candidate.address >> port;
  const bool udp = protocol == "udp" || protocol == "UDP";
  if (!in || !udp || component != "1" || candidate.address.find(':') != std::string::npos) return;
  candidate.port = static_cast<std::uint16_t>(port);
  line.candidates.push_back(candidate);
}

// "recv h;m;l" or "send … recv …": the layers after "recv", alternatives and pause marks dropped.
void read_simulcast(MediaLine& line, const std::string& text) {
  std::istringstream in(text);
  std::string word;
  while (in >> word) {
    if (word != "recv" || !(in >> word)) continue;
    std::istringstream layers(word);
    std::string rid;
    while (std::getline(layers, rid, ';'))
      line.receive_rids.push_back(rid.substr(rid.starts_with('~') ? 1 : 0));
  }
}

void read_attribute(MediaLine& line, Codecs& codecs, std::string text) {
  if (take_prefix(text, "ice-ufrag:")) {
    line.ufrag = text;
  } else if (take_prefix(text, "ice-pwd:")) {
    line.password = text;
  } else if (take_prefix(text, "fingerprint:")) {
    const auto space = text.find(' ');
    if (text.starts_with("sha-256") || text.starts_with("SHA-256")) line.fingerprint = text.substr(space + 1);
  } else if (take_prefix(text, "setup:")) {
    line.setup = text;
  } else if (take_prefix(text, "mid:")) {
    line.mid = text;
  } else if (take_prefix(text, "candidate:")) {
    read_candidate(line, text);
  } else if (take_prefix(text, "simulcast:")) {
    read_simulcast(line, text);
  } else if (text == "sendrecv" || text == "sendonly" || text == "recvonly" || text == "inactive") {
    line.direction = text;
  } else if (take_prefix(text, "rtpmap:")) {
    const auto space = text.find(' ');
    if (space != std::string::npos) codecs.names[std::atoi(text.c_str())] = text.substr(space + 1);
  } else if (take_prefix(text, "fmtp:")) {
    const auto apt = text.find("apt=");
    if (apt != std::string::npos) codecs.apt[std::atoi(text.c_str())] = std::atoi(text.c_str() + apt + 4);
  } else if (take_prefix(text, "extmap:")) {
    std::istringstream in(text);
    unsigned id = 0;
    std::string rest, uri;
    in >> id >> rest >> uri; // the id may carry a direction: "3/sendonly uri"
    if (id < 15) line.extensions[rest.starts_with('/') ? uri : rest] = static_cast<std::uint8_t>(id);
  } else if (take_prefix(text, "ssrc-group:FID ")) {
    std::istringstream in(text);
    std::uint32_t first = 0, second = 0;
    if (in >> first >> second) {
      line.ssrc = first;
      line.rtx_ssrc = second;
    }
  } else if (take_prefix(text, "ssrc:")) {
    if (line.ssrc == 0) line.ssrc = static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 10));
  }
}

void write_common(std::ostringstream& out, const LocalTransport& local, const std::string& setup,
                  const std::string& mid) {
  out << "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:" << local.ufrag
      << "\r\na=ice-pwd:" << local.password << "\r\na=fingerprint:sha-256 " << local.fingerprint
      << "\r\na=setup:" << setup << "\r\na=mid:" << mid << "\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
      << "a=candidate:1 1 udp 2130706431 " << local.address << ' ' << local.port << " typ host\r\n";
}

void write_codec(std::ostringstream& out, const std::string& kind, unsigned pt, unsigned rtx) {
  if (kind == "audio") {
    out << "a=rtpmap:" << pt << " opus/48000/2\r\na=rtcp-fb:" << pt << " transport-cc\r\na=fmtp:" << pt
        << " minptime=10;useinbandfec=1\r\n";
    return;
  }
  out << "a=rtpmap:" << pt << " VP8/90000\r\n";
  for (const auto* feedback : {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"})
    out << "a=rtcp-fb:" << pt << ' ' << feedback << "\r\n";
  if (rtx != 0) out << "a=rtpmap:" << rtx << " rtx/90000\r\na=fmtp:" << rtx << " apt=" << pt << "\r\n";
}

void write_session(std::ostringstream& out, std::size_t lines, const std::vector<std::string>& mids) {
  out << "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE";
  for (std::size_t i = 0; i < lines; ++i)
    out << ' ' << mids[i];
  out << "\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n";
}

} // namespace

Result<Description> parse_sdp(const std::string& text) {
  Description description;
  MediaLine session;
  Codecs codecs;
  MediaLine* line = &session;
  std::istringstream in(text);
  std::string row;
  while (std::getline(in, row)) {
    if (!row.empty() && row.back() == '\r') row.pop_back();
    if (row.starts_with("m=")) {
      if (line != &session) settle_codec(*line, codecs);
      codecs = {};
      auto next = session; // ICE and DTLS attributes of the session hold for each line
      std::istringstream media(row.substr(2));
      unsigned port = 0;
      media >> next.kind >> port;
      next.rejected = port == 0;
      description.lines.push_back(next);
      line = &description.lines.back();
    } else if (row.starts_with("a=")) {
      if (row == "a=ice-lite") description.ice_lite = true;
      if (row == "a=bundle-only") line->rejected = false; // port 0 here is not a refusal (RFC 9143)
      read_attribute(*line, codecs, row.substr(2));
    }
  }
  if (line != &session) settle_codec(*line, codecs);
  if (description.lines.empty())
    return make_error(ErrorCode::bad_argument, "sdp", "the session description has no media line");
  return description;
}

std::string write_offer(const LocalTransport& local, const std::string& setup,
                        const std::vector<OfferLine>& lines) {
  std::ostringstream out;
  std::vector<std::string> mids;
  for (std::size_t i = 0; i < lines.size(); ++i)
    mids.push_back(std::to_string(i));
  write_session(out, lines.size(), mids);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    const bool audio = line.kind == "audio";
    out << "m=" << line.kind << " 9 UDP/TLS/RTP/SAVPF " << (audio ? "111" : "96 97") << "\r\n";
    write_common(out, local, setup, mids[i]);
    if (audio) out << "a=extmap:1 " << uri_audio_level << "\r\n";
    out << "a=extmap:3 " << uri_transport_cc << "\r\na=extmap:4 " << uri_mid << "\r\n";
    if (!audio) out << "a=extmap:10 " << uri_rid << "\r\na=extmap:11 " << uri_repaired_rid << "\r\n";
    const char* sending = line.receive ? "a=sendrecv\r\n" : "a=sendonly\r\n";
    out << (line.send ? sending : "a=recvonly\r\n");
    write_codec(out, line.kind, audio ? 111 : 96, audio ? 0 : 97);
    if (!line.send) continue;
    out << "a=msid:bench bench" << i << "\r\n";
    if (!line.rids.empty()) {
      std::string list;
      for (const auto& rid : line.rids) {
        out << "a=rid:" << rid << " send\r\n";
        list += (list.empty() ? "" : ";") + rid;
      }
      out << "a=simulcast:send " << list << "\r\n";
      continue;
    }
    if (line.rtx_ssrc != 0) out << "a=ssrc-group:FID " << line.ssrc << ' ' << line.rtx_ssrc << "\r\n";
    out << "a=ssrc:" << line.ssrc << " cname:bench\r\n";
    if (line.rtx_ssrc != 0) out << "a=ssrc:" << line.rtx_ssrc << " cname:bench\r\n";
  }
  return out.str();
}

std::string write_answer(const LocalTransport& local, const Description& offer) {
  std::ostringstream out;
  std::vector<std::string> mids;
  for (const auto& line : offer.lines)
    if (line.payload_type != 0) mids.push_back(line.mid);
  write_session(out, mids.size(), mids);
  for (const auto& line : offer.lines) {
    if (line.payload_type == 0) {
      out << "m=" << line.kind << " 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:" << line.mid
          << "\r\na=inactive\r\n";
      continue;
    }
    out << "m=" << line.kind << " 9 UDP/TLS/RTP/SAVPF " << unsigned{line.payload_type};
    if (line.rtx_payload_type != 0) out << ' ' << unsigned{line.rtx_payload_type};
    out << "\r\n";
    write_common(out, local, "active", line.mid);
    for (const auto* uri : {uri_audio_level, uri_transport_cc, uri_mid})
      if (const auto id = line.extension(uri); id != 0)
        out << "a=extmap:" << unsigned{id} << ' ' << uri << "\r\n";
    out << "a=recvonly\r\n";
    write_codec(out, line.kind, line.payload_type, line.rtx_payload_type);
  }
  return out.str();
}

} // namespace viadux::bench
