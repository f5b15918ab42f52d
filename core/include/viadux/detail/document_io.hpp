// viadux/detail/document_io.hpp - documents to JSON and back. Include <viadux/document.hpp>.
#pragma once

#include <viadux/document.hpp>

namespace viadux::detail {

template <class T>
struct Unwrap {
  static constexpr bool optional = false;
  static constexpr bool list = false;
};
template <class T>
struct Unwrap<std::optional<T>> {
  static constexpr bool optional = true;
  static constexpr bool list = false;
};
template <class T>
struct Unwrap<std::vector<T>> {
  static constexpr bool optional = false;
  static constexpr bool list = true;
};

inline constexpr std::size_t default_text_limit = 8192;
inline constexpr std::size_t default_list_limit = 1024;

inline Error field_error(const std::string& path, const std::string& problem) {
  const std::string name = path.empty() ? "the document" : "field '" + path + "'";
  return make_error(ErrorCode::bad_argument, "field_invalid", name + " " + problem, path);
}

template <class T>
Result<void> read_integer(const Json& json, T& out, const std::string& path) {
  const auto* value = json.integer();
  if (!value) return field_error(path, "must be an integer");
  if constexpr (!std::is_same_v<T, std::int64_t>) {
    if (!std::in_range<T>(*value)) return field_error(path, "is out of range: " + std::to_string(*value));
  }
  out = static_cast<T>(*value);
  return {};
}

template <class T>
Result<void> read_choice(const Json& json, T& out, const std::string& path) {
  const auto& names = EnumNames<T>::names;
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (json.text() && *json.text() == names[i]) {
      out = static_cast<T>(i);
      return {};
    }
    known += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  return field_error(path, "must be one of: " + known);
}

template <class T>
Result<void> read_list(const Json& json, T& out, const std::string& path) {
  const auto* items = json.array();
  if (!items) return field_error(path, "must be a list");
  out.clear();
  for (const auto& item : *items) {
    typename T::value_type value{};
    const auto read = from_json(item, value, path + "[" + std::to_string(out.size()) + "]");
    if (!read) return read.error();
    if constexpr (std::is_same_v<typename T::value_type, Handle>) // none could not be written again
      if (!value) return field_error(path, "has a handle of which all digits are 0");
    out.push_back(std::move(value));
  }
  return {};
}

template <class F, class T>
Result<void> check_limits(const F& field, const T& value, const std::string& path) {
  if constexpr (Unwrap<T>::optional) {
    if (value) return check_limits(field, *value, path);
  } else if constexpr (Unwrap<T>::list) {
    const std::size_t most = field.most ? field.most : default_list_limit;
    if (value.size() > most) return field_error(path, "has more than " + std::to_string(most) + " items");
  } else if constexpr (std::is_same_v<T, std::string>) {
    const std::size_t most = field.most ? field.most : default_text_limit;
    if (value.size() > most) return field_error(path, "is longer than " + std::to_string(most) + " bytes");
    if (field.is_required && value.empty()) return field_error(path, "must not be empty");
  } else if constexpr (std::is_same_v<T, Handle>) {
    // "None" is said by leaving the field out, which a field that is required cannot be.
    if (field.is_required && !value) return field_error(path, "is a handle of which all digits are 0");
  } else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    const auto outside = [&field](auto number) {
      using Number = decltype(number);
      return number < static_cast<Number>(field.lowest) || number > static_cast<Number>(field.highest);
    };
    if (field.has_range && outside(value)) {
      return field_error(path, "must be from " + std::to_string(field.lowest) + " to " +
                                   std::to_string(field.highest));
    }
  }
  return {};
}

template <class T, class F>
Result<void> read_field(const Json& json, T& out, const F& field, const std::string& path) {
  const std::string here = path.empty() ? std::string(field.name) : path + "." + std::string(field.name);
  const Json* value = json.find(field.name);
  if (!value || value->is_null()) {
    if (field.is_required) return field_error(here, "is missing");
    return {};
  }
  auto& member = out.*field.member;
  auto read = from_json(*value, member, here);
  if (read) read = check_limits(field, member, here);
  return read;
}

template <class T>
Result<void> read_fields(const Json& json, T& out, const std::string& path) {
  if (!json.object()) return field_error(path, "must be an object");
  Result<void> result;
  std::apply(
      [&](const auto&... field) { // stops at the first field that is wrong
        (void)((result = read_field(json, out, field, path), result.has_value()) && ...);
      },
      T::fields());
  return result;
}

template <class F, class T>
Json field_schema(const F& field, std::type_identity<T> /*member*/);

template <class T>
void add_type(Json& schema) {
  if constexpr (std::is_same_v<T, bool>) {
    schema.set("type", "boolean");
  } else if constexpr (std::is_integral_v<T>) {
    schema.set("type", "integer");
    if constexpr (std::is_unsigned_v<T>) schema.set("minimum", 0);
  } else if constexpr (std::is_floating_point_v<T>) {
    schema.set("type", "number");
  } else if constexpr (std::is_same_v<T, std::string>) {
    schema.set("type", "string");
  } else if constexpr (std::is_enum_v<T>) {
    Json::Array names;
    for (const auto name : EnumNames<T>::names)
      names.emplace_back(name);
    schema.set("enum", std::move(names));
  } else if constexpr (std::is_same_v<T, Handle>) {
    schema.set("type", "string");
    schema.set("pattern", "^[0-9a-f]{16}$");
  } else if constexpr (Document<T>) {
    const Json inner = document_schema<T>();
    for (const auto& [name, value] : *inner.object())
      schema.set(name, value);
  }
}

template <class F, class T>
Json field_schema(const F& field, std::type_identity<T> /*member*/) {
  Json schema{Json::Object{}};
  if constexpr (Unwrap<T>::optional) {
    return field_schema(field, std::type_identity<typename T::value_type>{});
  } else if constexpr (Unwrap<T>::list) {
    Json items{Json::Object{}};
    add_type<typename T::value_type>(items);
    schema.set("type", "array");
    schema.set("items", std::move(items));
    schema.set("maxItems", static_cast<std::int64_t>(field.most ? field.most : default_list_limit));
  } else {
    add_type<T>(schema);
    if constexpr (std::is_same_v<T, std::string>) {
      schema.set("maxLength", static_cast<std::int64_t>(field.most ? field.most : default_text_limit));
    }
    if (field.has_range) {
      schema.set("minimum", field.lowest);
      schema.set("maximum", field.highest);
    }
  }
  schema.set("description", field.help);
  return schema;
}

} // namespace viadux::detail

namespace viadux {

template <class T>
Json to_json(const T& value) {
  if constexpr (std::is_same_v<T, Json> || std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
    return Json(value);
  } else if constexpr (std::is_same_v<T, Handle>) {
    return value ? Json(write_handle(value)) : Json(); // none is left out
  } else if constexpr (std::is_enum_v<T>) {
    return Json(EnumNames<T>::names[static_cast<std::size_t>(value)]);
  } else if constexpr (std::is_integral_v<T>) {
    return Json(static_cast<std::int64_t>(value)); // ids stay below 2^63
  } else if constexpr (std::is_floating_point_v<T>) {
    return Json(static_cast<double>(value));
  } else if constexpr (detail::Unwrap<T>::optional) {
    return value ? to_json(*value) : Json();
  } else if constexpr (detail::Unwrap<T>::list) {
    Json::Array items;
    items.reserve(value.size());
    for (const auto& item : value)
      items.push_back(to_json(item));
    return Json(std::move(items));
  } else {
    static_assert(Document<T>, "a document's member is none of the types that documents know");
    Json object{Json::Object{}};
    const T defaults{};
    const auto add = [&object, &value, &defaults](const auto& field) {
      using Member = std::remove_cvref_t<decltype(value.*field.member)>;
      if constexpr (std::is_arithmetic_v<Member> || std::is_same_v<Member, std::string>)
        if (field.is_sparse && value.*field.member == defaults.*field.member) return;
      Json member = to_json(value.*field.member);
      if (!member.is_null()) object.object()->emplace_back(std::string(field.name), std::move(member));
    };
    std::apply([&add](const auto&... field) { (add(field), ...); }, T::fields());
    return object;
  }
}

template <class T>
Result<void> from_json(const Json& json, T& out, const std::string& path) {
  if constexpr (std::is_same_v<T, Json>) {
    out = json;
    return {};
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!json.boolean()) return detail::field_error(path, "must be true or false");
    out = *json.boolean();
    return {};
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!json.text()) return detail::field_error(path, "must be a text");
    out = *json.text();
    return {};
  } else if constexpr (std::is_same_v<T, Handle>) {
    const auto handle = json.text() ? read_handle(*json.text()) : std::nullopt;
    if (!handle) return detail::field_error(path, "must be a handle: 16 hex digits");
    out = *handle;
    return {};
  } else if constexpr (std::is_enum_v<T>) {
    return detail::read_choice(json, out, path);
  } else if constexpr (std::is_integral_v<T>) {
    return detail::read_integer(json, out, path);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number()) return detail::field_error(path, "must be a number");
    out = static_cast<T>(json.number());
    return {};
  } else if constexpr (detail::Unwrap<T>::optional) {
    typename T::value_type value{};
    auto read = from_json(json, value, path);
    if (read) out = std::move(value);
    return read;
  } else if constexpr (detail::Unwrap<T>::list) {
    return detail::read_list(json, out, path);
  } else {
    static_assert(Document<T>, "a document's member is none of the types that documents know");
    return detail::read_fields(json, out, path);
  }
}

template <Document T>
Json document_schema() {
  Json properties{Json::Object{}};
  Json::Array required;
  const auto add = [&properties, &required](const auto& field) {
    using Member = std::remove_cvref_t<decltype(std::declval<T>().*field.member)>;
    properties.set(field.name, detail::field_schema(field, std::type_identity<Member>{}));
    if (field.is_required) required.emplace_back(field.name);
  };
  std::apply([&add](const auto&... field) { (add(field), ...); }, T::fields());
  Json schema{Json::Object{}};
  schema.set("type", "object");
  schema.set("properties", std::move(properties));
  if (!required.empty()) schema.set("required", std::move(required));
  return schema;
}

} // namespace viadux
