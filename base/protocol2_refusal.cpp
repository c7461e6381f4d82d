#include "base/protocol2_refusal.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::protocol2 {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds max_retry_after = std::chrono::hours{24};

wire_value details_of(const refusal& x) {
  if (x.retry_after <= caf::timespan{0})
    return to_wire(x.message);
  auto after = std::chrono::ceil<milliseconds>(x.retry_after);
  return to_wire(
    nlohmann::json{{"message", x.message}, {"after", after.count()}});
}

} // namespace

frame encode_refusal(uint64_t id, const refusal& x, bool binary) {
  auto code = is_refusal_code(x.code) ? x.code : "failed";
  return encode_error(id, code, details_of(x), binary);
}

refusal decode_refusal(const message_view& x) {
  refusal result{std::string{x.code}, {}, {}};
  auto value = value_of(x.value);
  if (value && value->is_string() && is_utf8(x.value.payload))
    result.message = value->get<std::string>();
  if (!value || !value->is_object())
    return result;
  if (auto text = value->find("message");
      text != value->end() && text->is_string())
    result.message = text->get<std::string>();
  if (auto after = value->find("after");
      after != value->end() && after->is_number_unsigned())
    result.retry_after = milliseconds{std::min(
      after->get<uint64_t>(), static_cast<uint64_t>(max_retry_after.count()))};
  return result;
}

} // namespace troupe::protocol2
