// viadux/documents/policy_hooks.hpp - the other hooks of the core: what is asked and what may be answered.
// See <viadux/documents/policy.hpp>.
#pragma once

#include <viadux/documents/media.hpp>
#include <viadux/documents/policy.hpp>

namespace viadux::documents {

// "media": how somebody's sound and picture travel. Asked before a media session is offered or answered.
enum class DirectMedia : std::uint8_t { never, best_effort };
struct MediaQuestion {
  std::string room;
  std::string organisation;
  std::string domain;
  std::string protocol;
  std::string role;
  std::string source_address;
  std::string own_organisation;
  static constexpr auto fields() {
    return field_table(
        field("room", &MediaQuestion::room, "The alias."),
        field("organisation", &MediaQuestion::organisation, "Code of the room's organisation."),
        field("domain", &MediaQuestion::domain, "The domain by which it came, or empty."),
        field("protocol", &MediaQuestion::protocol, "The plugin by which it came: client, whip, sip, h323."),
        field("role", &MediaQuestion::role, "host or guest."),
        field("source_address", &MediaQuestion::source_address, "IP address it comes from. Personal."),
        field("own_organisation", &MediaQuestion::own_organisation, "Of the person, where it is proven."));
  }
};
struct MediaAnswer {
  std::optional<std::int64_t> max_send_bps;
  std::optional<std::int64_t> max_receive_bps;
  std::optional<std::vector<MediaCodec>> codecs;
  std::optional<std::int64_t> dscp_audio;
  std::optional<std::int64_t> dscp_video;
  std::optional<DirectMedia> direct_media;
  std::optional<std::vector<std::string>> turn;
  bool relay_only = false;
  static MediaAnswer on_failure() {
    MediaAnswer careful;
    careful.direct_media = DirectMedia::never;
    return careful;
  }
  static constexpr auto fields() {
    return field_table(
        field("max_send_bps", &MediaAnswer::max_send_bps, "Most that is sent to it, bits per second.")
            .range(30'000, 1'000'000'000),
        field("max_receive_bps", &MediaAnswer::max_receive_bps, "Most that it may send, bits per second.")
            .range(30'000, 1'000'000'000),
        field("codecs", &MediaAnswer::codecs,
              "What may be used, the preferred one first; left out: all, Opus and the room's codec first. A "
              "peer that has none of those for sound gets another; without one for pictures there are none.")
            .limit(16),
        field("dscp_audio", &MediaAnswer::dscp_audio,
              "Mark on packets with sound (DSCP); left out: as media.dscp_audio says.")
            .range(0, 63),
        field("dscp_video", &MediaAnswer::dscp_video,
              "Mark on packets with picture (DSCP); left out: as media.dscp_video says.")
            .range(0, 63),
        field("direct_media", &MediaAnswer::direct_media,
              "Whether two people may send straight to each other; left out: as client.direct_media says."),
        field("turn", &MediaAnswer::turn,
              "Names of TURN servers in the organisation's file; left out: all of them. Dead ones are left "
              "out.")
            .limit(16),
        field("relay_only", &MediaAnswer::relay_only, "It is to use a TURN server and nothing else."));
  }
};

// viadux.policy media: AskMedia -> MediaRules. Asks the hook "media" and completes the answer: TURN servers
// with a name and a password of their own that end by themselves, without those that are silent.
struct AskMedia {
  std::string organisation;
  MediaQuestion question;
  static constexpr auto fields() {
    return field_table(field("organisation", &AskMedia::organisation, "Code of the one whose policy answers.")
                           .required()
                           .limit(64),
                       field("question", &AskMedia::question, "As the hook has it."));
  }
};
struct IceServer {
  std::vector<std::string> urls;
  std::string username;
  std::string credential;
  static constexpr auto fields() {
    return field_table(field("urls", &IceServer::urls, "turn: and turns: URLs (RFC 7065)."),
                       field("username", &IceServer::username, "For one client; ends by itself."),
                       field("credential", &IceServer::credential, "Its password: not for logs."));
  }
};
struct MediaRules {
  MediaAnswer answer;
  std::vector<IceServer> ice_servers;
  static constexpr auto fields() {
    return field_table(field("answer", &MediaRules::answer, "What the policy says."),
                       field("ice_servers", &MediaRules::ice_servers, "For the client to use."));
  }
};

// "registration": whether a device may register, as what.
struct RegistrationQuestion {
  std::string address;
  std::string organisation;
  std::string protocol;
  std::string source_address;
  std::string user_agent;
  static constexpr auto fields() {
    return field_table(
        field("address", &RegistrationQuestion::address, "What it wants to be called by."),
        field("organisation", &RegistrationQuestion::organisation, "Code of the one that answers."),
        field("protocol", &RegistrationQuestion::protocol, "sip, h323 or client."),
        field("source_address", &RegistrationQuestion::source_address, "Its IP address. Personal."),
        field("user_agent", &RegistrationQuestion::user_agent, "What it says that it is."));
  }
};
struct RegistrationAnswer {
  bool allowed = true;
  std::optional<std::string> message;
  std::optional<std::string> display_name;
  static RegistrationAnswer on_failure() { return {false, "Try again in a moment.", std::nullopt}; }
  static constexpr auto fields() {
    return field_table(
        field("allowed", &RegistrationAnswer::allowed, "May register."),
        field("message", &RegistrationAnswer::message, "Why not, for people.").limit(500),
        field("display_name", &RegistrationAnswer::display_name, "What others read.").limit(128));
  }
};

// "directory": who is found by a search in the directory.
struct DirectoryQuestion {
  std::string search;
  std::string organisation;
  std::string own_organisation;
  Authenticated authenticated = Authenticated::none;
  static constexpr auto fields() {
    return field_table(
        field("search", &DirectoryQuestion::search, "What was typed. Personal."),
        field("organisation", &DirectoryQuestion::organisation, "Whose directory."),
        field("own_organisation", &DirectoryQuestion::own_organisation, "Of who asks."),
        field("authenticated", &DirectoryQuestion::authenticated, "How far it is known who asks."));
  }
};
struct DirectoryEntry {
  std::string address;
  std::string name;
  static constexpr auto fields() {
    return field_table(field("address", &DirectoryEntry::address, "What to dial.").required().limit(256),
                       field("name", &DirectoryEntry::name, "What people read.").required().limit(128));
  }
};
struct DirectoryAnswer {
  bool allowed = true;
  std::vector<DirectoryEntry> entries;
  bool only_these = false;
  static DirectoryAnswer on_failure() { return {false, {}, false}; }
  static constexpr auto fields() {
    return field_table(
        field("allowed", &DirectoryAnswer::allowed, "May search."),
        field("entries", &DirectoryAnswer::entries, "Found beside those that are registered.").limit(50),
        field("only_these", &DirectoryAnswer::only_these, "Nothing is found but `entries`."));
  }
};

// "avatar": which picture stands for somebody without one.
struct AvatarQuestion {
  std::string room;
  std::string organisation;
  std::string role;
  std::string own_organisation;
  static constexpr auto fields() {
    return field_table(
        field("room", &AvatarQuestion::room, "The alias."),
        field("organisation", &AvatarQuestion::organisation, "Code of the room's organisation."),
        field("role", &AvatarQuestion::role, "host or guest."),
        field("own_organisation", &AvatarQuestion::own_organisation, "Of the person."));
  }
};
struct AvatarAnswer {
  std::optional<std::string> picture;
  static constexpr auto fields() {
    return field_table(
        field("picture", &AvatarAnswer::picture, "Name of a picture of the theme; left out: initials.")
            .limit(128));
  }
};

// "layout": whether somebody may change what all see, and how it begins.
enum class LayoutChange : std::uint8_t { start, layout, spotlight };
struct LayoutQuestion {
  std::string room;
  std::string organisation;
  LayoutChange change = LayoutChange::start;
  std::string wanted;
  std::string role;
  std::int64_t participants = 0;
  static constexpr auto fields() {
    return field_table(
        field("room", &LayoutQuestion::room, "The alias."),
        field("organisation", &LayoutQuestion::organisation, "Code of the room's organisation."),
        field("change", &LayoutQuestion::change, "What is to change; start: the meeting begins."),
        field("wanted", &LayoutQuestion::wanted, "The layout that is asked for."),
        field("role", &LayoutQuestion::role, "Of who asks: host or guest."),
        field("participants", &LayoutQuestion::participants, "How many are in the meeting."));
  }
};
struct LayoutAnswer {
  bool allowed = true;
  std::optional<std::string> layout;
  std::optional<bool> hosts_only;
  static constexpr auto fields() {
    return field_table(
        field("allowed", &LayoutAnswer::allowed, "May be changed."),
        field("layout", &LayoutAnswer::layout, "Taken instead of the one that is asked for.").limit(64),
        field("hosts_only", &LayoutAnswer::hosts_only, "The loudest host stays large for all."));
  }
};

// "recording": whether a meeting may be recorded or streamed, and where to. Never inside the server.
enum class RecordingKind : std::uint8_t { record, stream };
struct RecordingQuestion {
  std::string room;
  std::string organisation;
  RecordingKind kind = RecordingKind::record;
  std::string role;
  bool automatic = false;
  static constexpr auto fields() {
    return field_table(
        field("room", &RecordingQuestion::room, "The alias."),
        field("organisation", &RecordingQuestion::organisation, "Code of the room's organisation."),
        field("kind", &RecordingQuestion::kind, "A file, or live for others to watch."),
        field("role", &RecordingQuestion::role, "Of who asks: host or guest; empty: nobody."),
        field("automatic", &RecordingQuestion::automatic, "The meeting begins, and nobody asked."));
  }
};
struct RecordingAnswer {
  bool allowed = false;
  bool start = false;
  std::optional<std::string> target;
  std::optional<std::string> message;
  static RecordingAnswer on_failure() { return {}; }
  static constexpr auto fields() {
    return field_table(
        field("allowed", &RecordingAnswer::allowed, "May be recorded or streamed."),
        field("start", &RecordingAnswer::start, "Begins by itself with the meeting."),
        field("target", &RecordingAnswer::target, "Name of a recorder in the organisation's file.").limit(64),
        field("message", &RecordingAnswer::message, "Why not, or what people are told.").limit(500));
  }
};

// "theme": how it looks and sounds.
struct ThemeQuestion {
  std::string room;
  std::string organisation;
  std::string domain;
  std::string language;
  static constexpr auto fields() {
    return field_table(field("room", &ThemeQuestion::room, "The alias, or empty for pages without a room."),
                       field("organisation", &ThemeQuestion::organisation, "Code of the one that answers."),
                       field("domain", &ThemeQuestion::domain, "The domain by which it came."),
                       field("language", &ThemeQuestion::language, "The person's, as en or da."));
  }
};
struct ThemeAnswer {
  std::optional<std::string> theme;
  std::optional<std::string> welcome;
  static constexpr auto fields() {
    return field_table(
        field("theme", &ThemeAnswer::theme, "Name of a theme; left out: the organisation's.").limit(64),
        field("welcome", &ThemeAnswer::welcome, "A line for those who wait.").limit(500));
  }
};

// "sms": whether a text message may be sent, and how.
enum class SmsPurpose : std::uint8_t { invitation, reminder, code };
struct SmsQuestion {
  std::string country;
  std::string cost_class;
  SmsPurpose purpose = SmsPurpose::invitation;
  std::string organisation;
  std::string room;
  std::int64_t sent_to_meeting = 0;
  std::int64_t sent_today = 0;
  static constexpr auto fields() {
    return field_table(
        field("country", &SmsQuestion::country, "Of the number, as DK or GL; empty: not known."),
        field("cost_class", &SmsQuestion::cost_class, "home, a (abroad) or b (dear), by the number."),
        field("purpose", &SmsQuestion::purpose, "What it is for."),
        field("organisation", &SmsQuestion::organisation, "Code of the one that sends."),
        field("room", &SmsQuestion::room, "The alias of the meeting."),
        field("sent_to_meeting", &SmsQuestion::sent_to_meeting,
              "How many were sent for this meeting already."),
        field("sent_today", &SmsQuestion::sent_today, "How many the organisation has sent today."));
  }
};
struct SmsAnswer {
  bool allowed = true;
  std::optional<std::string> sender;
  std::optional<std::string> message;
  std::optional<std::string> quiet_from;
  std::optional<std::string> quiet_until;
  std::optional<std::int64_t> max_parts;
  bool count = true;
  static SmsAnswer on_failure() {
    SmsAnswer careful;
    careful.allowed = false;
    careful.message = "Try again in a moment.";
    return careful;
  }
  static constexpr auto fields() {
    return field_table(
        field("allowed", &SmsAnswer::allowed, "May be sent."),
        field("sender", &SmsAnswer::sender, "Who it comes from: at most 11 letters and digits.").limit(11),
        field("message", &SmsAnswer::message, "Why not, for people.").limit(500),
        field("quiet_from", &SmsAnswer::quiet_from, "From this time of day (21:00) it waits ...").limit(5),
        field("quiet_until", &SmsAnswer::quiet_until, "... until this one (07:00).").limit(5),
        field("max_parts", &SmsAnswer::max_parts, "A longer text is refused.").range(1, 10),
        field("count", &SmsAnswer::count, "Is counted by country."));
  }
};

// "two_factor": whether a second proof is asked for.
struct TwoFactorQuestion {
  std::string room;
  std::string organisation;
  std::string role;
  Authenticated authenticated = Authenticated::none;
  bool staff_switched_off = false;
  static constexpr auto fields() {
    return field_table(
        field("room", &TwoFactorQuestion::room, "The alias."),
        field("organisation", &TwoFactorQuestion::organisation, "Code of the room's organisation."),
        field("role", &TwoFactorQuestion::role, "host or guest."),
        field("authenticated", &TwoFactorQuestion::authenticated, "How far it is known who it is."),
        field("staff_switched_off", &TwoFactorQuestion::staff_switched_off,
              "Staff has switched it off here."));
  }
};
struct TwoFactorAnswer {
  bool required = false;
  bool staff_may_switch_off = true;
  std::int64_t code_digits = 6;
  static TwoFactorAnswer on_failure() { return {true, true, 6}; }
  static constexpr auto fields() {
    return field_table(
        field("required", &TwoFactorAnswer::required, "A code by SMS is asked for."),
        field("staff_may_switch_off", &TwoFactorAnswer::staff_may_switch_off, "For one meeting."),
        field("code_digits", &TwoFactorAnswer::code_digits, "How long the code is.").range(4, 8));
  }
};

// "retention": how long something is kept.
enum class Kept : std::uint8_t { call_records, chat, client_logs, directory, recordings };
struct RetentionQuestion {
  Kept what = Kept::call_records;
  std::string organisation;
  std::string room;
  static constexpr auto fields() {
    return field_table(field("what", &RetentionQuestion::what, "What is kept."),
                       field("organisation", &RetentionQuestion::organisation, "Whose it is."),
                       field("room", &RetentionQuestion::room, "The alias, where it belongs to a room."));
  }
};
struct RetentionAnswer {
  std::int64_t days = 0;
  static constexpr auto fields() {
    return field_table(field("days", &RetentionAnswer::days, "Then it is deleted; 0: it is not kept at all.")
                           .range(0, 3650));
  }
};

// "client_log": whether a client may send its log in.
struct ClientLogQuestion {
  std::string organisation;
  std::string room;
  std::string role;
  std::int64_t bytes = 0;
  static constexpr auto fields() {
    return field_table(
        field("organisation", &ClientLogQuestion::organisation, "Code of the room's organisation."),
        field("room", &ClientLogQuestion::room, "The alias."),
        field("role", &ClientLogQuestion::role, "host or guest."),
        field("bytes", &ClientLogQuestion::bytes, "How large it is."));
  }
};
struct ClientLogAnswer {
  bool accepted = true;
  std::int64_t max_bytes = 65'536;
  static ClientLogAnswer on_failure() { return {false, 65'536}; }
  static constexpr auto fields() {
    return field_table(
        field("accepted", &ClientLogAnswer::accepted, "Is taken; the last session's only."),
        field("max_bytes", &ClientLogAnswer::max_bytes, "What is longer is cut.").range(1024, 65'536));
  }
};

} // namespace viadux::documents

template <>
struct viadux::EnumNames<viadux::documents::DirectMedia> {
  static constexpr std::array<std::string_view, 2> names{"never", "best_effort"};
};
template <>
struct viadux::EnumNames<viadux::documents::LayoutChange> {
  static constexpr std::array<std::string_view, 3> names{"start", "layout", "spotlight"};
};
template <>
struct viadux::EnumNames<viadux::documents::RecordingKind> {
  static constexpr std::array<std::string_view, 2> names{"record", "stream"};
};
template <>
struct viadux::EnumNames<viadux::documents::SmsPurpose> {
  static constexpr std::array<std::string_view, 3> names{"invitation", "reminder", "code"};
};
template <>
struct viadux::EnumNames<viadux::documents::Kept> {
  static constexpr std::array<std::string_view, 5> names{"call_records", "chat", "client_logs", "directory",
                                                         "recordings"};
};
