#include "mcp-mqtt/arguments.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/schema_view.hpp"

namespace mcp_mqtt::command_line {
namespace {

const Json schema = Json::parse(R"({
  "type": "object",
  "properties": {
    "volume": {"type": "integer", "minimum": 0, "maximum": 100},
    "gain": {"type": "number"},
    "mute": {"type": "boolean"},
    "label": {"type": "string"},
    "unit": {"type": "string", "enum": ["c", "f"]},
    "level": {"enum": [1, 2, "max"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "nothing": {"type": "null"},
    "maybe": {"type": ["integer", "string", "null"]},
    "either": {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 5}, {"type": "null"}]},
    "choice": {"anyOf": [{"enum": ["on", "off"]}, {"type": "null"}]},
    "any": {},
    "dotted.name": {"type": "integer"},
    "place": {
      "type": "object",
      "properties": {
        "row": {"type": "integer"},
        "inner": {"$ref": "#/$defs/inner"}
      },
      "required": ["row"]
    }
  },
  "$defs": {"inner": {"type": "object", "properties": {"deep": {"type": "boolean"}}}}
})");

std::string no_file(const std::string& path) { throw Failure(ExitCode::usage, "no file " + path); }

Json made(const std::vector<std::string>& words, const Json& of = schema) {
  return make_arguments(of, words, no_file);
}

std::string refusal(const std::vector<std::string>& words, const Json& of = schema) {
  try {
    return "taken as " + make_arguments(of, words, no_file).dump();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    return failure.what();
  }
}

TEST(CommandLineArguments, TakesEachTypeAsTheSchemaSays) {
  EXPECT_EQ(made({"volume=30"}), Json({{"volume", 30}}));
  EXPECT_EQ(made({"gain=-0.5"}), Json({{"gain", -0.5}}));
  EXPECT_EQ(made({"gain=3"}), Json({{"gain", 3}}));
  EXPECT_EQ(made({"mute=true"}), Json({{"mute", true}}));
  EXPECT_EQ(made({"label=30"}), Json({{"label", "30"}}));
  EXPECT_EQ(made({"label="}), Json({{"label", ""}}));
  EXPECT_EQ(made({"label=a=b"}), Json({{"label", "a=b"}}));
  EXPECT_EQ(made({"label=\"quoted\""}), Json({{"label", "\"quoted\""}}));
  EXPECT_EQ(made({"unit=c"}), Json({{"unit", "c"}}));
  EXPECT_EQ(made({"level=2"}), Json({{"level", 2}}));
  EXPECT_EQ(made({"level=max"}), Json({{"level", "max"}}));
  EXPECT_EQ(made({R"(tags=["a","b"])"}), Json({{"tags", {"a", "b"}}}));
  EXPECT_EQ(made({"nothing=null"}), Json({{"nothing", nullptr}}));
  EXPECT_EQ(made({R"(place={"row":1})"}), Json({{"place", {{"row", 1}}}}));
}

TEST(CommandLineArguments, OfSeveralTypesTheStringComesLast) {
  EXPECT_EQ(made({"maybe=5"}), Json({{"maybe", 5}}));
  EXPECT_EQ(made({"maybe=null"}), Json({{"maybe", nullptr}}));
  EXPECT_EQ(made({"maybe=five"}), Json({{"maybe", "five"}}));
  EXPECT_EQ(made({"either=7"}), Json({{"either", 7}}));
  EXPECT_EQ(made({"either=3"}), Json({{"either", "3"}}));
  EXPECT_EQ(made({"either=null"}), Json({{"either", nullptr}}));
  EXPECT_EQ(made({"choice=on"}), Json({{"choice", "on"}}));
  EXPECT_EQ(made({"choice=null"}), Json({{"choice", nullptr}}));
}

TEST(CommandLineArguments, WithoutATypeJsonIsJsonAndTheRestText) {
  EXPECT_EQ(made({"any=[1]"}), Json({{"any", {1}}}));
  EXPECT_EQ(made({"any=some words"}), Json({{"any", "some words"}}));
  EXPECT_EQ(made({"free=1", "else=x"}, Json::object()), Json({{"free", 1}, {"else", "x"}}));
}

TEST(CommandLineArguments, ReachesMembersThroughDots) {
  EXPECT_EQ(made({"place.row=1", "place.inner.deep=false"}),
            Json({{"place", {{"row", 1}, {"inner", {{"deep", false}}}}}}));
  EXPECT_EQ(made({"dotted.name=4"}), Json({{"dotted.name", 4}}));
  EXPECT_EQ(refusal({"volume.x=1"}),
            "argument 'volume' has no members: it is to be integer from 0 to 100");
  EXPECT_EQ(refusal({"place.row=one"}), "argument 'place.row' is to be integer, not 'one'");
  EXPECT_EQ(refusal({"place=1", "place.row=1"}), "argument 'place' is to be object, not '1'");
  EXPECT_EQ(refusal({"any=1", "any.x=2"}), "argument 'any' is given twice");
}

TEST(CommandLineArguments, NamesWhatIsWrongAndWhatWouldBeRight) {
  EXPECT_EQ(refusal({"volume"}), "'volume' is no argument: write name=value");
  EXPECT_EQ(refusal({"=3"}), "'=3' is no argument: write name=value");
  EXPECT_EQ(refusal({"volume=loud"}),
            "argument 'volume' is to be integer from 0 to 100, not 'loud'");
  EXPECT_EQ(refusal({"volume=101"}), "argument 'volume' is to be integer from 0 to 100, not '101'");
  EXPECT_EQ(refusal({"volume=1.5"}), "argument 'volume' is to be integer from 0 to 100, not '1.5'");
  EXPECT_EQ(refusal({"gain=nan"}), "argument 'gain' is to be number, not 'nan'");
  EXPECT_EQ(refusal({"mute=yes"}), "argument 'mute' is to be boolean, not 'yes'");
  EXPECT_EQ(refusal({"unit=k"}), R"(argument 'unit' is to be one of "c" or "f", not 'k')");
  EXPECT_EQ(refusal({"tags=a"}), "argument 'tags' is to be array, not 'a'");
  EXPECT_EQ(refusal({"choice=x"}),
            R"(argument 'choice' is to be one of "on" or "off" or null, not 'x')");
  EXPECT_EQ(refusal({"volume=1", "volume=2"}), "argument 'volume' is given twice");
  EXPECT_EQ(refusal({"volme=1"}), "there is no argument 'volme': did you mean 'volume'?");
}

TEST(CommandLineArguments, MissesWhatIsRequired) {
  EXPECT_EQ(refusal({"place.inner.deep=true"}),
            "argument 'place.row' is missing: place.row=… (integer)");
  const Json strict{{"properties", {{"volume", {{"type", "integer"}}}}}, {"required", {"volume"}}};
  EXPECT_EQ(refusal({}, strict), "argument 'volume' is missing: volume=… (integer)");
}

TEST(CommandLineArguments, TakesUnknownNamesWhereTheSchemaForeseesThem) {
  Json open = schema;
  open["additionalProperties"] = true;
  EXPECT_EQ(made({"other=1"}, open), Json({{"other", 1}}));
  open["additionalProperties"] = false;
  EXPECT_EQ(refusal({"other=1"}, open).find("there is no argument 'other'"), 0U);
}

TEST(CommandLineArguments, ReadsValuesFromFiles) {
  const FileReader read = [](const std::string& path) {
    return path == "text" ? std::string("two\nlines\n") : std::string(" 30\n");
  };
  EXPECT_EQ(make_arguments(schema, {"label=@text", "volume=@number"}, read),
            Json({{"label", "two\nlines\n"}, {"volume", 30}}));
  EXPECT_EQ(made({"label=@@home"}), Json({{"label", "@home"}}));
  EXPECT_EQ(refusal({"label=@gone"}), "argument 'label': no file gone");
}

TEST(CommandLineArguments, SurvivesSchemasThatMakeNoSense) {
  for (const char* text :
       {"null", "[]", R"({"properties": 3})", R"({"properties": {"a": 7}})",
        R"({"properties": {"a": {"type": 3, "enum": {}}}, "required": "a"})",
        R"({"properties": {"a": {"$ref": "#/properties/a"}}})",
        R"({"properties": {"a": {"$ref": "#/~2"}}})",
        R"({"properties": {"a": {"anyOf": [{"$ref": "#/properties/a"}, {"$ref": "#"}]}}})"}) {
    EXPECT_EQ(made({"a=1"}, Json::parse(text)), Json({{"a", 1}})) << text;
  }
}

TEST(CommandLineArguments, AWideAndDeepSchemaIsCutOff) {
  Json self = Json::array();
  for (int i = 0; i < 200; ++i) self.push_back({{"$ref", "#/properties/a"}});
  const Json wide{{"properties", {{"a", {{"anyOf", self}}}}}};
  EXPECT_EQ(made({"a=1"}, wide), Json({{"a", 1}}));
}

TEST(SchemaView, SaysInWordsWhatIsWanted) {
  const auto words = [](const char* text) {
    const Json json = Json::parse(text);
    return SchemaView(json, json).words();
  };
  EXPECT_EQ(words("{}"), "any value");
  EXPECT_EQ(words(R"({"type": "integer", "minimum": 1})"), "integer of at least 1");
  EXPECT_EQ(words(R"({"type": "number", "maximum": 0.5})"), "number of at most 0.5");
  EXPECT_EQ(words(R"({"type": ["string", "null"]})"), "null or string");
  EXPECT_EQ(words(R"({"const": 5})"), "5");
  EXPECT_EQ(words(R"({"anyOf": [{"type": "string"}, {"type": "null"}]})"), "string or null");
}

}  // namespace
}  // namespace mcp_mqtt::command_line
