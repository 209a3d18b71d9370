#include <gmock/gmock.h>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/uri_template.hpp>

namespace mcp_mqtt {
namespace {

using Values = UriTemplate::Values;

UriTemplate parsed(std::string_view text) {
  auto result = UriTemplate::parse(text);
  if (!result) {
    ADD_FAILURE() << text << ": " << result.error().message;
    return *UriTemplate::parse("");
  }
  return *result;
}

std::string refusal(std::string_view text) {
  const auto result = UriTemplate::parse(text);
  if (result) return "(accepted)";
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
  return result.error().message;
}

/// What the RFC's examples define (RFC 6570, 1.2 and 3.2), as far as levels 1 to 3 go.
const Values& rfc_values() {
  static const Values values{
      {"var", "value"},
      {"hello", "Hello World!"},
      {"half", "50%"},
      {"who", "fred"},
      {"base", "http://x.com/h/"},
      {"path", "/foo/bar"},
      {"v", "6"},
      {"x", "1024"},
      {"y", "768"},
      {"empty", ""},
      {"dub", "me/too"},
  };
  return values;
}

TEST(UriTemplate, ExpandsTheExamplesOfTheRfc) {
  const std::vector<std::pair<std::string, std::string>> examples{
      {"{var}", "value"},
      {"{hello}", "Hello%20World%21"},
      {"{half}", "50%25"},
      {"O{empty}X", "OX"},
      {"O{undef}X", "OX"},
      {"{x,y}", "1024,768"},
      {"{x,hello,y}", "1024,Hello%20World%21,768"},
      {"?{x,empty}", "?1024,"},
      {"?{x,undef}", "?1024"},
      {"?{undef,y}", "?768"},
      {"{+var}", "value"},
      {"{+hello}", "Hello%20World!"},
      {"{+half}", "50%25"},
      {"{base}index", "http%3A%2F%2Fx.com%2Fh%2Findex"},
      {"{+base}index", "http://x.com/h/index"},
      {"O{+empty}X", "OX"},
      {"O{+undef}X", "OX"},
      {"{+path}/here", "/foo/bar/here"},
      {"here?ref={+path}", "here?ref=/foo/bar"},
      {"up{+path}{var}/here", "up/foo/barvalue/here"},
      {"{+x,hello,y}", "1024,Hello%20World!,768"},
      {"{+path,x}/here", "/foo/bar,1024/here"},
      {"{#var}", "#value"},
      {"{#hello}", "#Hello%20World!"},
      {"{#half}", "#50%25"},
      {"foo{#empty}", "foo#"},
      {"foo{#undef}", "foo"},
      {"{#x,hello,y}", "#1024,Hello%20World!,768"},
      {"{#path,x}/here", "#/foo/bar,1024/here"},
      {"{.who}", ".fred"},
      {"{.who,who}", ".fred.fred"},
      {"{.half,who}", ".50%25.fred"},
      {"X{.var}", "X.value"},
      {"X{.empty}", "X."},
      {"X{.undef}", "X"},
      {"{/who}", "/fred"},
      {"{/who,who}", "/fred/fred"},
      {"{/half,who}", "/50%25/fred"},
      {"{/who,dub}", "/fred/me%2Ftoo"},
      {"{/var,empty}", "/value/"},
      {"{/var,undef}", "/value"},
      {"{/var,x}/here", "/value/1024/here"},
      {"{;who}", ";who=fred"},
      {"{;half}", ";half=50%25"},
      {"{;empty}", ";empty"},
      {"{;v,empty,who}", ";v=6;empty;who=fred"},
      {"{;v,undef,who}", ";v=6;who=fred"},
      {"{;x,y}", ";x=1024;y=768"},
      {"{;x,y,empty}", ";x=1024;y=768;empty"},
      {"{?who}", "?who=fred"},
      {"{?half}", "?half=50%25"},
      {"{?x,y}", "?x=1024&y=768"},
      {"{?x,y,empty}", "?x=1024&y=768&empty="},
      {"{?x,y,undef}", "?x=1024&y=768"},
      {"{&who}", "&who=fred"},
      {"?fixed=yes{&x}", "?fixed=yes&x=1024"},
      {"{&x,y,empty}", "&x=1024&y=768&empty="},
      {"{&x,y,undef}", "&x=1024&y=768"},
      {"", ""},
      {"http://x/~u/%41b", "http://x/~u/%41b"},
      {"gärten/{var}", "g%C3%A4rten/value"},
  };
  for (const auto& [text, uri] : examples) {
    const UriTemplate uri_template = parsed(text);
    EXPECT_EQ(uri_template.expand(rfc_values()), uri) << text;
    // Other values may fit too; these give the same URI again.
    if (const auto values = uri_template.match(uri)) {
      EXPECT_EQ(uri_template.expand(*values), uri) << text;
    } else {
      // `{var}` takes at least one character.
      EXPECT_EQ(uri, "OX") << text;
    }
  }
}

TEST(UriTemplate, ANameCanBePercentEncodedOrDotted) {
  EXPECT_EQ(parsed("{a.b}{%41_}").expand({{"a.b", "1"}, {"%41_", "2"}}), "12");
}

TEST(UriTemplate, TellsItsVariablesAndHowSpecificItIs) {
  const UriTemplate uri_template = parsed("plant://{bed}/{+path}{?bed,unit}");
  EXPECT_EQ(uri_template.text(), "plant://{bed}/{+path}{?bed,unit}");
  EXPECT_EQ(uri_template.variables(), (std::vector<std::string>{"bed", "path", "unit"}));
  EXPECT_EQ(uri_template.literal_length(), 9U);
  EXPECT_EQ(parsed("").literal_length(), 0U);
  EXPECT_EQ(parsed("{a}"), parsed("{a}"));
  EXPECT_FALSE(parsed("{a}") == parsed("{b}"));
}

TEST(UriTemplate, RefusesWhatIsNoTemplateOfLevel3) {
  const std::string no = "the URI template is not valid: ";
  EXPECT_EQ(refusal("a{b"), no + "'{' without '}' at byte 1");
  EXPECT_EQ(refusal("a}b"), no + "'}' without '{' at byte 1");
  EXPECT_EQ(refusal("a{}"), no + "nothing in '{}' at byte 1");
  EXPECT_EQ(refusal("a{+}"), no + "'' is no variable name, in '{+}' at byte 1");
  EXPECT_EQ(refusal("{a,}"), no + "'' is no variable name, in '{a,}' at byte 0");
  EXPECT_EQ(refusal("{a b}"), no + "'a b' is no variable name, in '{a b}' at byte 0");
  EXPECT_EQ(refusal("{a-b}"), no + "'a-b' is no variable name, in '{a-b}' at byte 0");
  EXPECT_EQ(refusal("{a..b}"), no + "'a..b' is no variable name, in '{a..b}' at byte 0");
  EXPECT_EQ(refusal("{a%4}"), no + "'a%4' is no variable name, in '{a%4}' at byte 0");
  EXPECT_EQ(refusal("{{a}}"), no + "'{a' is no variable name, in '{{a}' at byte 0");
  EXPECT_EQ(refusal("{!a}"), no + "the operator of '{!a}' at byte 0 is reserved for the future");
  for (const char* const level4 : {"{a*}", "{a:3}", "{?a,b*}"})
    EXPECT_THAT(refusal(level4),
                testing::HasSubstr("the modifiers '*' and ':' (level 4 of RFC 6570) are not "
                                   "supported, in '"));
  EXPECT_EQ(refusal("a%4"), no + "'%' without two hexadecimal digits at byte 1");
  // The digits are not borrowed from the expression behind.
  EXPECT_EQ(refusal("%{41}"), no + "'%' without two hexadecimal digits at byte 0");
  EXPECT_EQ(refusal("a b"), no + "a character that no URI may hold, percent-encode it, at byte 1");
  EXPECT_EQ(refusal("a\xff"), no + "no UTF-8 at byte 1");
  EXPECT_EQ(refusal(std::string(8193, 'a')), no + "it is longer than 8192 bytes");
  std::string many;
  for (int i = 0; i < 65; ++i) many += "/{a}";
  EXPECT_EQ(refusal(many), no + "it has more than 64 variables");
  EXPECT_EQ(refusal(many.substr(4)), "(accepted)");
}

/// The values as "a=1 b=2"; "no" where there is no match.
std::string matched(std::string_view text, std::string_view uri) {
  const auto values = parsed(text).match(uri);
  if (!values) return "no";
  std::string result;
  for (const auto& [name, value] : *values)
    result.append(result.empty() ? "" : " ").append(name).append("=").append(value);
  return result;
}

TEST(UriTemplateMatch, LiteralsAndSimpleVariables) {
  EXPECT_EQ(matched("", ""), "");
  EXPECT_EQ(matched("", "a"), "no");
  EXPECT_EQ(matched("a://b", "a://b"), "");
  EXPECT_EQ(matched("a://b", "a://bc"), "no");
  EXPECT_EQ(matched("plant://{bed}/soil", "plant://rose/soil"), "bed=rose");
  EXPECT_EQ(matched("plant://{bed}/soil", "plant://rose/soil/"), "no");
  EXPECT_EQ(matched("plant://{bed}/soil", "plant://rose/x/soil"), "no");
  EXPECT_EQ(matched("plant://{bed}/soil", "plant:///soil"), "no");
  EXPECT_EQ(matched("plant://{bed}", "plant://a?b"), "no");
  EXPECT_EQ(matched("plant://{bed}", "plant://a#b"), "no");
  EXPECT_EQ(matched("plant://{bed}", "plant://Hello%20W%C3%B6rld%2F"), "bed=Hello Wörld/");
  EXPECT_EQ(matched("{a}.{b}", "x.tar.gz"), "a=x.tar b=gz");
  EXPECT_EQ(matched("{a}{b}", "xyz"), "a=xy b=z");
  EXPECT_EQ(matched("{a}{b}", "x"), "no");
  EXPECT_EQ(matched("{a,b}", "1,2"), "a=1 b=2");
  EXPECT_EQ(matched("{a,b}", "1,"), "a=1 b=");
  EXPECT_EQ(matched("{a,b}", "1"), "a=1");
  EXPECT_EQ(matched("{a,b}", "1,2,3"), "a=1 b=2,3");
}

TEST(UriTemplateMatch, WhatAPeerLeftUnencoded) {
  EXPECT_EQ(matched("plant://{bed}", "plant://rösti bed"), "bed=rösti bed");
  EXPECT_EQ(matched("gärten/{a}", "gärten/1"), "a=1");
  EXPECT_EQ(matched("gärten/{a}", "g%C3%A4rten/1"), "a=1");
}

TEST(UriTemplateMatch, ReservedAndFragment) {
  EXPECT_EQ(matched("file:///{+path}", "file:///a/b?c#d"), "path=a/b?c#d");
  EXPECT_EQ(matched("file:///{+path}", "file:///"), "no");
  EXPECT_EQ(matched("{+path}/{file}", "a/b/c"), "file=c path=a/b");
  EXPECT_EQ(matched("{+path}/raw/{+path}", "a/b/raw/a/b"), "path=a/b");
  EXPECT_EQ(matched("{+path}/raw/{+path}", "a/b/raw/a/c"), "no");
  EXPECT_EQ(matched("{+a,b}", "x/y,1,2"), "a=x/y b=1,2");
  EXPECT_EQ(matched("doc{#at}", "doc#a/b"), "at=a/b");
  EXPECT_EQ(matched("doc{#at}", "doc#"), "at=");
  EXPECT_EQ(matched("doc{#at}", "doc"), "");
  EXPECT_EQ(matched("doc{#a,b}", "doc#1,2"), "a=1 b=2");
}

TEST(UriTemplateMatch, LabelsAndSegments) {
  EXPECT_EQ(matched("f{.ext}", "f.tar.gz"), "ext=tar.gz");
  EXPECT_EQ(matched("f{.a,b}", "f.tar.gz.x"), "a=tar b=gz.x");
  EXPECT_EQ(matched("f{.ext}", "f"), "");
  EXPECT_EQ(matched("f{.ext}", "f.a/b"), "no");
  EXPECT_EQ(matched("x{/a,b}", "x/1/2"), "a=1 b=2");
  EXPECT_EQ(matched("x{/a,b}", "x/1"), "a=1");
  EXPECT_EQ(matched("x{/a,b}", "x/1/"), "a=1 b=");
  EXPECT_EQ(matched("x{/a,b}", "x"), "");
  EXPECT_EQ(matched("x{/a,b}", "x/1/2/3"), "no");
  EXPECT_EQ(matched("x{/a}/y", "x/y"), "");
  EXPECT_EQ(matched("x{/a}/y", "x/1/y"), "a=1");
  EXPECT_EQ(matched("x{/a}b/y", "x/ab/y"), "a=a");
  EXPECT_EQ(matched("{/who,who}", "/fred/fred"), "who=fred");
  EXPECT_EQ(matched("{/who,who}", "/fred/bob"), "no");
}

TEST(UriTemplateMatch, NamedPairsInAnyOrder) {
  EXPECT_EQ(matched("l{?a,b}", "l?a=1&b=2"), "a=1 b=2");
  EXPECT_EQ(matched("l{?a,b}", "l?b=2&a=1"), "a=1 b=2");
  EXPECT_EQ(matched("l{?a,b}", "l?b=2"), "b=2");
  EXPECT_EQ(matched("l{?a,b}", "l"), "");
  EXPECT_EQ(matched("l{?a,b}", "l?"), "no");
  EXPECT_EQ(matched("l{?a,b}", "l?a=&b"), "a= b=");
  EXPECT_EQ(matched("l{?a,b}", "l?c=1"), "no");
  EXPECT_EQ(matched("l{?a,b}", "l?a=1&a=1"), "no");
  EXPECT_EQ(matched("l{?a,b}", "l?a=1&"), "no");
  EXPECT_EQ(matched("l{?a}", "l?a=/x%26y,z"), "a=/x&y,z");
  EXPECT_EQ(matched("l{?a}{#at}", "l?a=1#top"), "a=1 at=top");
  EXPECT_EQ(matched("l{?a}.json", "l?a=1.json"), "a=1");
  EXPECT_EQ(matched("l{?a}.json", "l.json"), "");
  EXPECT_EQ(matched("l?fixed=1{&a,b}", "l?fixed=1&b=2"), "b=2");
  EXPECT_EQ(matched("l{?a}{&b}", "l?a=1&b=2"), "a=1 b=2");
  EXPECT_EQ(matched("l{;a,b}/x", "l;b;a=1/x"), "a=1 b=");
  EXPECT_EQ(matched("l{;a,b}/x", "l/x"), "");
  EXPECT_EQ(matched("l{?a,a}", "l?a=1&a=1"), "a=1");
  EXPECT_EQ(matched("l{?a,a}", "l?a=1&a=2"), "no");
}

TEST(UriTemplateMatch, BrokenUrisDoNotMatch) {
  EXPECT_EQ(matched("{+a}", "x%"), "no");
  EXPECT_EQ(matched("{+a}", "x%4"), "no");
  EXPECT_EQ(matched("{+a}", "x%4g"), "no");
  EXPECT_EQ(matched("{+a}", "x%ff"), "no");
  EXPECT_EQ(matched("{+a}", "x\xff"), "no");
  EXPECT_EQ(matched("{?a}", "?a=%C3"), "no");
  // No part ends inside an encoded byte.
  EXPECT_EQ(matched("{a}41", "x%41"), "no");
  EXPECT_EQ(matched("{a}1", "x%41"), "no");
  EXPECT_EQ(matched("{a}{b}", "%41%42"), "a=A b=B");
  EXPECT_EQ(matched("{a}", std::string(8192, 'a')).size(), 8194U);
  EXPECT_EQ(matched("{a}", std::string(8193, 'a')), "no");
  const auto with_nul = parsed("{a}").match(std::string_view("a\0b", 3));
  ASSERT_TRUE(with_nul);
  EXPECT_EQ(with_nul->at("a"), std::string("a\0b", 3));
}

TEST(UriTemplateMatch, HostileUrisTakeNoLonger) {
  // Each of these has more divisions than any search could try, and no `!` in the end.
  std::string runs;
  std::string words;
  std::string pairs = "{?p0";
  for (int i = 0; i < 30; ++i) runs += "{+v" + std::to_string(i) + "}a";
  for (int i = 0; i < 30; ++i) words += "{v" + std::to_string(i) + "}{/w" + std::to_string(i) + "}";
  for (int i = 1; i < 63; ++i) pairs += ",p" + std::to_string(i);
  pairs += "}";
  const std::string end = "!{z}";
  EXPECT_EQ(matched(runs + end, std::string(8192, 'a')), "no");
  EXPECT_EQ(matched(words + end, std::string(8192, 'a')), "no");
  std::string slashes;
  while (slashes.size() < 8000) slashes += "a/";
  EXPECT_EQ(matched(words + end, slashes), "no");
  std::string query = "?p0";
  for (int i = 1; i < 63; ++i) query += "&p" + std::to_string(i);
  EXPECT_EQ(matched(pairs + end, query + std::string(7000, 'x')), "no");
}

/// A text of what a value may hold; `plain` leaves out what `{+var}` passes through unencoded.
std::string random_value(std::mt19937& random, bool plain) {
  static const std::vector<std::string> pieces{"a", "Z",  "7", "-",  "_", "~", " ",  "%-",
                                               "ä", "漢", "🌱", "\"", "/", "?", "#",  "&",
                                               "=", ",",  ";", "+",  ":", "{", "\n", "."};
  std::string value;
  const std::size_t length = 1 + random() % 6;
  for (std::size_t i = 0; i < length; ++i) value += pieces[random() % (plain ? 12 : pieces.size())];
  return value;
}

TEST(UriTemplateMatch, IsTheInverseOfExpand) {
  const unsigned seed = 6570;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  // Templates whose URIs can be read in one way only.
  const std::vector<std::string> texts{
      "plant://{bed}/{row}/soil",
      "{a},{b}",
      "a:{a}:{b}",
      "{a,b,c}",
      "x{/a,b,c}",
      "x{;a,b,c}/y",
      "x{?a,b,c}{#d}",
      "x?k=v{&a,b}",
      "{a}{/b}{?c}{&d}{#e}",
      "{.a}/{b}",
      "{a}/{a}{?a}",
      "mcp://{+a}",
  };
  for (int round = 0; round < 200; ++round) {
    for (const std::string& text : texts) {
      const UriTemplate uri_template = parsed(text);
      Values values;
      for (const std::string& name : uri_template.variables())
        values[name] = random_value(random, text.find("{+") != std::string::npos);
      const std::string uri = uri_template.expand(values);
      EXPECT_EQ(uri_template.match(uri), values) << text << " " << uri;
    }
  }
}

TEST(UriTemplateMatch, WhatMatchesExpandsToTheSameAgain) {
  const unsigned seed = 3986;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> parts{"{a}",  "{b}",  "{+c}",   "{#d}",  "{.e}", "{/f,g}",
                                       "{;h}", "{?i}", "{&j,k}", "{l,m}", "/",    "a"};
  const std::string alphabet = "aab/.;?&#=,ijk%";
  int matches = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string text;
    // Each variable once: repetitions are another test.
    std::set<std::size_t> chosen;
    while (chosen.size() < 4) chosen.insert(random() % parts.size());
    for (const std::size_t index : chosen) text += parts[index];
    std::string uri;
    for (std::size_t i = random() % 12; i > 0; --i) uri += alphabet[random() % alphabet.size()];
    const UriTemplate uri_template = parsed(text);
    const auto values = uri_template.match(uri);
    if (!values) continue;
    ++matches;
    // What stood unencoded may come back encoded, and `{?i}` without its `=` with it.
    const std::string again = uri_template.expand(*values);
    EXPECT_EQ(uri_template.match(again), values) << text << " " << uri << " " << again;
  }
  EXPECT_GT(matches, 100);
}

}  // namespace
}  // namespace mcp_mqtt
