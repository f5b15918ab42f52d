#include <gtest/gtest.h>
#include <viadux/documents/error.hpp>
#include <viadux/documents/media.hpp>
#include <viadux/documents/room.hpp>

namespace viadux {
namespace {

struct Guest {
  std::string name;
  static constexpr auto fields() {
    return field_table(field("name", &Guest::name, "Who.").required().limit(8));
  }
};

enum class Meal : std::uint8_t { soup, fish };

struct Table {
  std::int64_t number = 0;
  std::uint8_t chairs = 4;
  double height_m = 0.7;
  std::optional<bool> window;
  std::vector<Guest> guests;
  Meal meal = Meal::soup;
  Handle room;
  Json note;
  static constexpr auto fields();
};

} // namespace

template <>
struct EnumNames<Meal> {
  static constexpr std::array<std::string_view, 2> names{"soup", "fish"};
};

namespace {

constexpr auto Table::fields() {
  return field_table(field("number", &Table::number, "Which.").required().range(1, 99),
                     field("chairs", &Table::chairs, "How many."),
                     field("height_m", &Table::height_m, "How high."),
                     field("window", &Table::window, "Beside one."),
                     field("guests", &Table::guests, "Who.").limit(2), field("meal", &Table::meal, "What."),
                     field("room", &Table::room, "Where."), field("note", &Table::note, "Anything."));
}

// The field that is named in the refusal.
std::string wrong_field(std::string_view text) {
  const auto table = read_document<Table>(text);
  return table ? "none" : table.error().field;
}

TEST(Document, IsReadAndWrittenByItsTable) {
  const std::string text =
      R"({"number":7,"chairs":2,"height_m":1.5,"window":true,"guests":[{"name":"Ada"}],"meal":"fish",)"
      R"("room":"0200000000000001","note":{"x":[1]}})";
  const auto table = read_document<Table>(text);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->guests.at(0).name, "Ada");
  EXPECT_EQ(table->room.value, 0x0200000000000001U);
  EXPECT_EQ(write_document(table.value()), text);
}

TEST(Document, LeavesOutWhatIsAbsentAndIgnoresWhatItDoesNotKnow) {
  const auto table = read_document<Table>(R"({"later":[1],"number":1,"window":null})");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->chairs, 4);
  EXPECT_FALSE(table->window);
  EXPECT_EQ(write_document(table.value()),
            R"({"number":1,"chairs":4,"height_m":0.7,"guests":[],"meal":"soup"})");
}

TEST(Document, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(wrong_field("{}"), "number");
  EXPECT_EQ(wrong_field(R"({"number":"7"})"), "number");
  EXPECT_EQ(wrong_field(R"({"number":7.0})"), "number");
  EXPECT_EQ(wrong_field(R"({"number":0})"), "number");
  EXPECT_EQ(wrong_field(R"({"number":100})"), "number");
  EXPECT_EQ(wrong_field(R"({"number":1,"chairs":256})"), "chairs");
  EXPECT_EQ(wrong_field(R"({"number":1,"chairs":-1})"), "chairs");
  EXPECT_EQ(wrong_field(R"({"number":1,"window":1})"), "window");
  EXPECT_EQ(wrong_field(R"({"number":1,"guests":[{"name":"a"},{}]})"), "guests[1].name");
  EXPECT_EQ(wrong_field(R"({"number":1,"guests":[{"name":""}]})"), "guests[0].name");
  EXPECT_EQ(wrong_field(R"({"number":1,"guests":[{"name":"123456789"}]})"), "guests[0].name");
  EXPECT_EQ(wrong_field(R"({"number":1,"guests":[{"name":"a"},{"name":"b"},{"name":"c"}]})"), "guests");
  EXPECT_EQ(wrong_field(R"({"number":1,"meal":"soap"})"), "meal");
  EXPECT_EQ(wrong_field(R"({"number":1,"room":"2"})"), "room");
  EXPECT_EQ(wrong_field(R"({"number":1,"room":"020000000000000G"})"), "room");
  EXPECT_EQ(read_document<Table>("[]").error().message, "the document must be an object");
  EXPECT_EQ(read_document<Table>(R"({"number":1,"meal":"soap"})").error().message,
            "field 'meal' must be one of: soup, fish");
}

TEST(Document, HasASchemaFromTheSameTable) {
  const Json schema = document_schema<Table>();
  const Json& properties = *schema.find("properties");
  EXPECT_EQ(schema.find("required")->dump(), R"(["number"])");
  EXPECT_EQ(properties.find("number")->dump(),
            R"({"type":"integer","minimum":1,"maximum":99,"description":"Which."})");
  EXPECT_EQ(properties.find("meal")->dump(), R"({"enum":["soup","fish"],"description":"What."})");
  EXPECT_EQ(properties.find("guests")->find("items")->find("required")->dump(), R"(["name"])");
  EXPECT_EQ(properties.find("room")->find("pattern")->dump(), R"("^[0-9a-f]{16}$")");
}

TEST(ErrorDocument, KeepsWhatAnErrorSays) {
  const Error error = make_error(ErrorCode::refused, "pin_wrong", "the PIN is wrong", "pin", "ask the host");
  const Error back = read_error(4, write_error(error));
  EXPECT_EQ(back.code, ErrorCode::refused);
  EXPECT_EQ(back.reason, "pin_wrong");
  EXPECT_EQ(back.message, "the PIN is wrong");
  EXPECT_EQ(back.field, "pin");
  EXPECT_EQ(back.hint, "ask the host");
  EXPECT_EQ(read_error(77, "rubbish").code, ErrorCode::internal);
}

// In a list it would be written as null, which nobody could read.
TEST(Documents, RefuseAHandleInAListThatIsNone) {
  const auto list = read_document<documents::SetRunning>(
      R"({"room":"0000000000000007","spotlight":["0000000000000002","0000000000000000"]})");
  ASSERT_FALSE(list);
  EXPECT_NE(list.error().message.find("all digits are 0"), std::string::npos) << list.error().message;
  const auto left_out = read_document<documents::SetRunning>(R"({"room":"0000000000000007"})");
  ASSERT_TRUE(left_out) << left_out.error().message;
  EXPECT_EQ(left_out->room.value, 7U);
}

// It would be left out when written, and then be missing.
TEST(Documents, RefuseARequiredHandleThatIsNone) {
  const auto room = read_document<documents::RunningRef>(R"({"room":"0000000000000000"})");
  ASSERT_FALSE(room);
  EXPECT_EQ(room.error().field, "room");
  EXPECT_NE(room.error().message.find("all digits are 0"), std::string::npos) << room.error().message;
}

// An SDP body has line breaks, quotes and non-ASCII names: it must come through exactly.
TEST(Documents, CarrySdpUnchanged) {
  documents::OpenSession open;
  open.participant = Handle{0x0200000100000005};
  open.offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=\"Sø\"\t\\\r\n";
  const auto back = read_document<documents::OpenSession>(write_document(open));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->offer, open.offer);
  EXPECT_EQ(back->participant, open.participant);
}

} // namespace
} // namespace viadux
