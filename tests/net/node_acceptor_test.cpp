#define CAF_SUITE net.node_acceptor

#include "net/basp/node_acceptor.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"
#include "net/support/node.hpp"
#include "net/support/socket_stage.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// The first bytes of a node without the node's id, which has 33 bytes.
constexpr auto header
  = "\x01\0\0\0\0\0\0\x21"
    "\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0"sv;

} // namespace

CAF_TEST(a crowd of silent connections keeps no node out) {
  node mars;
  auto address = mars.open();
  std::vector<client> crowd;
  for (auto i = 0; i < 100; ++i)
    crowd.emplace_back(port_of(address));
  node earth;
  CAF_CHECK(earth.talks_to(earth.dial(address).entrance));
  CAF_MESSAGE("the first one has gone at once");
  auto begin = std::chrono::steady_clock::now();
  CAF_CHECK(is_shut_out(crowd.front()));
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 3s);
  CAF_MESSAGE("the last ones have five seconds");
  CAF_CHECK(is_shut_out(crowd.back()));
}

CAF_TEST(a flood from one address takes no place from others) {
  node mars;
  auto port = port_of(mars.open());
  CAF_MESSAGE("a node that is far away has yet to say something");
  client far{port};
  {
    std::vector<client> flood;
    for (auto i = 0; i < 300; ++i)
      flood.emplace_back(port, "127.0.0.1", 0, "127.0.0.2");
    CAF_CHECK(is_shut_out(flood[200]));
  }
  far.send(header);
  CAF_CHECK_EQUAL(far.read(1), "\0"s); // BASP's answer
}

CAF_TEST(who has begun to speak stays whoever comes after) {
  node mars;
  auto port = port_of(mars.open());
  client slow{port};
  slow.send(header);
  auto size = static_cast<unsigned char>(slow.read(32)[7]);
  slow.read(size); // the rest of BASP's answer
  CAF_MESSAGE("silent ones of the same address");
  std::vector<client> silent;
  for (auto i = 0; i < 300; ++i)
    silent.emplace_back(port);
  CAF_CHECK(is_shut_out(silent[200]));
  CAF_CHECK(slow.is_quiet());
  CAF_MESSAGE("those of another address that have begun as well");
  std::vector<client> others;
  for (auto i = 0; i < 300; ++i)
    others.emplace_back(port, "127.0.0.1", 0, "127.0.0.2").try_send(header);
  CAF_CHECK(is_shut_out(others[200]));
  CAF_CHECK(slow.is_quiet());
}
