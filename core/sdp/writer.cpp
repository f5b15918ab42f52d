#include "core/sdp/writer.hpp"

#include "core/sdp/media_line.hpp"

#include <algorithm>
#include <string_view>

namespace viadux::sdp {
namespace {

class Text {
 public:
  template <class... Parts>
  void line(const Parts&... parts) {
    (append(parts), ...);
    text_ += "\r\n";
  }
  std::string take() { return std::move(text_); }

 private:
  void append(std::string_view part) { text_ += part; }
  void append(char part) { text_ += part; }
  template <class Number>
    requires std::is_integral_v<Number>
  void append(Number part) {
    text_ += std::to_string(part);
  }
  std::string text_;
};

std::string_view family(std::string_view address) {
  return address.find(':') == std::string_view::npos ? "IP4" : "IP6";
}

template <class Items, class Spell>
std::string joined(const Items& items, std::string_view separator, const Spell& spell) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += separator;
    text += spell(item);
  }
  return text;
}

const auto as_it_is = [](const std::string& text) -> const std::string& { return text; };
const auto as_number = [](auto number) { return std::to_string(number); };

std::string_view direction_name(Direction direction) {
  switch (direction) {
  case Direction::inactive:
    return "inactive";
  case Direction::sendonly:
    return "sendonly";
  case Direction::recvonly:
    return "recvonly";
  case Direction::sendrecv:
    break;
  }
  return "sendrecv";
}

std::string_view setup_name(Setup setup) {
  switch (setup) {
  case Setup::active:
    return "active";
  case Setup::passive:
    return "passive";
  case Setup::actpass:
    return "actpass";
  case Setup::holdconn:
    return "holdconn";
  case Setup::none:
    break;
  }
  return {};
}

// Lines kept from a parser stand where RFC 8866 wants their letter: all but a= before the attributes.
void write_others(Text& text, const std::vector<std::string>& lines, bool attributes) {
  for (const auto& line : lines)
    if (line.starts_with("a=") == attributes) text.line(line);
}

void write_bandwidth(Text& text, std::uint64_t as_bps, std::uint64_t tias_bps) {
  if (as_bps != 0) text.line("b=AS:", as_bps / 1000);
  if (tias_bps != 0) text.line("b=TIAS:", tias_bps);
}

void write_crypto(Text& text, const Crypto& crypto) {
  text.line("a=crypto:", crypto.tag, ' ', crypto.suite, " inline:", crypto.key,
            crypto.key_details.empty() ? "" : "|", crypto.key_details,
            crypto.session_parameters.empty() ? "" : " ", crypto.session_parameters);
}

void write_transport(Text& text, const TransportDescription& transport) {
  if (transport.rtcp_port != 0 || !transport.rtcp_address.empty()) {
    if (transport.rtcp_address.empty())
      text.line("a=rtcp:", transport.rtcp_port);
    else
      text.line("a=rtcp:", transport.rtcp_port, " IN ", family(transport.rtcp_address), ' ',
                transport.rtcp_address);
  }
  if (!transport.ice_ufrag.empty()) text.line("a=ice-ufrag:", transport.ice_ufrag);
  if (!transport.ice_pwd.empty()) text.line("a=ice-pwd:", transport.ice_pwd);
  if (!transport.ice_options.empty())
    text.line("a=ice-options:", joined(transport.ice_options, " ", as_it_is));
  for (const auto& fingerprint : transport.fingerprints)
    text.line("a=fingerprint:", fingerprint.algorithm, ' ', fingerprint.value);
  if (transport.setup != Setup::none) text.line("a=setup:", setup_name(transport.setup));
  if (!transport.tls_id.empty()) text.line("a=tls-id:", transport.tls_id);
  for (const auto& crypto : transport.crypto)
    write_crypto(text, crypto);
  if (transport.rtcp_mux) text.line("a=rtcp-mux");
  if (transport.rtcp_mux_only) text.line("a=rtcp-mux-only");
  for (const auto& candidate : transport.candidates)
    text.line("a=", write_candidate(candidate));
  if (transport.end_of_candidates) text.line("a=end-of-candidates");
}

void write_codec(Text& text, const Codec& codec) {
  const unsigned payload_type = codec.payload_type;
  if (!codec.name.empty()) {
    if (codec.channels > 1)
      text.line("a=rtpmap:", payload_type, ' ', codec.name, '/', codec.clock_hz, '/',
                unsigned{codec.channels});
    else
      text.line("a=rtpmap:", payload_type, ' ', codec.name, '/', codec.clock_hz);
  }
  if (!codec.fmtp.empty()) text.line("a=fmtp:", payload_type, ' ', codec.fmtp);
  constexpr std::string_view kinds[] = {"nack",         "nack pli",  "ccm fir",
                                        "transport-cc", "goog-remb", "ccm tmmbr"};
  for (unsigned bit = 0; bit < std::size(kinds); ++bit)
    if ((codec.feedback & (1U << bit)) != 0) text.line("a=rtcp-fb:", payload_type, ' ', kinds[bit]);
  for (const auto& other : codec.other_feedback)
    text.line("a=rtcp-fb:", payload_type, ' ', other);
}

void write_extension(Text& text, const HeaderExtension& extension) {
  const bool says_direction = extension.direction != Direction::sendrecv;
  text.line("a=extmap:", extension.id, says_direction ? "/" : "",
            says_direction ? direction_name(extension.direction) : "", ' ', extension.uri,
            extension.attributes.empty() ? "" : " ", extension.attributes);
}

void write_rid(Text& text, const Rid& rid) {
  std::vector<std::string> limits;
  if (!rid.payload_types.empty())
    limits.push_back("pt=" +
                     joined(rid.payload_types, ",", [](std::uint8_t pt) { return std::to_string(pt); }));
  for (const auto& [name, value] : rid.restrictions) {
    limits.push_back(name);
    if (!value.empty()) limits.back().append("=").append(value);
  }
  text.line("a=rid:", rid.id, rid.send ? " send" : " recv", limits.empty() ? "" : " ",
            joined(limits, ";", as_it_is));
}

void write_simulcast(Text& text, const Simulcast& simulcast) {
  const auto spell_rid = [](const SimulcastRid& one) { return (one.paused ? "~" : "") + one.rid; };
  const auto spell = [&](const SimulcastStream& stream) { return joined(stream, ",", spell_rid); };
  std::string value;
  if (!simulcast.send.empty()) value += " send " + joined(simulcast.send, ";", spell);
  if (!simulcast.recv.empty()) value += " recv " + joined(simulcast.recv, ";", spell);
  if (!value.empty()) text.line("a=simulcast:", std::string_view(value).substr(1));
}

void write_sources(Text& text, const MediaLine& media) {
  for (const auto& group : media.source_groups)
    text.line("a=ssrc-group:", group.semantics, group.ssrcs.empty() ? "" : " ",
              joined(group.ssrcs, " ", as_number));
  for (const auto& source : media.sources) {
    if (!source.cname.empty()) text.line("a=ssrc:", source.ssrc, " cname:", source.cname);
    if (!source.msid.empty()) text.line("a=ssrc:", source.ssrc, " msid:", source.msid);
    if (source.cname.empty() && source.msid.empty()) text.line("a=ssrc:", source.ssrc);
  }
}

void write_media_line(Text& text, const MediaLine& media) {
  const std::string count = media.port_count > 1 ? "/" + std::to_string(media.port_count) : "";
  const std::string formats =
      is_rtp(media.protocol)
          ? joined(media.codecs, " ", [](const Codec& codec) { return std::to_string(codec.payload_type); })
          : joined(media.formats, " ", as_it_is);
  text.line("m=", media.media, ' ', media.port, count, ' ', media.protocol, formats.empty() ? "" : " ",
            formats);
  write_others(text, media.other_lines, false);
  if (!media.connection.empty()) text.line("c=IN ", family(media.connection), ' ', media.connection);
  write_bandwidth(text, media.bandwidth_as_bps, media.bandwidth_tias_bps);
}

void write_media(Text& text, const MediaLine& media) {
  write_media_line(text, media);
  write_transport(text, media.transport);
  if (!media.mid.empty()) text.line("a=mid:", media.mid);
  if (media.bundle_only) text.line("a=bundle-only");
  if (media.content_said || media.content == Content::slides)
    text.line("a=content:", media.content == Content::slides ? "slides" : "main");
  if (!media.label.empty()) text.line("a=label:", media.label);
  for (const auto& extension : media.extensions)
    write_extension(text, extension);
  if (media.extmap_allow_mixed) text.line("a=extmap-allow-mixed");
  if (is_rtp(media.protocol) || media.direction != Direction::sendrecv)
    text.line("a=", direction_name(media.direction));
  for (const auto& [stream, track] : media.msids)
    text.line("a=msid:", stream, track.empty() ? "" : " ", track);
  if (media.rtcp_reduced_size) text.line("a=rtcp-rsize");
  for (const auto& codec : media.codecs)
    write_codec(text, codec);
  if (media.ptime_ms != 0) text.line("a=ptime:", media.ptime_ms);
  if (media.maxptime_ms != 0) text.line("a=maxptime:", media.maxptime_ms);
  for (const auto& rid : media.rids)
    write_rid(text, rid);
  if (media.simulcast) write_simulcast(text, *media.simulcast);
  write_sources(text, media);
  write_others(text, media.other_lines, true);
}

} // namespace

std::string write(const SessionDescription& description) {
  Text text;
  const auto& origin = description.origin;
  text.line("v=0");
  text.line("o=", origin.username, ' ', origin.session_id, ' ', origin.version, " IN ",
            family(origin.address), ' ', origin.address);
  text.line("s=", description.name);
  const auto after_time = [](const std::string& line) { return line.find_first_of("rzka") == 0; };
  for (const auto& line : description.other_lines)
    if (!after_time(line)) text.line(line);
  write_bandwidth(text, description.bandwidth_as_bps, description.bandwidth_tias_bps);
  text.line("t=0 0");
  for (const auto& line : description.other_lines)
    if (after_time(line)) text.line(line);
  for (const auto& group : description.groups)
    text.line("a=group:", group.semantics, group.mids.empty() ? "" : " ", joined(group.mids, " ", as_it_is));
  if (description.ice_lite) text.line("a=ice-lite");
  for (const auto& media : description.media)
    write_media(text, media);
  return text.take();
}

} // namespace viadux::sdp
