// The steps of offer/answer; inside sdp only.
#pragma once

#include "core/sdp/negotiate.hpp"
#include "core/sdp/parser.hpp"

#include <span>
#include <string_view>

namespace viadux::sdp {

// bundles.cpp -----------------------------------------------------------------------------------------------

// For each media line the index of its BUNDLE group in `description.groups`, or -1. Error: a mid stands
// twice, or a group names one that no line has.
Result<std::vector<int>> bundles_of(const SessionDescription& description);

// The line whose transport attributes hold for line `index`: itself, or, where it says nothing of its own as
// bundled lines may, the first of its group (RFC 9143 section 7.1).
const MediaLine& transport_line(const SessionDescription& description, const std::vector<int>& bundles,
                                std::size_t index);

// The candidates for line `index`, each once: of all lines of its bundle that share its ufrag, also of those
// we refuse.
std::vector<Candidate> bundle_candidates(const SessionDescription& description,
                                         const std::vector<int>& bundles, std::size_t index);

// codec_choice.cpp ------------------------------------------------------------------------------------------

// The codecs of an answer's line, with the offer's payload types and our parameters: the one chosen, its RTX,
// telephone-event. Empty: none in common.
std::vector<Codec> choose_codecs(const MediaLine& offer, const LocalCapabilities& local);

// The codecs of a line of our own offer.
std::vector<Codec> offered_codecs(Kind kind, const LocalCapabilities& local);

// Whether an offered and an answered payload type are the same format.
bool same_format(const Codec& a, const Codec& b);

// extensions.cpp --------------------------------------------------------------------------------------------

struct KnownExtension {
  std::string_view uri;
  std::uint8_t ExtensionIds::*id;
  bool audio;
  bool video;
};
std::span<const KnownExtension> known_extensions();

std::vector<HeaderExtension> answer_extensions(const MediaLine& offer);
std::vector<HeaderExtension> offered_extensions(Kind kind);
ExtensionIds agreed_extensions(const MediaLine& offer, const MediaLine& answer);

// Within a bundle, ids of extensions and payload types mean one thing each (RFC 9143 sections 9.1 and 10.1).
Result<void> check_bundle_ids(const SessionDescription& answer, const std::vector<int>& bundles);

// transport_choice.cpp --------------------------------------------------------------------------------------

struct TransportPlan {
  std::string refusal; // why not; empty when it works
  bool ice = false;
  Protection protection = Protection::none;
  Crypto remote_crypto;
  Crypto local_crypto;
};
// How we can talk to a line of an offer.
TransportPlan plan_transport(const SessionDescription& offer, const MediaLine& line,
                             const MediaLine& transport_line, const LocalCapabilities& local,
                             const LocalLine& ours);

// Our side of it, written into `answer`. `follows_bundle`: candidates stand in the group's first line.
void write_transport_answer(const TransportPlan& plan, const MediaLine& offered,
                            const LocalCapabilities& local, const LocalLine& ours, bool follows_bundle,
                            Setup setup, MediaLine& answer);

// Our DTLS role when the peer says `remote` (RFC 8842 section 5.3).
Setup answer_setup(Setup remote, Setup wish);

// c= and m='s port from the default candidate (RFC 8839 section 4.2.1.2).
void set_default_destination(const std::vector<Candidate>& candidates, MediaLine& line);

// streams.cpp -----------------------------------------------------------------------------------------------

// a=rid and a=simulcast of an answer: the layers we take.
void answer_simulcast(const MediaLine& offer, std::uint32_t max_rids, MediaLine& answer);
void write_local_source(const LocalSource& source, bool rtx, MediaLine& line);
std::optional<LocalSource> read_local_source(const MediaLine& line);
std::vector<RemoteEncoding> remote_encodings(const MediaLine& local, const MediaLine& remote);

// agree.cpp -------------------------------------------------------------------------------------------------

// What an offer and its answer come to. Both have been checked to fit each other.
Result<Negotiated> agree(const SessionDescription& offer, const SessionDescription& answer,
                         bool answer_is_ours, const std::optional<Negotiated>& previous);

// The transport of the previous negotiation that carried line `index`, or null.
const NegotiatedTransport* previous_transport(const std::optional<Negotiated>& previous, std::size_t index);

Error invalid_description(std::string message);
std::string line_name(std::size_t index, const MediaLine& line); // "media line 1 (video, mid 1)"

} // namespace viadux::sdp
