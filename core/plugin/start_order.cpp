#include "core/plugin/start_order.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace viadux {
namespace {

class Sorter {
 public:
  Sorter(const std::vector<OrderedPlugin>& plugins, const std::vector<std::string>& host)
      : plugins_(plugins), host_(host.begin(), host.end()), marks_(plugins.size(), Mark::unseen) {
    for (std::size_t i = 0; i < plugins.size(); ++i) {
      for (const std::string& name : plugins[i].offers)
        provider_.emplace(name, i);
    }
  }

  StartOrder run() {
    for (std::size_t i = 0; i < plugins_.size(); ++i)
      visit(i);
    return std::move(result_);
  }

 private:
  enum class Mark { unseen, open, placed, refused };

  bool visit(std::size_t place) { // false: it will not start
    if (marks_[place] == Mark::placed) return true;
    if (marks_[place] != Mark::unseen) return false; // refused, or open: a ring
    marks_[place] = Mark::open;
    for (const std::string& name : plugins_[place].required) {
      if (host_.contains(name)) continue;
      const auto provider = provider_.find(name);
      if (provider == provider_.end())
        return refuse(place, "it requires the interface " + name + ", which nobody offers");
      if (provider->second == place) continue;
      const std::string& other = plugins_[provider->second].id;
      const bool ring = marks_[provider->second] == Mark::open;
      if (!visit(provider->second)) {
        std::string why = "it requires the interface " + name;
        why += " of the plugin " + other + (ring ? ", which in turn requires it" : ", which does not start");
        return refuse(place, std::move(why));
      }
    }
    for (const std::string& name : plugins_[place].wanted) {
      const auto provider = provider_.find(name);
      if (!host_.contains(name) && provider != provider_.end()) visit(provider->second);
    }
    marks_[place] = Mark::placed;
    result_.order.push_back(place);
    return true;
  }

  bool refuse(std::size_t place, std::string why) {
    marks_[place] = Mark::refused;
    result_.refused.emplace_back(place, std::move(why));
    return false;
  }

  const std::vector<OrderedPlugin>& plugins_;
  const std::set<std::string> host_;
  std::vector<Mark> marks_;
  std::map<std::string, std::size_t> provider_;
  StartOrder result_;
};

} // namespace

StartOrder start_order(const std::vector<OrderedPlugin>& plugins, const std::vector<std::string>& host) {
  return Sorter(plugins, host).run();
}

} // namespace viadux
