#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <mcp_mqtt/schema/declaration.hpp>
#include <mcp_mqtt/schema/decode.hpp>
#include <mcp_mqtt/schema/encode.hpp>
#include <mcp_mqtt/schema/enum_names.hpp>
#include <mcp_mqtt/schema/make_shape.hpp>

// How a program describes its own structs and enums. It writes a function `describe` beside the
// type, in the same namespace or as a friend inside the class:
//
//     struct Point { double x; double y; };
//     inline auto describe(std::type_identity<Point>) {
//       return mcp_mqtt::fields(mcp_mqtt::field("x", &Point::x, "Left to right").range(0, 10),
//                               mcp_mqtt::field("y", &Point::y));
//     }
//
//     enum class Colour { red, blue };
//     inline auto describe(std::type_identity<Colour>) {
//       return mcp_mqtt::enum_values<Colour>({{"red", Colour::red}, {"blue", Colour::blue}});
//     }
//
// A described struct can be default-constructed, and does not contain itself.
namespace mcp_mqtt {

/// One member of a described struct, as `field` makes it.
template <class Struct, class Member>
class Field : public schema::Declarable<Field<Struct, Member>> {
 public:
  Field(std::string name, Member Struct::*member, std::string description)
      : schema::Declarable<Field>(std::move(name), std::move(description)), member_(member) {}

  /// Makes it optional: where nothing (or null) is sent the member keeps the value that the struct
  /// itself gives it, which the schema states as the default.
  Field& optional() {
    this->keep_initial();
    return *this;
  }

  schema::Property property(const Struct& initial, const schema::Scope& scope) const {
    schema::Declaration declaration = this->declaration();
    if (declaration.keeps_initial) declaration.default_value = schema::encode(initial.*member_);
    return schema::make_property(declaration, schema::make_shape<Member>(scope),
                                 schema::is_optional<Member>, scope.use, "field");
  }

  void read(const Json& object, Struct& to) const {
    const schema::Declaration& declared = this->declaration();
    const Json* json = schema::find_member(object, declared.name, std::is_same_v<Member, Json>);
    if (json == nullptr && declared.default_value) json = &*declared.default_value;
    if (json != nullptr) to.*member_ = schema::decode<Member>(*json);
  }

  void write(const Struct& from, Json& object) const {
    Json json = schema::encode(from.*member_);
    if (schema::is_optional<Member> && json.is_null()) return;
    object[this->declaration().name] = std::move(json);
  }

 private:
  Member Struct::*member_;
};

/// A member of a described struct under the name that JSON gives it. It is required unless it has a
/// default, is optional(), or is a std::optional.
template <class Struct, class Member>
Field<Struct, Member> field(std::string name, Member Struct::*member,
                            std::string description = {}) {
  return {std::move(name), member, std::move(description)};
}

/// The description of a struct, as `fields` makes it.
template <class... Each>
class Fields {
 public:
  explicit Fields(Each... each) : each_(std::move(each)...) {}

  template <class Struct>
  schema::Shape shape(const schema::Scope& scope) const {
    static_assert(std::is_default_constructible_v<Struct>,
                  "A described struct is made empty and then filled.");
    const Struct initial{};
    std::vector<schema::Property> properties;
    properties.reserve(sizeof...(Each));
    std::apply(
        [&](const Each&... field) { (properties.push_back(field.property(initial, scope)), ...); },
        each_);
    return schema::object_shape(std::move(properties), "field");
  }

  template <class Struct>
  Struct decode(const Json& object) const {
    Struct value{};
    std::apply([&](const Each&... field) { (field.read(object, value), ...); }, each_);
    return value;
  }

  template <class Struct>
  Json encode(const Struct& value) const {
    Json object = Json::object();
    std::apply([&](const Each&... field) { (field.write(value, object), ...); }, each_);
    return object;
  }

 private:
  std::tuple<Each...> each_;
};

/// The description of a struct: its fields, in the order in which the schema requires them.
template <class... Each>
Fields<Each...> fields(Each... each) {
  return Fields<Each...>(std::move(each)...);
}

/// The description of an enum, as `enum_values` makes it.
template <class Enum>
class EnumValues {
 public:
  explicit EnumValues(std::initializer_list<std::pair<std::string_view, Enum>> values) {
    for (const auto& [name, value] : values)
      names_.emplace_back(name, static_cast<std::int64_t>(value));
  }

  std::vector<std::string> choices() const { return schema::enum_choices(names_); }

  template <class>
  Enum decode(const Json& json) const {
    return static_cast<Enum>(schema::enum_value(names_, schema::decode_text(json)));
  }

  Json encode(Enum value) const {
    return schema::encode_text(schema::enum_name(names_, static_cast<std::int64_t>(value)));
  }

 private:
  schema::EnumNames names_;
};

/// The description of an enum: the names that JSON gives its values. Of two names for one value the
/// first is written and both are read.
template <class Enum>
EnumValues<Enum> enum_values(std::initializer_list<std::pair<std::string_view, Enum>> values) {
  return EnumValues<Enum>(values);
}

}  // namespace mcp_mqtt
