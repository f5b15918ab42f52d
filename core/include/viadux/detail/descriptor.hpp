// viadux/detail/descriptor.hpp - builds the C descriptor of a plugin class. Include <viadux/plugin.hpp>.
#pragma once

#include <deque>
#include <viadux/detail/settings_io.hpp>
#include <viadux/plugin.hpp>

namespace viadux::detail {

inline void answer_error(const viadux_host* host, viadux_request request, const Error& error) {
  host->answer(host->context, request, static_cast<viadux_status>(error.code), to_text(write_error(error)));
}

inline void answer_exception(const viadux_host* host, viadux_request request, const char* what) {
  Json fields;
  fields.set("what", std::string_view(what));
  Host(host).log(LogLevel::error, "exception", fields);
  answer_error(host, request, make_error(ErrorCode::internal, "exception", "the plugin threw an exception"));
}

// Runs what `make` returns, a Task<Result<Reply>>, and answers the request with its end.
template <class Make>
void answer_with(const viadux_host* host, viadux_request request, const Make& make) noexcept {
  try {
    const auto on_end = [host, request](const auto& result) {
      if (!result) {
        answer_error(host, request, result.error());
      } else if constexpr (std::is_same_v<std::remove_cvref_t<decltype(result)>, Result<void>>) {
        host->answer(host->context, request, VIADUX_OK, to_text("{}"));
      } else {
        host->answer(host->context, request, VIADUX_OK, to_text(write_document(result.value())));
      }
    };
    spawn_with(make(), on_end, [host, request](const char* what) { answer_exception(host, request, what); });
  } catch (const std::exception& failure) {
    answer_exception(host, request, failure.what());
  } catch (...) {
    answer_exception(host, request, "an exception that is no std::exception");
  }
}

template <class P>
Task<Result<void>> run_configure(P& plugin, std::string document) {
  if constexpr (requires { plugin.settings; }) {
    const auto read = read_settings(document, plugin.settings);
    if (!read) co_return read;
  }
  co_return co_await plugin.configure();
}

template <class P>
Task<Result<void>> run_reload(P& plugin, std::string document) {
  if constexpr (requires { plugin.settings; }) {
    const auto old = plugin.settings;
    auto read = read_settings(document, plugin.settings);
    if (read) read = co_await plugin.reload();
    if (!read) plugin.settings = old;
    co_return read;
  } else {
    co_return co_await plugin.reload();
  }
}

struct DrainDocument {
  std::int64_t deadline_us = 0;
  static constexpr auto fields() {
    return field_table(field("deadline_us", &DrainDocument::deadline_us, "On the clock of now_us()."));
  }
};

template <class P>
struct Life {
  static const viadux_host* host_of(void* self) { return static_cast<P*>(self)->host().table(); }

  static void* create(const viadux_host* host) noexcept {
    try {
      auto plugin = std::make_unique<P>(Host(host));
      if constexpr (requires { plugin->metrics; }) bind_metrics(*plugin, host);
      return plugin.release();
    } catch (...) { // the host logs that there is no instance
      return nullptr;
    }
  }
  static void destroy(void* self) noexcept { delete static_cast<P*>(self); }

  static void bind_metrics(P& plugin, const viadux_host* host) {
    std::uint32_t index = 0;
    const auto bind = [&](const auto& entry) {
      (plugin.metrics.*entry.member).bind(host, index++, entry.label_count > 0);
    };
    std::apply([&bind](const auto&... entry) { (bind(entry), ...); }, P::Metrics::fields());
  }

  static void configure(void* self, viadux_text document, viadux_request request) {
    answer_with(host_of(self), request,
                [&] { return run_configure(*static_cast<P*>(self), std::string(to_view(document))); });
  }
  static void start(void* self, viadux_text /*document*/, viadux_request request) {
    answer_with(host_of(self), request, [&] { return static_cast<P*>(self)->start(); });
  }
  static void reload(void* self, viadux_text document, viadux_request request) {
    answer_with(host_of(self), request,
                [&] { return run_reload(*static_cast<P*>(self), std::string(to_view(document))); });
  }
  static void drain(void* self, viadux_text document, viadux_request request) {
    const auto asked = read_document<DrainDocument>(to_view(document));
    const std::int64_t deadline_us = asked ? asked->deadline_us : 0;
    answer_with(host_of(self), request, [&] { return static_cast<P*>(self)->drain(deadline_us); });
  }
  static void stop(void* self, viadux_text /*document*/, viadux_request request) {
    answer_with(host_of(self), request, [&] { return static_cast<P*>(self)->stop(); });
  }

  template <std::size_t InterfaceIndex, std::size_t MethodIndex>
  static void handle(void* self, viadux_text document, viadux_request request) {
    constexpr auto method = std::get<MethodIndex>(std::get<InterfaceIndex>(P::offers()).methods);
    const auto asked = read_document<typename decltype(method)::RequestDocument>(to_view(document));
    if (!asked) return answer_error(host_of(self), request, asked.error());
    answer_with(host_of(self), request,
                [&] { return (static_cast<P*>(self)->*method.function)(asked.value()); });
  }
};

// The tables, built once from what the class declares; they live as long as the library.
template <class P>
class DescriptorStore {
 public:
  DescriptorStore() {
    static_assert(std::is_base_of_v<Plugin, P>, "a plugin derives from viadux::Plugin");
    plugin_.struct_size = sizeof plugin_;
    plugin_.abi_major = VIADUX_ABI_MAJOR;
    plugin_.abi_minor = VIADUX_ABI_MINOR;
    plugin_.id = to_text(P::about.id);
    plugin_.version = to_text(P::about.version);
    plugin_.licence = to_text(P::about.licence);
    plugin_.help = to_text(P::about.help);
    plugin_.status = static_cast<viadux_plugin_status>(P::about.status);
    if constexpr (requires { typename P::Settings; }) add_keys();
    if constexpr (requires { typename P::Metrics; }) add_metrics();
    if constexpr (requires { P::offers(); }) add_offers();
    if constexpr (requires { P::required; }) plugin_.required = names(required_, P::required);
    if constexpr (requires { P::wanted; }) plugin_.wanted = names(wanted_, P::wanted);
    if constexpr (requires { P::hooks(); }) add_hooks();
    if constexpr (requires { P::lua_functions; }) add_lua_functions();
    plugin_.create = &Life<P>::create;
    plugin_.destroy = &Life<P>::destroy;
    plugin_.configure = &Life<P>::configure;
    plugin_.start = &Life<P>::start;
    plugin_.reload = &Life<P>::reload;
    plugin_.drain = &Life<P>::drain;
    plugin_.stop = &Life<P>::stop;
  }
  const viadux_plugin* descriptor() const { return &plugin_; }

 private:
  viadux_text keep(std::string text) { return to_text(texts_.emplace_back(std::move(text))); }

  template <class Item>
  static viadux_table table(const std::vector<Item>& items) {
    return viadux_table{items.data(), static_cast<std::uint32_t>(items.size()), sizeof(Item)};
  }
  template <class Names>
  static viadux_table names(std::vector<viadux_text>& out, const Names& source) {
    for (const std::string_view name : source)
      out.push_back(to_text(name));
    return table(out);
  }

  void add_keys() {
    const typename P::Settings defaults{};
    const auto add = [this, &defaults](const auto& key) {
      using Member = std::remove_cvref_t<decltype(defaults.*key.member)>;
      viadux_key out{};
      out.name = to_text(key.name);
      out.type = key_type<Member>();
      out.reload = key.reload;
      out.default_value = keep(setting_to_json(defaults.*key.member).dump());
      out.minimum = key.lowest;
      out.maximum = key.highest;
      out.unit = to_text(key.unit_name);
      out.choices = keep(choices_of<Member>());
      out.help = to_text(key.help);
      keys_.push_back(out);
    };
    std::apply([&add](const auto&... key) { (add(key), ...); }, P::Settings::fields());
    plugin_.keys = table(keys_);
  }

  void add_metrics() {
    const auto add = [this](const auto& entry) {
      using Member = typename MemberOf<std::remove_cvref_t<decltype(entry.member)>>::Type;
      auto& labels = labels_.emplace_back();
      for (std::uint32_t i = 0; i < entry.label_count; ++i)
        labels.push_back(to_text(entry.label_names[i]));
      const auto& bounds =
          bounds_.emplace_back(entry.upper_bounds.begin(), entry.upper_bounds.begin() + entry.bound_count);
      viadux_metric out{};
      out.name = to_text(entry.name);
      out.kind = Member::kind;
      out.label_count = entry.label_count;
      out.labels = labels.data();
      out.bounds = bounds.data();
      out.bound_count = entry.bound_count;
      out.help = to_text(entry.help);
      metrics_.push_back(out);
    };
    std::apply([&add](const auto&... entry) { (add(entry), ...); }, P::Metrics::fields());
    plugin_.metrics = table(metrics_);
  }

  void add_offers() {
    add_interfaces(std::make_index_sequence<std::tuple_size_v<decltype(P::offers())>>());
    plugin_.offers = table(offers_);
  }
  template <std::size_t... I>
  void add_interfaces(std::index_sequence<I...> /*interfaces*/) {
    (add_interface<I>(
         std::make_index_sequence<std::tuple_size_v<decltype(std::get<I>(P::offers()).methods)>>()),
     ...);
  }
  template <std::size_t I, std::size_t... M>
  void add_interface(std::index_sequence<M...> /*methods*/) {
    constexpr auto interface = std::get<I>(P::offers());
    auto& methods = methods_.emplace_back();
    const auto add = [this, &methods](const auto& method, viadux_handler handler) {
      using Declared = std::remove_cvref_t<decltype(method)>;
      viadux_method out{};
      out.name = to_text(method.name);
      out.handler = handler;
      out.request_schema = keep(document_schema<typename Declared::RequestDocument>().dump());
      out.reply_schema = keep(document_schema<typename Declared::ReplyDocument>().dump());
      out.help = to_text(method.help);
      methods.push_back(out);
    };
    (add(std::get<M>(interface.methods), &Life<P>::template handle<I, M>), ...);
    offers_.push_back(viadux_offer{to_text(interface.name), table(methods)});
  }

  void add_hooks() {
    const auto add = [this](const auto& hook) {
      using Declared = std::remove_cvref_t<decltype(hook)>;
      viadux_hook out{};
      out.name = to_text(hook.name);
      out.default_answer = keep(write_document(typename Declared::AnswerDocument{}));
      out.arguments = keep(document_schema<typename Declared::QuestionDocument>().dump());
      out.help = to_text(hook.help);
      out.answers = keep(document_schema<typename Declared::AnswerDocument>().dump());
      if constexpr (requires { Declared::AnswerDocument::on_failure(); })
        out.closed_answer = keep(write_document(Declared::AnswerDocument::on_failure()));
      out.cache_ms = static_cast<std::uint64_t>(hook.cache_s) * 1000;
      hooks_.push_back(out);
    };
    std::apply([&add](const auto&... hook) { (add(hook), ...); }, P::hooks());
    plugin_.hooks = table(hooks_);
  }
  void add_lua_functions() {
    for (const LuaFunction& function : P::lua_functions) {
      lua_functions_.push_back(viadux_lua_function{to_text(function.name), to_text(function.interface),
                                                   to_text(function.method), to_text(function.help),
                                                   function.pure});
    }
    plugin_.lua_functions = table(lua_functions_);
  }

  template <class MemberPointer>
  struct MemberOf;
  template <class Member, class Owner>
  struct MemberOf<Member Owner::*> {
    using Type = Member;
  };

  viadux_plugin plugin_{};
  std::deque<std::string> texts_;
  std::vector<viadux_key> keys_;
  std::vector<viadux_metric> metrics_;
  std::deque<std::vector<viadux_text>> labels_;
  std::deque<std::vector<double>> bounds_;
  std::deque<std::vector<viadux_method>> methods_;
  std::vector<viadux_offer> offers_;
  std::vector<viadux_text> required_;
  std::vector<viadux_text> wanted_;
  std::vector<viadux_hook> hooks_;
  std::vector<viadux_lua_function> lua_functions_;
};

template <class P>
const viadux_plugin* descriptor_of() {
  static const DescriptorStore<P> store;
  return store.descriptor();
}

} // namespace viadux::detail
