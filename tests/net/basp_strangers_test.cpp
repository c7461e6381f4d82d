#define CAF_SUITE net.basp_strangers

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"
#include "net/support/node.hpp"
#include "net/support/silent_port.hpp"
#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"
#include "troupe/log.hpp"

#include <caf/scoped_actor.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

using namespace troupe;
using namespace troupe::test;

/// Peers that are not nodes and nodes that send harmful messages lose their
/// connection and consume no memory.

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// Returns the peak memory use of this process, in KiB.
long peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Returns the first bytes that a node sends: BASP's header and the node's id.
std::string client_handshake(node& x) {
  constexpr size_t header = 32;
  silent_port port;
  caf::scoped_actor self{x.sys};
  x.cluster_transport->dial(port.address(), caf::actor_cast<caf::actor>(self));
  silent_port other;
  x.cluster_transport->dial(other.address(), caf::actor_cast<caf::actor>(self));
  auto payload = static_cast<unsigned char>(port.overhear(header)[7]);
  return other.overhear(header + payload);
}

/// The header of a direct message with an absurd length.
constexpr auto greedy_message
  = "\x02\0\0\0\xff\xff\xff\xff"
    "\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\1"
    "\0\0\0\0\0\0\0\1"sv;

constexpr auto greedy_handshake
  = "\x01\0\0\0\xff\xff\xff\xff"
    "\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0"sv;

std::string big_endian(uint64_t x, size_t size) {
  std::string result(size, '\0');
  for (auto i = size; i > 0; --i, x >>= 8)
    result[i - 1] = static_cast<char>(x & 0xff);
  return result;
}

/// Returns a BASP header and its payload.
std::string basp_message(char operation, uint64_t receiver,
                         const std::string& payload) {
  return operation + "\0\0\0"s + big_endian(payload.size(), 4)
         + big_endian(0, 8) + big_endian(1, 8) + big_endian(receiver, 8)
         + payload;
}

/// Returns the beginning of a caf::message with one value of this type.
std::string message_of(const std::string& type) {
  auto name = "@<>+" + type;
  return "\0\0"s + static_cast<char>(name.size()) + name;
}

std::string times(int count, const std::string& x) {
  std::string result;
  for (auto i = 0; i < count; ++i)
    result += x;
  return result;
}

/// Returns messages that a node must not send to an actor, each with an empty
/// list of stages.
std::vector<std::string> harmful_messages(uint64_t receiver) {
  constexpr char direct = 2;
  auto none = "\0\0\3@<>"s;
  auto error = "\1\0\0\0\0\0\0\0\1"s; // its code and its category
  std::vector<std::string> result;
  for (const auto& content :
       {"\0"s + times(40'000, message_of("@message")) + none,
        "\0"s + times(40'000, message_of("@error") + error) + none,
        "\0"s + message_of("@config_value") + times(100'000, "\7\1"),
        "\0"s + message_of("@charbuf") + "\xff\xff\xff\xff\x0f",
        "\xff\xff\xff\xff\x0f"s})
    result.push_back(basp_message(direct, receiver, content));
  // Repeated handshakes, without a payload.
  result.push_back(std::string(32, '\0'));
  result.push_back("\1" + std::string(31, '\0'));
  // Sent in the name of a stream with an unknown type.
  auto stream = basp_message(direct, receiver, "\0"s + message_of("nobody"));
  stream[8] = '\x20';
  result.push_back(stream);
  return result;
}

} // namespace

CAF_TEST(strangers are shut out and do no harm) {
  node mars;
  auto address = mars.open();
  auto port = port_of(address);
  auto before = peak_memory();
  const auto words = {
    std::string(64, 'x'),          std::string(64, '\xff'),
    std::string(64, '\0'),         "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"s,
    std::string{greedy_handshake}, std::string{greedy_message}};
  for (const auto& x : words) {
    client stranger{port};
    stranger.send(x);
    CAF_CHECK_EQUAL(stranger.read_all(), ""); // nothing is sent
  }
  client half{port};
  half.send(greedy_handshake.substr(0, 16));
  CAF_CHECK_EQUAL(half.read_after_close(), "");
  node earth;
  CAF_CHECK(earth.talks_to(earth.dial(address).entrance));
  CAF_CHECK(peak_memory() - before < 64 * 1024);
}

CAF_TEST(who has met us cannot make us take endless messages) {
  node mars;
  auto address = mars.open();
  node venus;
  auto hello = client_handshake(venus);
  auto before = peak_memory();
  client stranger{port_of(address)};
  stranger.send(hello);
  stranger.send(greedy_message);
  CAF_CHECK(is_shut_out(stranger));
  node earth;
  CAF_CHECK(earth.talks_to(earth.dial(address).entrance));
  CAF_CHECK(peak_memory() - before < 64 * 1024);
}

CAF_TEST(who has met us and sends what cannot be read safely is cut off) {
  news_queue lines;
  set_log_sink([&](log_level, std::string_view line) {
    if (contains(std::string{line}, "is cut off"))
      lines.push({news::message, std::string{line}});
  });
  node mars;
  auto address = mars.open();
  node earth;
  auto got = earth.dial(address);
  auto before = peak_memory();
  for (const auto& x : harmful_messages(mars.entrance->id())) {
    node venus;
    client stranger{port_of(address)};
    stranger.send(client_handshake(venus));
    stranger.send(x);
    CAF_CHECK(is_shut_out(stranger));
    CAF_CHECK(
      contains(lines.pop().payload, "127.0.0.1: is cut off: a message "));
    CAF_CHECK(earth.talks_to(got.entrance));
  }
  CAF_CHECK(peak_memory() - before < 64 * 1024);
  set_log_sink(nullptr);
}

CAF_TEST(who stops in the middle of a handshake is shut out) {
  node mars;
  auto address = mars.open();
  node venus;
  auto hello = client_handshake(venus);
  client stranger{port_of(address)};
  stranger.send(hello.substr(0, hello.size() - 1));
  CAF_CHECK(is_shut_out(stranger));
}
