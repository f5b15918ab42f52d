// Interfaces by name: the host's own, and those that plugins offer each other. [control]
#pragma once

#include "core/plugin/declaration.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include <viadux/documents/error.hpp>

namespace viadux {

class PluginInstance;

// Ends one call of a method, exactly once, at once or later, on the control thread.
template <class Reply>
using MethodDone = std::function<void(Result<Reply>)>;

// An interface of the host: methods with documents, and perhaps a table of C functions. Derive, and add
// methods in the constructor.
class HostInterface {
 public:
  explicit HostInterface(std::string name) : name_(std::move(name)) {}
  HostInterface(const HostInterface&) = delete;
  HostInterface& operator=(const HostInterface&) = delete;
  virtual ~HostInterface() = default;

  const std::string& name() const { return name_; }
  virtual const void* table() const { return nullptr; }
  // The plugin stops: what it has here, beside its handles, ends.
  virtual void plugin_stopped(const PluginInstance& /*plugin*/) {}

  using RawMethod =
      std::function<void(PluginInstance& caller, std::string_view document, MethodDone<std::string> done)>;
  const RawMethod* find(std::string_view method) const {
    const auto found = methods_.find(method);
    return found == methods_.end() ? nullptr : &found->second;
  }

 protected:
  // function: void(PluginInstance& caller, Request, MethodDone<Reply>)
  template <Document Request, Document Reply, class Function>
  void add_method(std::string name, Function function) {
    methods_.emplace(std::move(name), [function](PluginInstance& caller, std::string_view text,
                                                 const MethodDone<std::string>& done) {
      const auto request = read_document<Request>(text);
      if (!request) return done(request.error());
      function(caller, request.value(), MethodDone<Reply>([done](const Result<Reply>& reply) {
                 done(reply ? Result<std::string>(write_document(reply.value()))
                            : Result<std::string>(reply.error()));
               }));
    });
  }

 private:
  const std::string name_;
  std::map<std::string, RawMethod, std::less<>> methods_;
};

struct PluginOffer {
  PluginInstance* plugin = nullptr;
  const DeclaredOffer* offer = nullptr;
};

class Interfaces {
 public:
  void add(std::unique_ptr<HostInterface> interface) {
    const std::string name = interface->name();
    own_[name] = std::move(interface);
  }
  HostInterface* find_own(std::string_view name) const {
    const auto found = own_.find(name);
    return found == own_.end() ? nullptr : found->second.get();
  }
  // refused (interface_taken): the host or another plugin has that name.
  Result<void> add_offer(PluginInstance& plugin, const DeclaredOffer& offer);
  const PluginOffer* find_offer(std::string_view name) const {
    const auto found = offers_.find(name);
    return found == offers_.end() ? nullptr : &found->second;
  }
  bool exists(std::string_view name) const { return find_own(name) || find_offer(name); }
  void plugin_stopped(const PluginInstance& plugin) {
    for (auto& [name, interface] : own_)
      interface->plugin_stopped(plugin);
  }

 private:
  std::map<std::string, std::unique_ptr<HostInterface>, std::less<>> own_;
  std::map<std::string, PluginOffer, std::less<>> offers_;
};

} // namespace viadux
