// Reads organisations' looks: the member `picture` of theme/theme.json (docs/page.md), and the PNG files that
// it names. [one thread at a time, and slowly: from the disk]
#pragma once

#include "core/config/organisations.hpp"
#include "core/mixer/look.hpp"

#include <filesystem>
#include <functional>
#include <set>

namespace viadux::mixer {

class LookReader {
 public:
  // Decoded ones take 1.4 MB each.
  static constexpr std::size_t most_pictures = 200;
  // Told of each mistake, once for as long as it is there.
  using OnFault = std::function<void(const std::string& path, const std::string& fault)>;
  explicit LookReader(OnFault on_fault) : on_fault_(std::move(on_fault)) {}

  // What has not changed since the last time is the same Look again.
  Looks read(const Organisations& organisations);

 private:
  // What one theme.json says, as far as it is right.
  struct Said {
    std::optional<std::string> background, watermark; // as it is written
    std::optional<Colour> border;
    std::optional<Corner> corner;
    std::map<StillText, std::vector<std::string>> lines;
  };
  template <class Of>
  struct Kept { // a file that has been read
    std::filesystem::file_time_type written;
    std::uintmax_t size = 0;
    std::shared_ptr<const Of> picture; // null: with a fault
    std::string fault;
  };
  template <class Of>
  using KeptFiles = std::map<std::string, Kept<Of>>;

  const Said& said_in(const std::string& folder);
  Said parse(const std::string& path, const std::string& text);
  std::shared_ptr<const Look> look_of(const std::vector<std::string>& folders);
  template <class Of, class Read>
  std::shared_ptr<const Of> picture(KeptFiles<Of>& kept, const std::vector<std::string>& folders,
                                    const std::string& name, const Read& read);
  void fault(const std::string& path, const std::string& sentence);

  const OnFault on_fault_;
  Looks looks_;                  // of the last time
  std::set<std::string> faults_; // likewise
  std::set<std::string> faults_now_;
  std::map<std::string, Said> said_; // by folder, in this turn
  KeptFiles<Picture> backdrops_;
  KeptFiles<Overlay> watermarks_;
  std::set<std::string> used_; // files, in this turn
};

} // namespace viadux::mixer
