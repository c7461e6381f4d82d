#include "troupe/event_value.hpp"

#include <algorithm>

namespace troupe::detail {

namespace {

const char* name_of(type_tag tag) noexcept {
  switch (tag) {
    case type_tag::string:
      return "a string";
    case type_tag::integer:
      return "an integer";
    case type_tag::boolean:
      return "a bool";
    case type_tag::bytes:
      return "bytes";
    default:
      return "JSON";
  }
}

} // namespace

caf::error mismatch(const event_view& x, std::string_view wanted) {
  std::string text{x.name};
  text += ": wanted ";
  text += wanted;
  text += ", got ";
  text += name_of(x.tag);
  return make_error(errc::type_mismatch, std::move(text));
}

caf::error read(const event_view& x, std::string& out) {
  std::string_view view;
  auto err = read(x, view);
  out = view;
  return err;
}

caf::error read(const event_view& x, bool& out) {
  auto value = value_of(x);
  if (!value)
    return value.error();
  if (!value->is_boolean())
    return mismatch(x, "a bool");
  out = value->get<bool>();
  return {};
}

caf::error read(const event_view& x, int64_t& out) {
  auto value = value_of(x);
  if (!value)
    return value.error();
  if (!value->is_number_integer()
      || (value->is_number_unsigned()
          && !std::in_range<int64_t>(value->get<uint64_t>())))
    return mismatch(x, "an integer");
  out = value->get<int64_t>();
  return {};
}

caf::error read(const event_view& x, double& out) {
  auto value = value_of(x);
  if (!value)
    return value.error();
  if (!value->is_number())
    return mismatch(x, "a number");
  out = value->get<double>();
  return {};
}

caf::error read(const event_view& x, std::vector<std::byte>& out) {
  if (x.tag != type_tag::bytes)
    return mismatch(x, "bytes");
  auto bytes = std::as_bytes(std::span{x.payload});
  out.assign(bytes.begin(), bytes.end());
  return {};
}

bool has_value(const event_view& x) noexcept {
  if (x.tag != type_tag::json)
    return !x.payload.empty();
  constexpr auto blanks = " \t\r\n"; // RFC 8259 section 2
  auto value = x.payload.substr(
    std::min(x.payload.find_first_not_of(blanks), x.payload.size()));
  value = value.substr(0, value.find_last_not_of(blanks) + 1);
  return !value.empty() && value != "null";
}

caf::error read(const event_view& x, nlohmann::json& out) {
  auto value = value_of(x);
  if (!value)
    return value.error();
  out = std::move(*value);
  return {};
}

} // namespace troupe::detail
