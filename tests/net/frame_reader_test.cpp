#define CAF_SUITE net.frame_reader

#include "net/wire/frame_reader.hpp"

#include "caf/test/dsl.hpp"

#include "base/close_frame.hpp"
#include "support/masked_frame.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <array>
#include <random>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::base;
using namespace troupe::net;
using namespace troupe::test;

namespace {

namespace websocket = boost::beast::websocket;

using found = frame_reader::found;

constexpr size_t max_size = 300;

constexpr std::string_view request
  = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

/// The messages read, one line each such as `text hello`, and how reading
/// ended.
using lines = std::vector<std::string>;

lines read_by_us(std::string bytes) {
  lines result;
  frame_reader reader;
  std::span<char> input{bytes};
  for (;;) {
    auto what = reader.next(input, {max_size, max_size, 16});
    std::string payload{reader.payload()};
    if (what == found::nothing)
      result.push_back("end of file");
    else if (what == found::failure)
      result.push_back(
        std::to_string(static_cast<uint16_t>(reader.why().code)));
    else if (what == found::close)
      result.push_back(parse_close(payload) ? "closed" : "1002");
    if (!result.empty() && result.back().find(' ') == std::string::npos)
      return result;
    if (what == found::nothing)
      return result;
    result.push_back((what == found::text     ? "text "
                      : what == found::binary ? "binary "
                      : what == found::ping   ? "ping "
                                              : "pong ")
                     + payload);
    reader.forget();
  }
}

std::string end_of(boost::system::error_code ec) {
  if (ec == websocket::error::closed)
    return "closed";
  if (ec == websocket::error::message_too_big)
    return "1009";
  if (ec == websocket::error::bad_frame_payload)
    return "1007";
  if (ec.category() == make_error_code(websocket::error::closed).category())
    return "1002";
  return "end of file";
}

lines read_by_beast(const std::string& bytes) {
  lines result;
  boost::asio::io_context io;
  boost::beast::test::stream peer{io};
  websocket::stream<boost::beast::test::stream> ws{io};
  peer.connect(ws.next_layer());
  ws.next_layer().append({request.data(), request.size()});
  ws.accept();
  ws.next_layer().append(bytes);
  peer.close();
  ws.read_message_max(max_size);
  ws.control_callback([&](websocket::frame_type what, auto payload) {
    if (what != websocket::frame_type::close)
      result.push_back((what == websocket::frame_type::ping ? "ping " : "pong ")
                       + std::string{payload});
  });
  for (;;) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code ec;
    ws.read(buffer, ec);
    if (ec) {
      result.push_back(end_of(ec));
      // Beast accepts these codes, which RFC 6455 section 7.4.2 does not
      // define.
      if (ec == websocket::error::closed && ws.reason().code >= 5000)
        result.back() = "1002";
      return result;
    }
    result.push_back((ws.got_text() ? "text " : "binary ")
                     + boost::beast::buffers_to_string(buffer.data()));
  }
}

/// Generates frames as clients send them, a few of them invalid.
class frames {
public:
  explicit frames(unsigned seed) : random_{seed} {
  }

  std::string make() {
    std::string result;
    for (auto n = pick(1, 10); n > 0; --n)
      result += next();
    if (pick(0, 3) == 0) // cut off
      result.resize(pick(0, result.size()));
    else if (pick(0, 9) == 0) // broken
      result[pick(0, result.size() - 1)] ^= static_cast<char>(pick(1, 255));
    return result;
  }

private:
  size_t pick(size_t from, size_t to) {
    return std::uniform_int_distribution<size_t>{from, to}(random_);
  }

  std::string next() {
    static constexpr std::array texts{
      "hello",    "\xe2\x82\xac", "\xf0\x9f",         "\x98\x80", "\xe2",
      "\x82\xac", "\xff",         "\xed\xa0\x80",     "\xc3\xa4", "x\xc3",
      "\xa4y",    "\xf4\x8f",     "\xf4\x90\x80\x80", "0"};
    static constexpr std::array closes{"",     "\x03\xe8", "\x03\xe9gone",
                                       "\x03", "\x03\xed", "\x0f\xa0\xc3\xa4"};
    if (pick(0, 3) == 0)
      return masked_frame(static_cast<int>(pick(9, 10)),
                          std::string(pick(0, 20) * pick(0, 6), 'c'));
    if (pick(0, 20) == 0)
      return masked_frame(8, closes[pick(0, closes.size() - 1)]);
    if (pick(0, 30) == 0)
      return masked_frame(static_cast<int>(pick(0, 0x7f)), "wrong");
    auto opcode = is_open_ ? 0 : pick(0, 3) > 0 ? 1 : 2;
    is_open_ = pick(0, 2) == 0;
    return masked_frame(opcode,
                        pick(0, 5) == 0 ? std::string(pick(1, 310), 'x')
                                        : texts[pick(0, texts.size() - 1)],
                        !is_open_);
  }

  std::mt19937 random_;
  bool is_open_ = false;
};

} // namespace

CAF_TEST(what Beast reads and refuses is what we read and refuse) {
  lines ends;
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    auto bytes = frames{seed}.make();
    auto ours = read_by_us(bytes);
    auto beasts = read_by_beast(bytes);
    if (ours != beasts)
      CAF_MESSAGE("seed " << seed << ", ours " << ours << ", Beast's "
                          << beasts);
    CAF_CHECK(ours == beasts);
    ends.push_back(ours.back());
  }
  for (auto end : {"closed", "1002", "1007", "1009", "end of file"})
    CAF_CHECK_GREATER(std::ranges::count(ends, end), 20);
}
