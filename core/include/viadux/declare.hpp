// viadux/declare.hpp - what a plugin declares instead of coding it: settings, metrics, interfaces of its own.
//
//   struct Settings {
//     viadux::Duration idle_timeout{30'000'000};
//     static constexpr auto fields() {
//       return viadux::key_table(viadux::key("idle_timeout", &Settings::idle_timeout, "When a call is given
//       up.").live());
//     }
//   };
//   struct Metrics {
//     viadux::Counter answers;
//     static constexpr auto fields() {
//       return viadux::metric_table(viadux::metric("answers_total", &Metrics::answers, "Answers by
//       status.").labels("status"));
//     }
//   };
#pragma once

#include <initializer_list>
#include <span>
#include <viadux/host.hpp>

namespace viadux {

// Written "30s", "250ms" or "2h" in the configuration.
struct Duration {
  std::int64_t us = 0;
};

// A value that is never logged or shown; the configuration may take it from a file or the environment.
struct Secret {
  std::string value;
};

// A key of the plugin's section: its default is the member's, its type follows from the member: bool,
// integers, double, std::string, std::vector<std::string>, Duration, Secret, or an enum with EnumNames.
template <class Owner, class Member>
struct Key {
  std::string_view name;
  Member Owner::*member;
  std::string_view help;
  viadux_reload_class reload = VIADUX_RELOAD_RESTART;
  double lowest = 0;
  double highest = 0;
  std::string_view unit_name{};

  constexpr Key live() const { // reload() applies it at once
    Key changed = *this;
    changed.reload = VIADUX_RELOAD_LIVE;
    return changed;
  }
  constexpr Key new_rooms() const { // reload() applies it to what begins later
    Key changed = *this;
    changed.reload = VIADUX_RELOAD_NEW_ROOMS;
    return changed;
  }
  constexpr Key range(double from, double to) const { // inclusive; durations in microseconds
    Key changed = *this;
    changed.lowest = from;
    changed.highest = to;
    return changed;
  }
  constexpr Key unit(std::string_view text) const {
    Key changed = *this;
    changed.unit_name = text;
    return changed;
  }
};

template <class Owner, class Member>
constexpr Key<Owner, Member> key(std::string_view name, Member Owner::*member, std::string_view help) {
  return Key<Owner, Member>{.name = name, .member = member, .help = help};
}
template <class... Keys>
constexpr std::tuple<Keys...> key_table(Keys... keys) {
  return std::tuple<Keys...>(keys...);
}

// A metric of the plugin, viadux_<plugin>_<name>. [any] Before the plugin is created it counts nothing.
class Metric {
 public:
  void bind(const viadux_host* host, std::uint32_t index, bool labelled) {
    host_ = host;
    index_ = index;
    if (!labelled) plain_ = host->series(host->context, index, nullptr, 0);
  }

 protected:
  void update(double value) const {
    if (host_) host_->update(host_->context, plain_, value);
  }
  void update(std::initializer_list<std::string_view> labels, double value) const {
    if (!host_) return;
    std::array<viadux_text, 4> values{};
    std::uint32_t count = 0;
    for (const auto label : labels) {
      if (count < values.size()) values[count++] = to_text(label);
    }
    const auto series = host_->series(host_->context, index_, values.data(), count);
    host_->update(host_->context, series, value);
  }

 private:
  const viadux_host* host_ = nullptr;
  std::uint32_t index_ = 0;
  viadux_series plain_ = 0;
};

class Counter : public Metric {
 public:
  static constexpr viadux_metric_kind kind = VIADUX_COUNTER;
  void add(double value = 1) const { update(value); }
  void add(std::initializer_list<std::string_view> labels, double value = 1) const { update(labels, value); }
};
class Gauge : public Metric {
 public:
  static constexpr viadux_metric_kind kind = VIADUX_GAUGE;
  void set(double value) const { update(value); }
  void set(std::initializer_list<std::string_view> labels, double value) const { update(labels, value); }
};
class Histogram : public Metric {
 public:
  static constexpr viadux_metric_kind kind = VIADUX_HISTOGRAM;
  void observe(double value) const { update(value); }
  void observe(std::initializer_list<std::string_view> labels, double value) const { update(labels, value); }
};

template <class Owner, class Member>
struct MetricEntry {
  std::string_view name;
  Member Owner::*member;
  std::string_view help;
  std::array<std::string_view, 4> label_names{};
  std::uint32_t label_count = 0;
  std::array<double, 16> upper_bounds{};
  std::uint32_t bound_count = 0;

  template <class... Names>
  constexpr MetricEntry labels(Names... names) const {
    static_assert(sizeof...(Names) <= 4, "at most four label keys");
    MetricEntry changed = *this;
    ((changed.label_names[changed.label_count++] = std::string_view(names)), ...);
    return changed;
  }
  template <class... Bounds>
  constexpr MetricEntry bounds(Bounds... values) const { // a histogram's upper bounds, rising
    static_assert(sizeof...(Bounds) <= 16, "at most sixteen buckets");
    MetricEntry changed = *this;
    ((changed.upper_bounds[changed.bound_count++] = static_cast<double>(values)), ...);
    return changed;
  }
};

template <class Owner, class Member>
constexpr MetricEntry<Owner, Member> metric(std::string_view name, Member Owner::*member,
                                            std::string_view help) {
  return MetricEntry<Owner, Member>{.name = name, .member = member, .help = help};
}
template <class... Entries>
constexpr std::tuple<Entries...> metric_table(Entries... entries) {
  return std::tuple<Entries...>(entries...);
}

// A method of an interface that the plugin offers: Task<Result<Reply>> send(Request).
template <class Plugin, class Request, class Reply>
struct Method {
  using RequestDocument = Request;
  using ReplyDocument = Reply;
  std::string_view name;
  Task<Result<Reply>> (Plugin::*function)(Request);
  std::string_view help;
};

template <class Plugin, class Request, class Reply>
constexpr Method<Plugin, Request, Reply>
method(std::string_view name, Task<Result<Reply>> (Plugin::*function)(Request), std::string_view help) {
  return Method<Plugin, Request, Reply>{.name = name, .function = function, .help = help};
}

template <class... Methods>
struct Interface {
  std::string_view name;
  std::tuple<Methods...> methods;
};
template <class... Methods>
constexpr Interface<Methods...> interface(std::string_view name, Methods... methods) {
  return Interface<Methods...>{name, std::tuple<Methods...>(methods...)};
}
template <class... Interfaces>
constexpr std::tuple<Interfaces...> interface_table(Interfaces... interfaces) {
  return std::tuple<Interfaces...>(interfaces...);
}

// A question to the organisation's policy: two documents and a name. The default answer, which counts where
// no policy says anything, is Answer{} as its members are initialised. The careful answer, which counts when
// a policy fails, is Answer::on_failure() where there is such a function; else the default. Asked by
// ask_policy()
// (<viadux/policy.hpp>).
template <class Question, class Answer>
struct Hook {
  using QuestionDocument = Question;
  using AnswerDocument = Answer;
  std::string_view name;
  std::string_view help;
  std::uint32_t cache_s = 0;

  constexpr Hook cached(std::uint32_t seconds) const { // the same question may have the same answer so long
    Hook changed = *this;
    changed.cache_s = seconds;
    return changed;
  }
};
template <Document Question, Document Answer>
constexpr Hook<Question, Answer> hook(std::string_view name, std::string_view help) {
  return Hook<Question, Answer>{name, help};
}
template <class... Hooks>
constexpr std::tuple<Hooks...> hook_table(Hooks... hooks) {
  return std::tuple<Hooks...>(hooks...);
}

// A function for policies: `name` in Lua calls a method that this plugin offers, or, better, a pure function
// of this plugin's with the same documents: pure_function<Request, &function>() of Result<Reply>
// function(const Request&).
struct LuaFunction {
  std::string_view name;
  std::string_view interface;
  std::string_view method;
  std::string_view help;
  viadux_pure_function pure = nullptr;
};

namespace detail {
template <Document Request, auto Function>
viadux_status call_pure(viadux_text document, void (*write)(void* out, viadux_text document), void* out) {
  const auto request = read_document<Request>(to_view(document));
  if (!request) return write(out, to_text(write_error(request.error()))), VIADUX_BAD_ARGUMENT;
  const auto reply = Function(*request);
  if (!reply)
    return write(out, to_text(write_error(reply.error()))), static_cast<viadux_status>(reply.error().code);
  write(out, to_text(write_document(*reply)));
  return VIADUX_OK;
}
} // namespace detail
template <Document Request, auto Function>
constexpr viadux_pure_function pure_function() {
  return &detail::call_pure<Request, Function>;
}

} // namespace viadux
