#define CAF_SUITE net.expiry

#include "net/ws/expiry.hpp"

#include "caf/test/dsl.hpp"

#include <memory>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using namespace troupe;
using net::expiry;

namespace {

struct fake_socket final : actors::lower_layer {
  actors::send_status send(slice) override {
    return actors::send_status::queued;
  }

  void grant(uint32_t) override {
  }

  void close(close_code code, std::string_view reason) override {
    closed += std::to_string(static_cast<uint16_t>(code)) + ' '
              + std::string{reason} + '\n';
  }

  const std::string& subprotocol() const noexcept override {
    return closed;
  }

  std::string closed;
};

struct fixture {
  const net::tickable::time_point end{1h};
  std::shared_ptr<fake_socket> socket = std::make_shared<fake_socket>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(expiry_tests, fixture)

CAF_TEST(the connection is closed when its time is over) {
  expiry it{socket, end};
  it.on_tick(end - 1ns);
  CAF_CHECK_EQUAL(socket->closed, "");
  it.on_tick(end);
  CAF_CHECK_EQUAL(socket->closed, "1008 expired\n");
}

CAF_TEST(a connection that has ended is not kept) {
  expiry it{socket, end};
  std::weak_ptr<fake_socket> weak = socket;
  socket.reset();
  CAF_CHECK(weak.expired());
  it.on_tick(end);
}

CAF_TEST(the time is converted once) {
  auto now = expiry::system_time{} + 500'000h;
  CAF_CHECK(expiry::to_ticks(now + 5s, now, end) == end + 5s);
  CAF_CHECK(expiry::to_ticks(now - 5s, now, end) == end);
  CAF_CHECK(expiry::to_ticks(expiry::system_time::min(), now, end) == end);
}

CAF_TEST_FIXTURE_SCOPE_END()
