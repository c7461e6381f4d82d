// Numbers from clients that do not fit the types of a handler.

#define CAF_SUITE wire.strict_numbers

#include "troupe/strict_numbers.hpp"

#include "troupe/handler.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <valarray>
#include <vector>

using namespace troupe;

namespace {

enum class color : uint8_t { red, green };

enum class level { low, high };

NLOHMANN_JSON_SERIALIZE_ENUM(level,
                             {{level::low, "low"}, {level::high, "high"}})

struct pixel {
  uint8_t red = 0;
  std::vector<int16_t> depths;
  color of = color::red;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(pixel, red, depths, of)
};

struct image {
  std::map<std::string, pixel> pixels;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(image, pixels)
};

/// Reads the JSON `text` as a handler with a parameter of type `T` does.
template <class T>
caf::error read_json(std::string_view text, T& out) {
  return detail::read(event_view{"e", type_tag::json, text}, out);
}

template <class T>
void accepts(std::string_view text) {
  T value{};
  if (auto err = read_json(text, value))
    CAF_ERROR(text << ": " << what(err));
}

template <class T>
void refuses(std::string_view text) {
  T value{};
  if (read_json(text, value) != errc::type_mismatch)
    CAF_ERROR("no mismatch: " << text);
}

/// Reads `number` in every container.
template <class T>
void refuses_everywhere(const std::string& number) {
  refuses<T>(number);
  refuses<std::optional<T>>(number);
  auto list = "[" + number + "]";
  refuses<std::vector<T>>(list);
  refuses<std::array<T, 1>>(list);
  refuses<std::valarray<T>>(list);
  refuses<std::tuple<T>>(list);
  refuses<std::optional<std::vector<T>>>(list);
  refuses<std::vector<std::vector<T>>>("[" + list + "]");
  refuses<std::pair<std::string, T>>("[\"x\"," + number + "]");
  refuses<std::map<std::string, T>>("{\"x\":" + number + "}");
  refuses<std::map<T, int>>("[[" + number + ",1]]");
}

template <class T>
void checks_integers() {
  using limits = std::numeric_limits<T>;
  auto least = std::to_string(limits::min());
  auto most = std::to_string(limits::max());
  for (const auto& good : {least, most, std::string{"0"}})
    accepts<std::vector<T>>("[" + good + "]");
  for (auto bad : {"1e300", "-1e300", "0.5", "2.0", "true", "false", "\"1\"",
                   "18446744073709551616"})
    refuses_everywhere<T>(bad);
  if constexpr (std::is_unsigned_v<T>)
    refuses_everywhere<T>("-1");
  if constexpr (sizeof(T) < sizeof(int64_t)) {
    refuses_everywhere<T>(std::to_string(int64_t{limits::max()} + 1));
    refuses_everywhere<T>(std::to_string(int64_t{limits::min()} - 1));
  }
}

} // namespace

CAF_TEST(C34 a number out of range is a mismatch at every depth) {
  refuses<std::vector<int>>("[1e300]");
  refuses<pixel>(R"({"red":300,"depths":[],"of":0})");
  refuses<pixel>(R"({"red":-1,"depths":[],"of":0})");
  refuses<pixel>(R"({"red":1.5,"depths":[],"of":0})");
  refuses<pixel>(R"({"red":true,"depths":[],"of":0})");
  refuses<pixel>(R"({"red":0,"depths":[1,40000],"of":0})");
  refuses<image>(R"({"pixels":{"a":{"red":256,"depths":[],"of":0}}})");
  accepts<image>(R"({"pixels":{"a":{"red":255,"depths":[-32768],"of":1}}})");
}

CAF_TEST(C34 integers of every size are checked) {
  checks_integers<int8_t>();
  checks_integers<uint8_t>();
  checks_integers<short>();
  checks_integers<unsigned short>();
  checks_integers<int>();
  checks_integers<unsigned>();
  checks_integers<long>();
  checks_integers<unsigned long>();
  checks_integers<long long>();
  checks_integers<unsigned long long>();
}

CAF_TEST(C34 real numbers are rounded but stay finite) {
  refuses_everywhere<float>("1e300");
  refuses_everywhere<float>("-1e39");
  refuses_everywhere<float>("true");
  refuses_everywhere<double>("true");
  std::vector<float> rounded;
  CAF_CHECK_EQUAL(read_json("[0.1, 16777217, 3e38]", rounded), caf::none);
  CAF_CHECK_EQUAL(rounded, (std::vector{0.1f, 16777216.f, 3e38f}));
  std::vector<double> same;
  CAF_CHECK_EQUAL(read_json("[0.1, -1, 1e300]", same), caf::none);
  CAF_CHECK_EQUAL(same, (std::vector{0.1, -1., 1e300}));
}

CAF_TEST(C34 enumerations are checked by their underlying type) {
  refuses<color>("300");
  refuses<color>("-1");
  refuses<color>("0.5");
  refuses<std::vector<color>>("[0,256]");
  refuses<pixel>(R"({"red":0,"depths":[],"of":256})");
  accepts<std::vector<color>>("[0,1,255]");
  std::vector<level> levels;
  CAF_CHECK_EQUAL(read_json(R"(["high"])", levels), caf::none);
  CAF_CHECK(levels == std::vector{level::high});
}

CAF_TEST(conversions of the program itself stay as they are) {
  auto value = nlohmann::json::parse("[300, 1.5]");
  CAF_CHECK_EQUAL(value[0].get<uint8_t>(), 44);
  CAF_CHECK_EQUAL(value[1].get<int>(), 1);
  refuses<std::vector<uint8_t>>("[300]");
  CAF_CHECK_EQUAL(value[0].get<uint8_t>(), 44); // also after an error
  CAF_CHECK_EQUAL(nlohmann::json(uint8_t{7}).dump(), "7");
}
