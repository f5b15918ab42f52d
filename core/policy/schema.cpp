#include "core/policy/schema.hpp"

#include "core/config/schema.hpp"

#include <algorithm>

namespace viadux {
namespace {

using Type = PolicySchema::Type;

Error no_schema(const std::string& what) {
  return make_error(ErrorCode::bad_argument, "schema_malformed", "a hook's schema " + what);
}

Type type_from(std::string_view word) {
  if (word == "boolean") return Type::boolean;
  if (word == "integer") return Type::integer;
  if (word == "number") return Type::number;
  if (word == "string") return Type::text;
  if (word == "array") return Type::list;
  if (word == "object") return Type::table;
  return Type::any;
}

const char* word_for(Type type) {
  switch (type) {
  case Type::boolean:
    return "true or false";
  case Type::integer:
    return "a whole number";
  case Type::number:
    return "a number";
  case Type::text:
    return "a text";
  case Type::list:
    return "a list";
  case Type::table:
    return "a table";
  default:
    return "anything";
  }
}

bool has_type(const Json& value, Type type) {
  switch (type) {
  case Type::boolean:
    return value.boolean() != nullptr;
  case Type::integer:
    return value.integer() != nullptr;
  case Type::number:
    return value.is_number();
  case Type::text:
    return value.text() != nullptr;
  case Type::list:
    return value.array() != nullptr;
  case Type::table:
    return value.object() != nullptr;
  default:
    return true;
  }
}

std::string shown(const Json& value) {
  std::string text = value.array() ? "a list" : value.object() ? "a table" : value.dump();
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words)
    all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string figure(double value) {
  return std::to_string(static_cast<std::int64_t>(value));
}

std::optional<std::string> fault_in_text(const std::string& text, const PolicySchema& schema,
                                         const std::string& at) {
  if (!schema.choices.empty() && std::ranges::find(schema.choices, text) == schema.choices.end()) {
    const std::string near = meant(text, schema.choices);
    return at + "must be " + describe(schema) + ", not " + shown(Json(text)) +
           (near.empty() ? "" : " (" + near + ")");
  }
  if (text.size() > schema.longest) return at + "is longer than " + std::to_string(schema.longest) + " bytes";
  return std::nullopt;
}

std::optional<std::string> fault_in_table(const Json::Object& members, const PolicySchema& schema,
                                          const std::string& path) {
  const std::string before = path.empty() ? "" : path + ".";
  for (const auto& [name, value] : members) {
    const PolicySchema* field = schema.field(name);
    if (!field) {
      if (schema.fields.empty()) continue; // a table of anything
      const std::string near = meant(name, schema.names());
      return before + name + ": there is no such field" +
             (near.empty() ? " (there are: " + joined(schema.names()) + ")" : "; " + near);
    }
    if (auto fault = fault_in(value, *field, before + name)) return fault;
  }
  for (const std::string& name : schema.required)
    if (std::ranges::find(members, name, &std::pair<std::string, Json>::first) == members.end())
      return before + name + ": is missing";
  return std::nullopt;
}

} // namespace

std::string meant(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > 64) return ""; // comparing costs the product of the lengths
  const auto near = nearest_name(name, known);
  return near ? "did you mean \"" + *near + "\"?" : "";
}

Result<PolicySchema> PolicySchema::read(const Json& json) {
  if (!json.object()) return no_schema("is no table");
  PolicySchema out;
  if (const Json* type = json.find("type"); type && type->text()) out.type = type_from(*type->text());
  if (const Json* help = json.find("description"); help && help->text()) out.help = *help->text();
  if (const Json* choices = json.find("enum"); choices && choices->array()) {
    out.type = Type::text;
    for (const Json& choice : *choices->array())
      if (choice.text()) out.choices.push_back(*choice.text());
  }
  if (const Json* least = json.find("minimum"); least && least->is_number()) out.least = least->number();
  if (const Json* most = json.find("maximum"); most && most->is_number()) out.most = most->number();
  for (const char* limit : {"maxLength", "maxItems"})
    if (const Json* longest = json.find(limit); longest && longest->integer() && *longest->integer() >= 0)
      out.longest = static_cast<std::size_t>(*longest->integer());
  if (const Json* names = json.find("required"); names && names->array())
    for (const Json& each : *names->array())
      if (each.text()) out.required.push_back(*each.text());
  if (const Json* contains = json.find("contains"))
    if (const Json* names = contains->find("enum"); names && names->array())
      for (const Json& each : *names->array())
        if (each.text()) out.contains.push_back(*each.text());
  if (const Json* items = json.find("items")) {
    auto item = read(*items);
    if (!item) return item;
    out.item.push_back(std::move(*item));
  }
  if (const Json* properties = json.find("properties"); properties && properties->object())
    for (const auto& [field_name, inner] : *properties->object()) {
      auto field = read(inner);
      if (!field) return field;
      field->name = field_name;
      out.fields.push_back(std::move(*field));
    }
  return out;
}

const PolicySchema* PolicySchema::field(std::string_view wanted) const {
  for (const PolicySchema& each : fields)
    if (each.name == wanted) return &each;
  return nullptr;
}

std::vector<std::string> PolicySchema::names() const {
  std::vector<std::string> all;
  all.reserve(fields.size());
  for (const PolicySchema& each : fields)
    all.push_back(each.name);
  return all;
}

std::string describe(const PolicySchema& schema) {
  if (!schema.choices.empty()) return "one of: " + joined(schema.choices);
  std::string text = word_for(schema.type);
  if (schema.type == Type::list && !schema.item.empty() && !schema.item.front().choices.empty())
    text += " of: " + joined(schema.item.front().choices);
  if (!schema.contains.empty()) text += "; with at least one of: " + joined(schema.contains);
  if (schema.type != Type::integer && schema.type != Type::number) return text;
  if (schema.least && schema.most)
    return text + " from " + figure(*schema.least) + " to " + figure(*schema.most);
  if (schema.least) return text + ", " + figure(*schema.least) + " or more";
  return text;
}

std::optional<std::string> fault_in(const Json& value, const PolicySchema& schema, const std::string& path) {
  const std::string at = path.empty() ? "the answer " : path + ": ";
  if (!has_type(value, schema.type)) return at + "must be " + describe(schema) + ", not " + shown(value);
  if (const std::string* text = value.text()) return fault_in_text(*text, schema, at);
  if (value.is_number()) {
    const double number = value.number();
    if ((schema.least && number < *schema.least) || (schema.most && number > *schema.most))
      return at + "must be " + describe(schema) + ", not " + shown(value);
  }
  if (const Json::Array* items = value.array()) {
    if (items->size() > schema.longest)
      return at + "has more than " + std::to_string(schema.longest) + " items";
    const auto holds = [&schema](const Json& item) {
      return item.text() && std::ranges::find(schema.contains, *item.text()) != schema.contains.end();
    };
    if (!schema.contains.empty() && std::ranges::none_of(*items, holds))
      return at + "must have at least one of: " + joined(schema.contains);
    if (!schema.item.empty())
      for (std::size_t i = 0; i < items->size(); ++i)
        if (auto fault = fault_in((*items)[i], schema.item.front(), path + "[" + std::to_string(i + 1) + "]"))
          return fault;
  }
  if (const Json::Object* members = value.object()) return fault_in_table(*members, schema, path);
  return std::nullopt;
}

Json overlaid(const Json& base, const Json& over) {
  if (!over.object() || !base.object()) return over;
  Json out = base;
  for (const auto& [name, value] : *over.object()) {
    const Json* old = out.find(name);
    out.set(name, old && old->object() && value.object() ? overlaid(*old, value) : value);
  }
  return out;
}

} // namespace viadux
