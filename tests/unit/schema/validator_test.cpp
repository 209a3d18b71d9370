#include <gmock/gmock.h>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "schema/schema_validator.hpp"

namespace mcp_mqtt {
namespace {

using schema::SchemaValidator;

std::shared_ptr<const SchemaValidator> compiled(const Json& schema) {
  auto result = SchemaValidator::compile(schema);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return *SchemaValidator::compile(true);
  }
  return *result;
}

std::string refusal(const Json& schema) {
  const auto result = SchemaValidator::compile(schema);
  if (result) return "(compiled)";
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
  const std::string start = "the JSON Schema cannot be used: ";
  EXPECT_THAT(result.error().message, testing::StartsWith(start));
  return result.error().message.substr(start.size());
}

std::string problems(const Json& schema, const Json& value) {
  return compiled(schema)->problems_of(value);
}

/// What is wrong with an argument `x` of that schema.
std::string problem_of_x(const Json& schema, const Json& value) {
  return problems({{"type", "object"}, {"properties", {{"x", schema}}}}, {{"x", value}});
}

const Json volume_schema = Json::parse(R"({
  "type": "object",
  "properties": {
    "volume": {"type": "integer", "minimum": 0, "maximum": 100, "description": "Level"},
    "channels": {"type": "array", "items": {"enum": ["left", "right"]}, "uniqueItems": true}
  },
  "required": ["volume"],
  "additionalProperties": false})");

TEST(SchemaValidator, AcceptsWhatFits) {
  EXPECT_EQ(problems(volume_schema, {{"volume", 30}}), "");
  EXPECT_EQ(problems(volume_schema, {{"volume", 100}, {"channels", {"left", "right"}}}), "");
  EXPECT_EQ(problems(true, {{"anything", 1}}), "");
  EXPECT_EQ(problems(Json::object(), {{"anything", 1}}), "");
}

TEST(SchemaValidator, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(problems(volume_schema, Json::object()), "argument 'volume' is missing");
  EXPECT_EQ(problems(volume_schema, {{"volume", "30"}}),
            "argument 'volume': expected an integer, got a string");
  EXPECT_EQ(problems(volume_schema, {{"volume", 101}}),
            "argument 'volume': 101 is above the maximum 100");
  EXPECT_EQ(problems(volume_schema, {{"volume", 1}, {"loud", true}}),
            "unknown argument 'loud' (known: channels, volume)");
  EXPECT_EQ(problems(volume_schema, {{"volume", 1}, {"channels", {"left", "up"}}}),
            "argument 'channels[1]': \"up\" is not one of \"left\", \"right\"");
  EXPECT_EQ(problems(volume_schema, {{"volume", 1}, {"channels", {"left", "left"}}}),
            "argument 'channels': has \"left\" twice");
  EXPECT_EQ(problems(volume_schema, Json::array()), "arguments: expected an object, got an array");
  EXPECT_EQ(compiled(volume_schema)->problems_of({{"volume", nullptr}}, "member", "the result"),
            "member 'volume': expected an integer, got null");
}

TEST(SchemaValidator, ListsEverythingUpToTen) {
  EXPECT_THAT(problems(volume_schema, {{"volume", -1}, {"channels", {1}}, {"z", 1}}),
              testing::AllOf(testing::HasSubstr("argument 'volume': -1 is below the minimum 0"),
                             testing::HasSubstr("argument 'channels[0]': 1 is not one of"),
                             testing::HasSubstr("unknown argument 'z'")));
  EXPECT_THAT(problem_of_x({{"items", {{"type", "string"}}}}, std::vector<int>(12, 1)),
              testing::EndsWith("argument 'x[9]': expected a string, got a number; and 2 more "
                                "problems"));
}

TEST(SchemaValidator, Types) {
  EXPECT_EQ(problem_of_x({{"type", {"string", "null"}}}, 1),
            "argument 'x': expected a string or null, got a number");
  EXPECT_EQ(problem_of_x({{"type", {"string", "null"}}}, nullptr), "");
  EXPECT_EQ(problem_of_x({{"type", "number"}}, true),
            "argument 'x': expected a number, got a boolean");
  EXPECT_EQ(problem_of_x({{"type", "boolean"}}, "true"),
            "argument 'x': expected a boolean, got a string");
}

TEST(SchemaValidator, Numbers) {
  const Json integer{{"type", "integer"}};
  EXPECT_EQ(problem_of_x(integer, 3.0), "");
  EXPECT_EQ(problem_of_x(integer, 1e300), "");
  EXPECT_EQ(problem_of_x(integer, 3.5), "argument 'x': expected an integer, got 3.5");
  EXPECT_EQ(problem_of_x(integer, 18446744073709551615U), "");
  EXPECT_EQ(problem_of_x({{"minimum", 0}}, 18446744073709551615U), "");
  EXPECT_THAT(problem_of_x({{"maximum", 0}}, 18446744073709551615U),
              testing::HasSubstr("is above the maximum 0"));
  // As doubles these two are the same.
  EXPECT_EQ(problem_of_x({{"maximum", 9007199254740992}}, 9007199254740993),
            "argument 'x': 9007199254740993 is above the maximum 9007199254740992");
  EXPECT_EQ(problem_of_x({{"exclusiveMinimum", 1}}, 1), "argument 'x': 1 is not above 1");
  EXPECT_EQ(problem_of_x({{"exclusiveMaximum", 1.5}}, 1.5), "argument 'x': 1.5 is not below 1.5");
  EXPECT_EQ(problem_of_x({{"maximum", 1}, {"exclusiveMaximum", true}}, 1),
            "argument 'x': 1 is not below 1");
  EXPECT_EQ(problem_of_x({{"multipleOf", 5}}, 15), "");
  EXPECT_EQ(problem_of_x({{"multipleOf", 5}}, 3.5), "argument 'x': 3.5 is not a multiple of 5.0");
  EXPECT_EQ(problem_of_x({{"multipleOf", 0.1}}, 0.3), "");
  EXPECT_EQ(problem_of_x({{"multipleOf", 0.1}}, 0.35),
            "argument 'x': 0.35 is not a multiple of 0.1");
  EXPECT_EQ(problem_of_x({{"multipleOf", 1}}, std::numeric_limits<std::int64_t>::min()), "");
}

TEST(SchemaValidator, EnumsAndConstants) {
  EXPECT_EQ(problem_of_x({{"const", 3}}, 3.0), "");
  EXPECT_EQ(problem_of_x({{"const", {{"a", 1}}}}, {{"a", 1}}), "");
  EXPECT_EQ(problem_of_x({{"const", {{"a", 1}}}}, {{"a", 2}}),
            "argument 'x': {\"a\":2} is not {\"a\":1}");
  EXPECT_EQ(problem_of_x({{"enum", {1, nullptr}}}, nullptr), "");
  EXPECT_EQ(problem_of_x({{"enum", {1, "1"}}}, true), "argument 'x': true is not one of 1, \"1\"");
}

TEST(SchemaValidator, TextsCountCharacters) {
  EXPECT_EQ(problem_of_x({{"maxLength", 2}}, "äö"), "");
  EXPECT_EQ(problem_of_x({{"maxLength", 2}}, "äöü"),
            "argument 'x': has 3 characters, may have at most 2");
  EXPECT_EQ(problem_of_x({{"pattern", "^.{2}$"}}, "äö"), "");
  EXPECT_EQ(problem_of_x({{"pattern", "^[a-zäöü]+$"}}, "für"), "");
  EXPECT_EQ(problem_of_x({{"pattern", "^[a-z]+$"}}, "a1"),
            "argument 'x': \"a1\" does not match the pattern ^[a-z]+$");
  // A pattern is searched, not matched from end to end; line feeds are characters too.
  EXPECT_EQ(problem_of_x({{"pattern", "b"}}, "a\nb\nc"), "");
  EXPECT_EQ(problem_of_x({{"pattern", "a|b"}}, "xbx"), "");
}

TEST(SchemaValidator, PatternsAreBounded) {
  // Tried one after the other, these possibilities outlast the test.
  const std::string text(4000, 'a');
  EXPECT_EQ(problem_of_x({{"pattern", "^(a+)+$"}}, text), "");
  EXPECT_THAT(problem_of_x({{"pattern", "^(a+)+$"}}, text + "!"),
              testing::HasSubstr("does not match the pattern"));
  EXPECT_EQ(problem_of_x({{"pattern", "^a*$"}}, std::string(4097, 'a')),
            "argument 'x': has 4097 bytes, too many for its pattern (at most 4096)");
  EXPECT_EQ(problem_of_x({{"format", "date-time"}}, std::string(100000, '1')), "");
  // What std::regex cannot do is not checked.
  for (const char* const pattern : {"(a)\\1", "(?<=a)b", "\\p{L}", "[", "(", "a)(b"})
    EXPECT_EQ(problem_of_x({{"pattern", pattern}}, "zzz"), "") << pattern;
}

TEST(SchemaValidator, MembersByPattern) {
  const Json schema{{"properties", {{"a", true}}},
                    {"patternProperties", {{"^x-", {{"type", "string"}}}}},
                    {"additionalProperties", false}};
  EXPECT_EQ(problems(schema, {{"a", 1}, {"x-b", "c"}}), "");
  EXPECT_EQ(problems(schema, {{"x-b", 1}}), "argument 'x-b': expected a string, got a number");
  EXPECT_EQ(problems(schema, {{"b", 1}}), "argument 'b': is not allowed (not)");
  // One that could take forever is not looked at, nor what depends on it.
  const Json hostile{{"patternProperties", {{"^(a+)+$", false}}}, {"additionalProperties", false}};
  EXPECT_EQ(problems(hostile, {{std::string(5000, 'a') + "!", 1}}), "");
}

TEST(SchemaValidator, MembersAndNames) {
  EXPECT_EQ(problem_of_x({{"minProperties", 2}}, {{"a", 1}}),
            "argument 'x': has 1 member, needs at least 2");
  EXPECT_EQ(problem_of_x({{"additionalProperties", {{"type", "string"}}}}, {{"a", 1}}),
            "argument 'x.a': expected a string, got a number");
  EXPECT_EQ(problem_of_x({{"dependentRequired", {{"a", {"b"}}}}}, {{"a", 1}}),
            "argument 'x.b' is missing ('a' needs it)");
  EXPECT_THAT(problem_of_x({{"dependentSchemas", {{"a", {{"required", {"b"}}}}}}}, {{"a", 1}}),
              testing::HasSubstr("argument 'x.b' is missing"));
  EXPECT_EQ(problem_of_x({{"propertyNames", {{"maxLength", 2}}}}, {{"ab", 1}}), "");
  EXPECT_EQ(problem_of_x({{"propertyNames", {{"maxLength", 2}}}}, {{"abc", 1}}),
            "arguments: does not fit the schema");
}

TEST(SchemaValidator, Items) {
  EXPECT_EQ(problem_of_x({{"minItems", 2}, {"maxItems", 2}}, Json::array({1})),
            "argument 'x': has 1 item, needs exactly 2");
  const Json pair{{"prefixItems", {{{"type", "string"}}, {{"type", "integer"}}}}, {"items", false}};
  EXPECT_EQ(problem_of_x(pair, {"a", 1}), "");
  EXPECT_EQ(problem_of_x(pair, Json::array({"a"})), "");
  EXPECT_EQ(problem_of_x(pair, {"a", "b"}).substr(0, 48),
            "argument 'x[1]': expected an integer, got a stri");
  EXPECT_EQ(problem_of_x(pair, {"a", 1, 2}), "argument 'x[2]': is not allowed (not)");
  EXPECT_EQ(problem_of_x({{"contains", {{"const", 1}}}}, {2, 1}), "");
  EXPECT_EQ(problem_of_x({{"contains", {{"const", 1}}}}, {2, 3}),
            "argument 'x': lacks an item that it must have (contains)");
  EXPECT_EQ(problem_of_x({{"uniqueItems", true}}, {{{"a", 1}}, {{"a", 2}}, {{"a", 1}}}),
            "argument 'x': has {\"a\":1} twice");
  // Compared each with each, these would take minutes.
  std::vector<int> many(200000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<int>(i);
  EXPECT_EQ(problem_of_x({{"uniqueItems", true}}, many), "");
}

TEST(SchemaValidator, Combinations) {
  const Json either{{"anyOf", {{{"type", "string"}}, {{"type", "null"}}}}};
  EXPECT_EQ(problem_of_x(either, nullptr), "");
  EXPECT_EQ(problem_of_x(either, 1),
            "argument 'x': expected a string, got a number; argument 'x': expected null, got a "
            "number; argument 'x': fits none of the alternatives (anyOf)");
  const Json one{{"oneOf", {{{"minimum", 0}}, {{"minimum", 5}}}}};
  EXPECT_EQ(problem_of_x(one, 1), "");
  EXPECT_EQ(problem_of_x(one, 6), "argument 'x': fits more than one of the alternatives (oneOf)");
  EXPECT_EQ(problem_of_x({{"not", {{"type", "string"}}}}, "a"),
            "argument 'x': is not allowed (not)");
  EXPECT_EQ(problem_of_x({{"allOf", {{{"minimum", 5}}, {{"maximum", 7}}}}}, 8),
            "argument 'x': 8 is above the maximum 7");
  const Json conditional{{"if", {{"minimum", 10}}}, {"then", {{"multipleOf", 5}}}, {"else", true}};
  EXPECT_EQ(problem_of_x(conditional, 7), "");
  EXPECT_EQ(problem_of_x(conditional, 12), "argument 'x': 12 is not a multiple of 5.0");
}

TEST(SchemaValidator, References) {
  const Json schema = Json::parse(R"({
    "type": "object",
    "properties": {
      "p": {"$ref": "#/$defs/po~1int", "description": "with a sibling", "required": ["z"]},
      "q": {"$ref": "#/$defs/po~1int"},
      "tree": {"$ref": "#/$defs/tree"}
    },
    "$defs": {
      "po/int": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"],
                 "propertyNames": {"maxLength": 5}},
      "tree": {"type": "object", "required": ["name"],
               "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}
    }})");
  EXPECT_EQ(problems(schema, {{"p", {{"x", 1}, {"z", 2}}}, {"q", {{"x", 1}}}}), "");
  EXPECT_EQ(problems(schema, {{"p", {{"x", 1}}}}), "argument 'p.z' is missing");
  EXPECT_EQ(problems(schema, {{"q", Json::object()}}), "argument 'q.x' is missing");
  EXPECT_EQ(problems(schema, Json::parse(R"({"tree": {"name": "a", "children": [
              {"name": "b", "children": [{"name": "c"}, {"nome": "d"}]}]}})")),
            "argument 'tree.children[0].children[1].name' is missing");
  const Json whole{{"properties", {{"x", {{"$ref", "#"}}}}}, {"maxProperties", 1}};
  EXPECT_EQ(problems(whole, {{"x", {{"x", {{"a", 1}, {"b", 2}}}}}}),
            "argument 'x.x': has 2 members, may have at most 1");
}

TEST(SchemaValidator, ReferencesThatLeadNowhere) {
  EXPECT_EQ(refusal({{"$ref", "https://example.org/schema.json"}}),
            "the $ref 'https://example.org/schema.json' leads out of the schema, and nothing is "
            "fetched");
  EXPECT_EQ(refusal({{"properties", {{"a", {{"$ref", "other.json#/a"}}}}}}),
            "at '/properties/a': the $ref 'other.json#/a' leads out of the schema, and nothing is "
            "fetched");
  EXPECT_EQ(refusal({{"$ref", "#/$defs/none"}}), "the $ref '#/$defs/none' leads nowhere");
  EXPECT_EQ(refusal({{"$ref", "#anchor"}}), "the $ref '#anchor' leads nowhere");
  EXPECT_EQ(refusal({{"$ref", "#/a~2"}}), "the $ref '#/a~2' leads nowhere");
  EXPECT_EQ(refusal({{"allOf", {true}}, {"$ref", "#/allOf/7"}}),
            "the $ref '#/allOf/7' leads nowhere");
  EXPECT_EQ(refusal({{"$ref", 5}}), "'$ref' is not a string");
  const std::string circle = "its $ref comes back to itself without going into the value";
  EXPECT_EQ(refusal({{"$ref", "#"}}), circle);
  EXPECT_EQ(refusal({{"allOf", {{{"$ref", "#"}}}}}), "at '/allOf/0': " + circle);
  EXPECT_THAT(refusal(Json::parse(R"({"properties": {"a": {"$ref": "#/$defs/b"}},
                                      "$defs": {"b": {"$ref": "#/$defs/c"},
                                                "c": {"not": {"$ref": "#/$defs/b"}}}})")),
              testing::EndsWith(circle));
}

TEST(SchemaValidator, SchemasThatMakeNoSense) {
  EXPECT_EQ(refusal(5), "a schema is an object or a boolean");
  EXPECT_EQ(refusal({{"type", true}}), "'type' is not the name of a type or a list of them");
  EXPECT_EQ(refusal({{"properties", {{"a", {{"type", "int"}}}}}}),
            "at '/properties/a': 'type' is not the name of a type or a list of them");
  EXPECT_EQ(refusal({{"type", Json::array()}}), "'type' names no type");
  EXPECT_EQ(refusal({{"minimum", "0"}}), "'minimum' is not a number");
  EXPECT_EQ(refusal({{"minLength", -1}}), "'minLength' is not a count");
  EXPECT_EQ(refusal({{"minLength", 1.5}}), "'minLength' is not a count");
  EXPECT_EQ(refusal({{"multipleOf", 0}}), "'multipleOf' is not above 0");
  EXPECT_EQ(refusal({{"enum", "a"}}), "'enum' is not a list");
  EXPECT_EQ(refusal({{"required", "a"}}), "'required' is not a list of names");
  EXPECT_EQ(refusal({{"required", {1}}}), "'required' is not a list of names");
  EXPECT_EQ(refusal({{"pattern", 1}}), "'pattern' is not a string");
  EXPECT_EQ(refusal({{"uniqueItems", 1}}), "'uniqueItems' is not a boolean");
  EXPECT_EQ(refusal({{"allOf", Json::array()}}), "'allOf' is not a list of schemas");
  EXPECT_EQ(refusal({{"properties", {1}}}), "'properties' is not an object of schemas");
  EXPECT_EQ(refusal({{"items", 1}}), "at '/items': a schema is an object or a boolean");
  Json deep = true;
  for (int i = 0; i < 70; ++i) deep = {{"items", std::move(deep)}};
  EXPECT_THAT(refusal(deep), testing::EndsWith("it is nested too deeply"));
  Json wide = Json::array();
  for (int i = 0; i < 10001; ++i) wide.push_back(true);
  EXPECT_EQ(refusal({{"prefixItems", wide}}), "it has more than 10,000 subschemas");
}

TEST(SchemaValidator, WhatItDoesNotKnowItLeavesOut) {
  EXPECT_EQ(refusal({{"description", 5}, {"title", {}}, {"format", 1}, {"x-mine", {{"a", 1}}}}),
            "(compiled)");
  EXPECT_EQ(problem_of_x({{"format", "email"}}, "no address"), "");
  EXPECT_EQ(problem_of_x({{"unevaluatedProperties", false}}, {{"a", 1}}), "");
  EXPECT_EQ(refusal({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                     {"$id", "https://example.org/x"},
                     {"id", "https://example.org/y"}}),
            "(compiled)");
  EXPECT_EQ(problem_of_x({{"required", true}, {"type", "string"}}, "a"), "");
}

TEST(SchemaValidator, DeepAndLargeValuesAreBounded) {
  const Json list{{"items", {{"$ref", "#"}}}, {"type", "array"}};
  Json deep = Json::array();
  for (int i = 0; i < 64; ++i) deep = Json::array({std::move(deep)});
  EXPECT_EQ(problems(list, deep), "");
  EXPECT_EQ(problems(list, Json::array({std::move(deep)})),
            "arguments: nested too deeply to be checked (more than 64 levels)");
  // Each level is looked at twice as often as the one around it.
  const Json twice = Json::parse(R"({"anyOf": [{"items": {"$ref": "#"}, "minItems": 1},
                                               {"items": {"$ref": "#"}, "minItems": 1}]})");
  Json chain = Json::array();
  for (int i = 0; i < 40; ++i) chain = Json::array({std::move(chain)});
  EXPECT_EQ(problems(twice, chain), "arguments: too large to be checked against the schema");
  EXPECT_THAT(problem_of_x({{"items", {{"type", "string"}}}}, std::vector<int>(50000, 1)),
              testing::StartsWith("argument 'x[0]': expected a string, got a number; argument"));
}

TEST(SchemaValidator, SeveralThreadsUseOne) {
  const auto validator = compiled({{"properties", {{"x", {{"pattern", "^a+$"}}}}}});
  std::vector<std::thread> threads;
  std::vector<std::string> answers(4);
  for (std::size_t i = 0; i < answers.size(); ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round)
        answers[i] = validator->problems_of({{"x", i % 2 == 0 ? "aaa" : "b"}});
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers[0], "");
  EXPECT_EQ(answers[1], "argument 'x': \"b\" does not match the pattern ^a+$");
  EXPECT_EQ(answers[2], "");
  EXPECT_EQ(answers[3], answers[1]);
}

/// Any JSON, seeded, with the words of schemas among it.
Json anything(std::mt19937& random, int depth) {
  static const std::vector<std::string> words{
      "type",  "properties", "items", "required", "enum",   "anyOf", "not",   "$ref", "pattern",
      "allOf", "minimum",    "if",    "then",     "string", "#",     "array", "x",    "\xff"};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  switch (below(depth > 0 ? 9 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - 2147483648LL;
    case 3:
      return 0.5 * static_cast<double>(below(10));
    case 4:
      return 18446744073709551615U;
    case 5:
      return words[below(words.size())];
    case 6: {
      Json array = Json::array();
      for (std::size_t i = below(4); i > 0; --i) array.push_back(anything(random, depth - 1));
      return array;
    }
    default: {
      Json object = Json::object();
      for (std::size_t i = below(4); i > 0; --i)
        object[words[below(words.size())]] = anything(random, depth - 1);
      return object;
    }
  }
}

TEST(SchemaValidator, AnySchemaAndAnyValue) {
  const unsigned seed = 202012;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int usable = 0;
  int explained = 0;
  for (int i = 0; i < 20000; ++i) {
    const Json schema = anything(random, 4);
    const auto result = SchemaValidator::compile(schema);
    if (!result) continue;
    ++usable;
    const std::string text = (*result)->problems_of(anything(random, 4));
    if (!text.empty()) ++explained;
    EXPECT_NO_THROW((void)Json(text).dump());
  }
  EXPECT_GT(usable, 100);
  EXPECT_GT(explained, 100);
}

}  // namespace
}  // namespace mcp_mqtt
