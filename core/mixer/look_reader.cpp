#include "core/mixer/look_reader.hpp"

#include "core/mixer/theme_picture.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <viadux/json.hpp>

namespace viadux::mixer {
namespace {

constexpr std::size_t longest_file = 64UL * 1024; // of theme.json, as the page has it
constexpr std::size_t most_lines = 4, longest_line = 64;

struct CornerName {
  std::string_view word;
  Corner corner;
};
constexpr std::array corners{
    CornerName{"top-left", Corner::top_left}, CornerName{"top-right", Corner::top_right},
    CornerName{"bottom-left", Corner::bottom_left}, CornerName{"bottom-right", Corner::bottom_right}};
struct StillName {
  std::string_view word;
  StillText text;
};
constexpr std::array stills{StillName{"waiting_for_host", StillText::waiting_for_host},
                            StillName{"alone", StillText::alone},
                            StillName{"camera_off", StillText::camera_off}};

std::string read_small(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::ifstream file(path, std::ios::binary);
  std::string text(longest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text.size() > longest_file ? std::string() : text;
}

// "#0b5f59"
std::optional<Colour> colour_of(const std::string& text) {
  if (text.size() != 7 || text.front() != '#' ||
      text.find_first_not_of("0123456789abcdefABCDEF", 1) != std::string::npos)
    return std::nullopt;
  const auto part = [&](std::size_t at) {
    return static_cast<std::uint8_t>(std::stoi(text.substr(at, 2), nullptr, 16));
  };
  return Colour{part(1), part(3), part(5)};
}

// In the same folder, and nothing that leads elsewhere.
bool is_png_name(std::string_view name) {
  return name.size() <= 64 && name.size() > 4 && name.front() != '.' && name.ends_with(".png") &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
         });
}

std::size_t letters(std::string_view text) { // UTF-8
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<std::uint8_t>(c) & 0xc0U) != 0x80; }));
}

std::optional<std::vector<std::string>> lines_of(const Json& value) {
  if (!value.array() || value.array()->size() > most_lines) return std::nullopt;
  std::vector<std::string> lines;
  for (const Json& line : *value.array()) {
    if (!line.text() || letters(*line.text()) > longest_line) return std::nullopt;
    lines.push_back(*line.text());
  }
  return lines;
}

// An organisation's own folder first, then those above.
std::vector<std::string> theme_folders(const Organisations& organisations, const Organisation& own) {
  std::vector<std::string> folders;
  for (const Organisation* at = &own; at != nullptr; at = organisations.find(at->parent))
    folders.push_back(at->folder + "/theme");
  return folders;
}

} // namespace

void LookReader::fault(const std::string& path, const std::string& sentence) {
  std::string key = path;
  key.append(": ").append(sentence);
  const bool known = faults_.contains(key);
  if (faults_now_.insert(std::move(key)).second && !known) on_fault_(path, sentence);
}

LookReader::Said LookReader::parse(const std::string& path, const std::string& text) {
  Said said;
  const auto read = Json::parse(text);
  if (!read) return said; // the client plugin says where: the whole file counts for nothing
  const Json* picture = read->find("picture");
  if (picture == nullptr) return said;
  if (!picture->object()) {
    fault(path, "picture: must be an object in braces");
    return said;
  }
  for (const auto& [name, value] : *picture->object()) {
    const std::string* const word = value.text();
    const std::string place = "picture." + name + ": ";
    const auto wrong = [&](const char* what) { fault(path, place + what); };
    if (name == "background") {
      if (word && (colour_of(*word) || is_png_name(*word)))
        said.background = *word;
      else
        wrong("must be # and six hexadecimal digits, or the name of a .png file in the same folder");
    } else if (name == "border") {
      said.border = word ? colour_of(*word) : std::nullopt;
      if (!said.border) wrong("must be # and six hexadecimal digits, as in \"#ffb000\"");
    } else if (name == "watermark") {
      if (word && (word->empty() || is_png_name(*word)))
        said.watermark = *word;
      else
        wrong("must be the name of a .png file in the same folder, or \"\" for none");
    } else if (name == "watermark_corner") {
      const auto* const found = std::ranges::find(corners, word ? *word : std::string(), &CornerName::word);
      if (found != corners.end())
        said.corner = found->corner;
      else
        wrong("must be top-left, top-right, bottom-left or bottom-right");
    } else if (const auto* const still = std::ranges::find(stills, name, &StillName::word);
               still != stills.end()) {
      if (auto lines = lines_of(value))
        said.lines[still->text] = std::move(*lines);
      else
        wrong("must be a list of at most 4 texts of at most 64 characters");
    } else {
      wrong("there is no such member");
    }
  }
  return said;
}

const LookReader::Said& LookReader::said_in(const std::string& folder) {
  const auto [found, fresh] = said_.try_emplace(folder);
  if (!fresh) return found->second;
  const std::string path = folder + "/theme.json";
  if (const std::string text = read_small(path); !text.empty()) found->second = parse(path, text);
  return found->second;
}

template <class Of, class Read>
std::shared_ptr<const Of> LookReader::picture(KeptFiles<Of>& kept, const std::vector<std::string>& folders,
                                              const std::string& name, const Read& read) {
  std::error_code error;
  const auto folder = std::ranges::find_if(folders, [&](const std::string& each) {
    return std::filesystem::is_regular_file(each + "/" + name, error);
  });
  if (folder == folders.end()) {
    fault(folders.front() + "/" + name, "there is no such file, here or in the organisations above");
    return nullptr;
  }
  const std::string path = *folder + "/" + name;
  if (used_.size() >= most_pictures && !used_.contains(path)) {
    fault(path, "is left out: the server keeps 200 pictures of themes");
    return nullptr;
  }
  used_.insert(path);
  const auto written = std::filesystem::last_write_time(path, error);
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  const auto [found, fresh] = kept.try_emplace(path);
  Kept<Of>& entry = found->second;
  if (fresh || entry.written != written || entry.size != size) {
    entry = {written, size, nullptr, {}};
    if (auto made = read(path))
      entry.picture = std::make_shared<const Of>(std::move(*made));
    else
      entry.fault = made.error().message;
  }
  if (!entry.fault.empty()) fault(path, entry.fault);
  return entry.picture;
}

std::shared_ptr<const Look> LookReader::look_of(const std::vector<std::string>& folders) {
  Said all;
  for (const std::string& folder : folders) { // the nearest one that has a member counts
    const Said& said = said_in(folder);
    if (!all.background) all.background = said.background;
    if (!all.watermark) all.watermark = said.watermark;
    if (!all.border) all.border = said.border;
    if (!all.corner) all.corner = said.corner;
    all.lines.insert(said.lines.begin(), said.lines.end());
  }
  Look look;
  look.border = all.border;
  look.corner = all.corner.value_or(Corner::bottom_right);
  look.lines = std::move(all.lines);
  if (all.background) look.background = colour_of(*all.background);
  if (all.background && !look.background)
    look.backdrop = picture(backdrops_, folders, *all.background,
                            [](const std::string& path) { return read_backdrop(path, {}); });
  if (all.watermark && !all.watermark->empty())
    look.watermark = picture(watermarks_, folders, *all.watermark, read_watermark);
  if (look == Look{}) return nullptr;
  return std::make_shared<const Look>(std::move(look));
}

Looks LookReader::read(const Organisations& organisations) {
  Looks looks;
  faults_now_.clear();
  said_.clear();
  used_.clear();
  struct Entry {
    const Organisation* organisation;
    std::vector<std::string> folders;
  };
  std::vector<Entry> entries;
  for (const Organisation* organisation : organisations.all())
    entries.push_back({organisation, theme_folders(organisations, *organisation)});
  // Those above first: who looks the same shares theirs, and with it all stills.
  std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return entry.folders.size(); });
  for (const auto& [organisation, folders] : entries) {
    std::shared_ptr<const Look> look = look_of(folders);
    if (!look) continue;
    const auto same = [&look](const Looks& known, const std::string& code) {
      const auto found = known.find(code);
      if (found != known.end() && *found->second == *look) look = found->second;
    };
    same(looks_, organisation->code);
    same(looks, organisation->parent);
    looks[organisation->code] = std::move(look);
  }
  const auto unused = [this](const auto& file) { return !used_.contains(file.first); };
  std::erase_if(backdrops_, unused);
  std::erase_if(watermarks_, unused);
  faults_ = std::exchange(faults_now_, {});
  looks_ = looks;
  return looks;
}

} // namespace viadux::mixer
