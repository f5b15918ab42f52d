// read_policy(): follows a file's blocks and names as Lua would, and looks at what hooks do with their
// question and answer.
#include "core/policy/check.hpp"
#include "core/policy/lua_tokens.hpp"
#include "core/policy/reference.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace viadux {
namespace {

// What an expression is, as far as that can be seen.
struct Shape {
  enum class Kind : std::uint8_t { other, global, library, question, text, table };
  Kind kind = Kind::other;
  std::string name;                     // of a global; of a text its value
  const PolicySchema* schema = nullptr; // of a question, or a part of one
  LuaToken at;
  struct Entry;
  std::vector<Entry> entries; // of a table
};
struct Shape::Entry {
  LuaToken name;
  Shape value;
};

class PolicyReader {
 public:
  PolicyReader(const PolicyWorld& world, std::string file, std::string_view text)
      : world_(world), file_(std::move(file)), tokens_(read_lua_tokens(text)) {
    for (const char* name : {"assert", "error", "ipairs", "next", "pairs", "pcall", "select", "tonumber",
                             "tostring", "type", "print", "note", "close_on_failure"})
      globals_.insert(name);
    for (const char* name : {"string", "table", "math", "utf8", "hooks", "parent"})
      globals_.insert(name);
    for (const LibraryEntry& entry : library_entries(world)) {
      const std::size_t dot = entry.name.find('.');
      if (dot == std::string::npos) continue;
      const std::string table = entry.name.substr(0, dot);
      globals_.insert(table);
      if (table != "string") library_[table].insert(entry.name.substr(dot + 1));
    }
  }

  std::vector<PolicyFinding> read() {
    scopes_.emplace_back();
    block();
    return std::move(findings_);
  }

 private:
  // ---- tokens
  const LuaToken& now() const { return tokens_[at_]; }
  const LuaToken& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  bool ended() const { return now().kind == LuaToken::Kind::end || lost_; }
  LuaToken take() {
    LuaToken token = now();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool accept(std::string_view what) {
    if (!now().is(what)) return false;
    take();
    return true;
  }
  void expect(std::string_view what) {
    if (!accept(what)) lost_ = true; // Lua will say it better
  }
  LuaToken name() {
    if (now().kind != LuaToken::Kind::name) lost_ = true;
    return take();
  }

  void find(const LuaToken& at, std::string message, std::string hint = {}) {
    if (findings_.size() < 100)
      findings_.push_back({file_, at.line, at.column, std::move(message), std::move(hint)});
  }

  // ---- names
  using Scope = std::map<std::string, const PolicySchema*, std::less<>>; // null: any local
  void declare(const LuaToken& token, const PolicySchema* schema = nullptr) {
    scopes_.back()[std::string(token.written)] = schema;
  }
  const Scope::value_type* local(std::string_view wanted) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
      if (const auto found = scope->find(wanted); found != scope->end()) return &*found;
    return nullptr;
  }
  static std::string list_of(const std::set<std::string>& names) {
    std::string all;
    for (const std::string& each : names)
      all += (all.empty() ? "there are: " : ", ") + each;
    return all;
  }
  std::string meant_of(const std::string& wanted, const std::set<std::string>& known) const {
    const std::string near = meant(wanted, {known.begin(), known.end()});
    return near.empty() && known.size() <= 15 ? list_of(known) : near;
  }

  // A name that is read.
  void use(const Shape& shape) {
    if (shape.kind != Shape::Kind::global || globals_.contains(shape.name)) return;
    static const std::map<std::string, std::string, std::less<>> missing{
        {"os", "for the time there is time.now()"},
        {"io", "a policy reads and writes no files"},
        {"require", "a policy is one file; what organisations share stands in the parent's"},
        {"load", "a policy runs no other code"},
        {"setmetatable", "policies do without metatables"},
        {"getmetatable", "policies do without metatables"},
        {"coroutine", "policies do without coroutines"},
        {"debug", "there is note() for looking inside"}};
    const auto why = missing.find(shape.name);
    std::set<std::string> known = globals_;
    for (const Scope& scope : scopes_)
      for (const auto& [each, schema] : scope)
        known.insert(each);
    find(shape.at, "'" + shape.name + "' is not known here",
         why != missing.end() ? why->second : meant(shape.name, {known.begin(), known.end()}));
  }

  // ---- statements
  void block() {
    if (depth_ >= deepest) lost_ = true;
    ++depth_;
    while (!ended() && !now().is("end") && !now().is("else") && !now().is("elseif") && !now().is("until")) {
      if (now().is("return")) {
        return_statement();
        break;
      }
      statement();
    }
    --depth_;
  }
  void scoped_block() {
    scopes_.emplace_back();
    block();
    scopes_.pop_back();
  }
  void return_statement() {
    take();
    if (!ended() && !now().is("end") && !now().is(";") && !now().is("else") && !now().is("elseif") &&
        !now().is("until")) {
      const Shape first = expression();
      if (answers_.back() != nullptr && first.kind == Shape::Kind::table)
        check_answer(first, *answers_.back());
      while (accept(","))
        (void)expression();
    }
    (void)accept(";");
  }
  void statement() {
    if (accept(";")) return;
    if (accept("::")) return name(), expect("::");
    if (accept("break")) return;
    if (accept("goto")) return (void)name();
    if (accept("do")) return scoped_block(), expect("end");
    if (accept("while")) return (void)expression(), expect("do"), scoped_block(), expect("end");
    if (accept("repeat")) {
      scopes_.emplace_back();
      block();
      expect("until");
      (void)expression();
      scopes_.pop_back();
      return;
    }
    if (accept("if")) return if_statement();
    if (accept("for")) return for_statement();
    if (accept("function")) return function_statement();
    if (accept("local")) return local_statement();
    expression_statement();
  }
  void if_statement() {
    (void)expression();
    expect("then");
    scoped_block();
    while (!ended() && accept("elseif")) {
      (void)expression();
      expect("then");
      scoped_block();
    }
    if (accept("else")) scoped_block();
    expect("end");
  }
  void for_statement() {
    std::vector<LuaToken> names{name()};
    while (accept(","))
      names.push_back(name());
    if (!accept("=")) expect("in");
    do
      (void)expression();
    while (!lost_ && accept(","));
    expect("do");
    scopes_.emplace_back();
    for (const LuaToken& each : names)
      declare(each);
    block();
    scopes_.pop_back();
    expect("end");
  }
  void local_statement() {
    if (accept("function")) {
      declare(name());
      return function_body(nullptr);
    }
    std::vector<LuaToken> names{name()};
    (void)attribute();
    while (accept(",")) {
      names.push_back(name());
      (void)attribute();
    }
    const PolicySchema* schema = nullptr;
    if (accept("=")) {
      const Shape first = expression();
      if (first.kind == Shape::Kind::question && first.schema->type == PolicySchema::Type::table)
        schema = first.schema;
      while (accept(","))
        (void)expression();
    }
    for (const LuaToken& each : names)
      declare(each, &each == names.data() ? schema : nullptr);
  }
  bool attribute() { return accept("<") && (name(), expect(">"), true); }

  void function_statement() {
    const LuaToken first = name();
    const PolicyHook* hook = nullptr;
    if (first.written == "hooks" && now().is(".")) {
      take();
      const LuaToken which = name();
      hook = hook_named(which);
    } else if (!now().is(".") && !now().is(":") && !local(first.written)) {
      find(first, "the function '" + std::string(first.written) + "' would be everybody's",
           "write 'local function " + std::string(first.written) + "'");
    }
    while (!lost_ && (accept(".") || accept(":")))
      (void)name();
    function_body(hook);
  }
  const PolicyHook* hook_named(const LuaToken& which) {
    const PolicyHook* hook = world_.hooks.find(which.written);
    if (!hook)
      find(which, "there is no hook '" + std::string(which.written) + "'",
           meant(which.written, world_.hooks.names()));
    return hook;
  }
  void function_body(const PolicyHook* hook) {
    expect("(");
    scopes_.emplace_back();
    for (bool first = true; !ended() && !now().is(")"); first = false) {
      if (accept("...")) break;
      declare(name(), first && hook ? &hook->question : nullptr);
      if (!accept(",")) break;
    }
    expect(")");
    answers_.push_back(hook ? &hook->answer : nullptr);
    block();
    answers_.pop_back();
    scopes_.pop_back();
    expect("end");
  }
  void expression_statement() {
    std::vector<Shape> targets{suffixed()};
    while (accept(","))
      targets.push_back(suffixed());
    if (!accept("=")) return use(targets.front());
    for (const Shape& target : targets)
      if (target.kind == Shape::Kind::global)
        find(target.at, "'" + target.name + "' would be everybody's",
             "write 'local " + target.name + " = ...'");
    const bool is_hook = assigned_hook_ != nullptr;
    const PolicyHook* hook = std::exchange(assigned_hook_, nullptr);
    if (is_hook && now().is("function")) {
      take();
      return function_body(hook);
    }
    do
      (void)expression();
    while (!lost_ && accept(","));
  }

  // ---- expressions
  static int priority(const LuaToken& token) {
    static const std::map<std::string_view, int> all{
        {"or", 1}, {"and", 2}, {"<", 3},  {">", 3},  {"<=", 3},  {">=", 3}, {"~=", 3},
        {"==", 3}, {"|", 4},   {"~", 5},  {"&", 6},  {"<<", 7},  {">>", 7}, {"..", 8},
        {"+", 9},  {"-", 9},   {"*", 10}, {"/", 10}, {"//", 10}, {"%", 10}, {"^", 12}};
    if (token.kind != LuaToken::Kind::sign && token.kind != LuaToken::Kind::keyword) return 0;
    const auto found = all.find(token.written);
    return found == all.end() ? 0 : found->second;
  }
  Shape expression(int above = 0) {
    Shape left;
    if (lost_ || depth_ >= deepest) {
      lost_ = true; // the text decides how deep this goes, and must not decide how much stack there is
      return left;
    }
    ++depth_;
    if (now().is("not") || now().is("-") || now().is("#") || now().is("~")) {
      take();
      (void)expression(11);
    } else {
      left = simple();
    }
    for (int level = priority(now()); !ended() && level > above; level = priority(now())) {
      const LuaToken sign = take();
      const bool right_first = sign.written == ".." || sign.written == "^";
      const Shape right = expression(right_first ? level - 1 : level);
      if (sign.written == "==" || sign.written == "~=") {
        check_comparison(left, right);
        check_comparison(right, left);
      }
      // `a and { ... } or { ... }` gives one of them.
      if (sign.written == "and" || (sign.written == "or" && right.kind == Shape::Kind::table))
        left = right;
      else
        left = Shape();
    }
    --depth_;
    return left;
  }
  Shape simple() {
    Shape shape;
    shape.at = now();
    if (now().kind == LuaToken::Kind::text) {
      shape.kind = Shape::Kind::text;
      shape.name = take().value;
      return shape;
    }
    if (now().kind == LuaToken::Kind::number || now().is("nil") || now().is("true") || now().is("false") ||
        now().is("...")) {
      take();
      return shape;
    }
    if (now().is("{")) return table();
    if (accept("function")) return function_body(nullptr), shape;
    shape = suffixed();
    use(shape);
    return shape;
  }
  Shape table() {
    Shape shape;
    shape.kind = Shape::Kind::table;
    shape.at = take();
    while (!ended() && !now().is("}")) {
      if (now().kind == LuaToken::Kind::name && ahead().is("=")) {
        const LuaToken field = take();
        take();
        Shape value = expression();
        shape.entries.push_back({field, std::move(value)});
      } else if (accept("[")) {
        (void)expression();
        expect("]");
        expect("=");
        (void)expression();
      } else {
        (void)expression();
      }
      if (!accept(",") && !accept(";")) break;
    }
    expect("}");
    return shape;
  }
  Shape suffixed() {
    Shape shape;
    shape.at = now();
    if (accept("(")) {
      (void)expression();
      expect(")");
    } else {
      const LuaToken first = name();
      shape.name = first.written;
      if (const auto* known = local(first.written)) {
        if (known->second) {
          shape.kind = Shape::Kind::question;
          shape.schema = known->second;
        }
      } else {
        shape.kind = Shape::Kind::global;
      }
    }
    while (!ended()) {
      if (accept(".")) {
        shape = member(shape, name());
      } else if (accept("[")) {
        use(shape);
        (void)expression();
        expect("]");
        shape = Shape();
      } else if (accept(":")) {
        use(shape);
        (void)name();
        arguments();
        shape = Shape();
      } else if (now().is("(") || now().is("{") || now().kind == LuaToken::Kind::text) {
        use(shape);
        arguments();
        shape = Shape();
      } else {
        break;
      }
    }
    return shape;
  }
  void arguments() {
    if (now().kind == LuaToken::Kind::text) return (void)take();
    if (now().is("{")) return (void)table();
    expect("(");
    while (!ended() && !now().is(")")) {
      (void)expression();
      if (!accept(",")) break;
    }
    expect(")");
  }
  Shape member(const Shape& of, const LuaToken& field) {
    Shape shape;
    shape.at = field;
    const std::string wanted(field.written);
    if (of.kind == Shape::Kind::global) {
      use(of);
      if (of.name == "hooks" || of.name == "parent") {
        const PolicyHook* hook = hook_named(field);
        if (of.name == "hooks") assigned_hook_ = hook;
      } else if (const auto found = library_.find(of.name);
                 found != library_.end() && !found->second.contains(wanted)) {
        find(field, "there is no function '" + of.name + "." + wanted + "'", meant_of(wanted, found->second));
      }
      return shape;
    }
    if (of.kind != Shape::Kind::question || of.schema->fields.empty()) return shape;
    const PolicySchema* inner = of.schema->field(wanted);
    if (!inner) {
      find(field, "the question has no field '" + wanted + "'", meant_or_all(wanted, *of.schema));
      return shape;
    }
    shape.kind = Shape::Kind::question;
    shape.schema = inner;
    shape.name = wanted;
    return shape;
  }
  static std::string meant_or_all(const std::string& wanted, const PolicySchema& schema) {
    const std::vector<std::string> names = schema.names();
    const std::string near = meant(wanted, names);
    return near.empty() ? list_of({names.begin(), names.end()}) : near;
  }

  // ---- what hooks do
  void check_comparison(const Shape& question, const Shape& text) {
    if (question.kind != Shape::Kind::question || text.kind != Shape::Kind::text) return;
    const auto& choices = question.schema->choices;
    if (choices.empty() || std::ranges::find(choices, text.name) != choices.end()) return;
    const std::string near = meant(text.name, choices);
    find(text.at, "'" + question.name + "' is never \"" + text.name + "\"",
         near.empty() ? "it is " + describe(*question.schema) : near);
  }
  void check_answer(const Shape& answer, const PolicySchema& schema) {
    if (schema.fields.empty()) return;
    for (const Shape::Entry& entry : answer.entries) {
      const std::string wanted(entry.name.written);
      const PolicySchema* field = schema.field(wanted);
      if (!field) {
        find(entry.name, "the answer has no field '" + wanted + "'", meant_or_all(wanted, schema));
        continue;
      }
      if (entry.value.kind == Shape::Kind::text)
        if (const auto fault = fault_in(Json(entry.value.name), *field, wanted)) find(entry.value.at, *fault);
      if (entry.value.kind == Shape::Kind::table && field->type == PolicySchema::Type::table)
        check_answer(entry.value, *field);
    }
  }

  const PolicyWorld& world_;
  const std::string file_;
  const std::vector<LuaToken> tokens_;
  std::set<std::string> globals_;
  std::map<std::string, std::set<std::string>> library_;
  std::vector<PolicyFinding> findings_;
  std::vector<Scope> scopes_;
  std::vector<const PolicySchema*> answers_{nullptr};
  const PolicyHook* assigned_hook_ = nullptr;
  std::size_t at_ = 0;
  static constexpr int deepest = 150;
  int depth_ = 0;
  bool lost_ = false; // from here on it is no Lua
};

} // namespace

std::vector<PolicyFinding> read_policy(const PolicyWorld& world, const std::string& file,
                                       std::string_view text) {
  return PolicyReader(world, file, text).read();
}

} // namespace viadux
