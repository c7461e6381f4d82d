#define CAF_SUITE net.basp_link

#include "net/basp/basp_link.hpp"

#include "caf/test/dsl.hpp"

#include "net/runtime/socket.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>

#include <fcntl.h>
#include <sys/socket.h>

using namespace troupe::net;

namespace io = caf::io;

namespace {

/// A socket with a peer that sends nothing.
struct socket_pair {
  socket_pair() {
    int ends[2];
    CAF_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    own = ends[0];
    peer = descriptor{ends[1]};
  }

  int own;
  descriptor peer;
};

} // namespace

CAF_TEST(a link that ends in the round in which it begins is destroyed) {
  socket_pair sockets;
  {
    caf::actor_system_config cfg;
    cfg.load<io::middleman>();
    caf::actor_system sys{cfg};
    sys.middleman().spawn_broker([&](io::broker* self) {
      auto link = make_link(sys, descriptor{sockets.own},
                            basp_link::side::server, 1024);
      self->add_scribe(link);
      self->configure_read(link->hdl(), io::receive_policy::exactly(8));
      self->quit();
      return caf::behavior{};
    });
  }
  CAF_CHECK_EQUAL(::fcntl(sockets.own, F_GETFD), -1);
}

CAF_TEST(a link that ends later is destroyed) {
  socket_pair sockets;
  {
    caf::actor_system_config cfg;
    cfg.load<io::middleman>();
    caf::actor_system sys{cfg};
    auto broker = sys.middleman().spawn_broker([&](io::broker* self) {
      auto link = make_link(sys, descriptor{sockets.own},
                            basp_link::side::server, 1024);
      self->add_scribe(link);
      self->configure_read(link->hdl(), io::receive_policy::exactly(8));
      return caf::behavior{[self](int) { self->quit(); }};
    });
    caf::anon_send(broker, 1);
  }
  CAF_CHECK_EQUAL(::fcntl(sockets.own, F_GETFD), -1);
}
