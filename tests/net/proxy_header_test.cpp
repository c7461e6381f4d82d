#define CAF_SUITE net.proxy_header

#include "net/wire/proxy_header.hpp" // the header under test

#include <caf/test/unit_test.hpp>

#include <sstream>
#include <string>

using namespace std::literals;
using namespace troupe::net;

namespace {

using state = proxy_header::state;

constexpr auto signature = "\r\n\r\n\0\r\nQUIT\n"sv;

/// Returns the client that `bytes` name, followed by the size of the header;
/// `more` or `wrong` if there is none.
std::string parse(std::string_view bytes) {
  auto x = parse_proxy_header(bytes);
  if (x.how == state::incomplete)
    return "more";
  if (x.how == state::invalid)
    return "wrong";
  std::ostringstream out;
  if (x.client)
    out << *x.client << ' ';
  out << x.size;
  return out.str();
}

std::string binary(std::string_view command, std::string_view body) {
  auto result = std::string{signature} + std::string{command};
  result += static_cast<char>(body.size() >> 8);
  result += static_cast<char>(body.size());
  return result += body;
}

/// Every beginning of a valid header must need more.
void check_beginnings(const std::string& whole) {
  for (size_t i = 0; i < whole.size(); ++i)
    CAF_CHECK_EQUAL(parse(whole.substr(0, i)), "more");
}

} // namespace

CAF_TEST(a line names a client) {
  CAF_CHECK_EQUAL(parse("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n"),
                  "192.0.2.1:56324 41");
  CAF_CHECK_EQUAL(parse("PROXY TCP4 192.0.2.1 10.0.0.1 0 65535\r\nGET /"),
                  "192.0.2.1:0 39");
  CAF_CHECK_EQUAL(parse("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"),
                  "[2001:db8::1]:1 32");
  check_beginnings("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n");
}

CAF_TEST(a line may name nobody) {
  CAF_CHECK_EQUAL(parse("PROXY UNKNOWN\r\n"), "15");
  CAF_CHECK_EQUAL(parse("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "35");
}

CAF_TEST(lines are no longer than they may be) {
  auto line = "PROXY UNKNOWN " + std::string(107 - 16, 'x') + "\r\n";
  CAF_CHECK_EQUAL(parse(line), "107");
  check_beginnings(line);
  line.insert(20, "x");
  CAF_CHECK_EQUAL(parse(line), "wrong");
  CAF_CHECK_EQUAL(parse(line.substr(0, 107)), "wrong");
}

CAF_TEST(malformed lines are refused) {
  for (auto x :
       {"GET / HTTP/1.1\r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY\r\n",
        "PROXY \r\n", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
        "PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP6 fe80::1%lo ::1 1 2\r\n",
        "PROXY TCP4 a.example 1.2.3.4 1 2\r\n", "PROXY UNKNOWNX\r\n",
        "\r\nPROXY UNKNOWN\r\n"})
    if (parse(x) != "wrong")
      CAF_ERROR("accepted: " << x << " -> " << parse(x));
}

CAF_TEST(a binary header names a client) {
  auto v4 = binary("\x21\x11", "\xc0\0\x02\x01\x0a\0\0\x01\xdc\x04\x01\xbb"sv);
  CAF_CHECK_EQUAL(parse(v4), "192.0.2.1:56324 28");
  CAF_CHECK_EQUAL(parse(v4 + "GET /"), "192.0.2.1:56324 28");
  check_beginnings(v4);
  auto v6 = binary("\x21\x21", "\x20\x01\x0d\xb8"s + std::string(11, '\0')
                                 + '\x01' + std::string(16, 'x')
                                 + "\0\x50\0\x51"s);
  CAF_CHECK_EQUAL(parse(v6), "[2001:db8::1]:80 52");
  check_beginnings(v6);
}

CAF_TEST(extensions are skipped up to the limit) {
  auto ends = "\xc0\0\x02\x01\x0a\0\0\x01\xdc\x04\x01\xbb"s;
  CAF_CHECK_EQUAL(parse(binary("\x21\x11", ends + std::string(508, 'x'))),
                  "192.0.2.1:56324 536");
  auto large = binary("\x21\x11", ends + std::string(509, 'x'));
  CAF_CHECK_EQUAL(parse(large), "wrong");
  CAF_CHECK_EQUAL(parse(large.substr(0, 16)), "wrong");
}

CAF_TEST(a binary header may name nobody) {
  CAF_CHECK_EQUAL(parse(binary("\x20\0"sv, "")), "16");
  CAF_CHECK_EQUAL(parse(binary("\x20\x11", "ignored")), "23");
  CAF_CHECK_EQUAL(parse(binary("\x21\0"sv, "")), "16");
  CAF_CHECK_EQUAL(parse(binary("\x21\x31", std::string(216, 'x'))), "232");
}

CAF_TEST(malformed binary headers are refused) {
  for (auto command : {"\x11\x11", "\x31\x11", "\x22\x11", "\x2f\x11"})
    CAF_CHECK_EQUAL(parse(binary(command, std::string(12, 'x'))), "wrong");
  for (auto family : {"\x21\x12", "\x21\x22", "\x21\x13", "\x21\x01"})
    CAF_CHECK_EQUAL(parse(binary(family, std::string(36, 'x'))), "wrong");
  CAF_CHECK_EQUAL(parse(binary("\x21\x11", std::string(11, 'x'))), "wrong");
  CAF_CHECK_EQUAL(parse(binary("\x21\x21", std::string(35, 'x'))), "wrong");
  CAF_CHECK_EQUAL(parse("\r\n\r\n\0\r\nQUIT\r"sv), "wrong");
  CAF_CHECK_EQUAL(parse("\r\nGET"), "wrong");
}
