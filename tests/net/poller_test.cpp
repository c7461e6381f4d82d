#define CAF_SUITE net.poller

#include "net/runtime/poller.hpp"

#include "caf/test/dsl.hpp"

#include "net/runtime/socket.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <vector>

using namespace troupe::net;

namespace {

/// One end of a connection, registered with a poller. Notes its events.
class watched final : public pollable {
public:
  explicit watched(poller& by) : by_{by} {
    std::array<int, 2> ends;
    CAF_REQUIRE_EQUAL(
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    here = descriptor{ends[0]};
    there = descriptor{ends[1]};
    CAF_REQUIRE(by.add(here.get(), *this));
  }

  ~watched() {
    by_.remove(here.get(), *this);
  }

  void on_ready(uint32_t events) override {
    told.push_back(events);
    if (then)
      then();
  }

  void poke() {
    CAF_REQUIRE_EQUAL(::send(there.get(), "x", 1, 0), 1);
  }

  descriptor here;
  descriptor there;
  std::vector<uint32_t> told;
  std::function<void()> then;

private:
  poller& by_;
};

struct fixture {
  /// Delivers all events.
  /// @returns the number of notified sockets.
  size_t poll() {
    size_t n = 0;
    while (sockets.poll_one())
      ++n;
    return n;
  }

  bool is_ready() {
    pollfd x{sockets.descriptor(), POLLIN, 0};
    return ::poll(&x, 1, 0) == 1;
  }

  poller sockets;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(poller_tests, fixture)

CAF_TEST(news are told once and again when there are more) {
  watched x{sockets};
  poll(); // it can be written to
  x.told.clear();
  CAF_CHECK(!is_ready());
  x.poke();
  CAF_CHECK(is_ready());
  CAF_CHECK_EQUAL(poll(), 1u);
  CAF_REQUIRE_EQUAL(x.told.size(), 1u);
  CAF_CHECK((x.told[0] & EPOLLIN) != 0);
  CAF_CHECK(!is_ready()); // though nothing was read
  CAF_CHECK_EQUAL(poll(), 0u);
  x.poke();
  CAF_CHECK_EQUAL(poll(), 1u);
}

CAF_TEST(the end of the other side is told) {
  watched x{sockets};
  poll();
  x.there.close();
  poll();
  CAF_CHECK((x.told.back() & EPOLLRDHUP) != 0);
}

CAF_TEST(who is removed is not told what the kernel has said already) {
  watched x{sockets};
  watched y{sockets};
  poll();
  x.told.clear();
  y.told.clear();
  x.then = [&] { sockets.remove(y.here.get(), y); };
  y.then = [&] { sockets.remove(x.here.get(), x); };
  x.poke();
  y.poke();
  poll();
  CAF_CHECK_EQUAL(x.told.size() + y.told.size(), 1u);
}

CAF_TEST(a copy of a closed socket is not told of) {
  watched x{sockets};
  poll();
  x.told.clear();
  descriptor copy{::dup(x.here.get())}; // as a child process has
  sockets.remove(x.here.get(), x);
  x.here.close();
  x.poke();
  CAF_CHECK(!is_ready());
  CAF_CHECK_EQUAL(poll(), 0u);
  CAF_CHECK(x.told.empty());
}

CAF_TEST(a call comes once and who always calls lets others in) {
  watched x{sockets};
  watched y{sockets};
  poll();
  x.told.clear();
  y.told.clear();
  sockets.call(x);
  sockets.call(x);
  CAF_CHECK(sockets.is_pending());
  CAF_CHECK_EQUAL(poll(), 1u);
  CAF_CHECK_EQUAL(x.told, std::vector<uint32_t>{0});
  CAF_CHECK(!sockets.is_pending());
  x.then = [&] { sockets.call(x); };
  sockets.call(x);
  sockets.poll_one();
  y.poke();
  for (auto i = 0; i < 4; ++i)
    sockets.poll_one();
  CAF_CHECK_EQUAL(y.told.size(), 1u);
}

CAF_TEST(a socket may pass from one to another) {
  watched x{sockets};
  watched y{sockets};
  poll();
  sockets.remove(x.here.get(), x);
  CAF_REQUIRE(sockets.add(x.here.get(), y));
  poll();
  x.told.clear();
  y.told.clear();
  x.poke();
  poll();
  CAF_CHECK_EQUAL(x.told.size(), 0u);
  CAF_CHECK_EQUAL(y.told.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
