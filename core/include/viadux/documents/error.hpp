// viadux/documents/error.hpp - the document of every failure.
#pragma once

#include <viadux/document.hpp>

namespace viadux {

struct ErrorDocument {
  std::string reason;
  std::string message;
  std::optional<std::string> field_name;
  std::optional<std::string> hint;

  static constexpr auto fields() {
    return field_table(
        field("reason", &ErrorDocument::reason, "A stable word for programs, e.g. pin_wrong.").limit(64),
        field("message", &ErrorDocument::message, "One sentence for people: what was wrong and where."),
        field("field", &ErrorDocument::field_name, "The field or configuration key that is wrong."),
        field("hint", &ErrorDocument::hint, "What to do about it."));
  }
};

// A document without fields: requests and replies that need none.
struct Nothing {
  static constexpr auto fields() { return field_table(); }
};

inline std::string write_error(const Error& error) {
  ErrorDocument document;
  document.reason = error.reason;
  document.message = error.message;
  if (!error.field.empty()) document.field_name = error.field;
  if (!error.hint.empty()) document.hint = error.hint;
  return write_document(document);
}

// Reads leniently: what comes with a failure must not become another failure.
inline Error read_error(std::uint32_t status, std::string_view text) {
  const bool known = status > 0 && status <= static_cast<std::uint32_t>(ErrorCode::internal);
  const ErrorCode code = known ? static_cast<ErrorCode>(status) : ErrorCode::internal;
  const auto document = read_document<ErrorDocument>(text);
  if (!document) return make_error(code, {}, {});
  return make_error(code, document->reason, document->message, document->field_name.value_or(""),
                    document->hint.value_or(""));
}

} // namespace viadux
