#define CAF_SUITE net.server_end

#include "net/support/server_stage.hpp"
#include "troupe/log.hpp"
#include "troupe/server.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <string>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using fixture = test::server_stage;

} // namespace

CAF_TEST(a server waits for a handler that outlasts its patience) {
  auto cfg = fixture::named_by_target();
  cfg.close_timeout = 10ms;
  fixture f{cfg};
  std::promise<void> go;
  std::promise<void> begun;
  auto wait = go.get_future().share();
  std::atomic<int> ended = 0;
  std::atomic<bool> is_same_server = false;
  f.endpoint.on_connection([&](connection& c) {
    c.on("block", [&](connection& me) {
      begun.set_value();
      wait.wait();
      is_same_server = &me.server() == &f.endpoint;
    });
    c.on_disconnect([&](connection&, const close_info&) { ++ended; });
  });
  auto alice = f.connected("alice");
  auto bob = f.connected("bob"); // on the other thread, which bob holds
  auto carol = f.connected("carol");
  auto dave = f.connected("dave");
  bob.say("m:block;0;");
  test::await(begun);
  std::promise<std::string> line;
  set_log_sink([&](log_level level, std::string_view x) {
    if (level == log_level::warning)
      line.set_value(std::string{x});
  });
  auto stopped = std::async(std::launch::async, [&] {
    f.endpoint.stop();
    return ended.load();
  });
  auto told = test::await(line);
  set_log_sink(nullptr);
  CAF_CHECK(
    told.starts_with("a server waits for the end of 2 of its actors: "
                     "thread 1 is held by actor "));
  CAF_CHECK_EQUAL(ended.load(), 2);
  CAF_CHECK(stopped.wait_for(0s) == std::future_status::timeout);
  go.set_value();
  CAF_CHECK_EQUAL(test::await(std::move(stopped)), 4);
  CAF_CHECK(is_same_server);
}

CAF_TEST(an actor that callbacks refer to ends although a message is pending) {
  test::running runtime{2};
  std::promise<void> ended;
  auto helper = runtime.sys.spawn([&](caf::event_based_actor* self) {
    self->attach_functor([&] { ended.set_value(); });
    return caf::behavior{[](int) {}};
  });
  auto endpoint = std::make_unique<server>(
    runtime.sys,
    config{.authorize = [helper](const request&, const decision&) {}});
  endpoint->on_connection([helper](connection& c) {
    c.self().delayed_send(c.handle(), 1h, msg::disconnect{});
  });
  helper = nullptr;
  auto socket = std::make_shared<test::fake_socket>();
  auto inbox = test::run_on(runtime.at(0), [&] {
    return endpoint->handler()->attach(socket, request{}, runtime.at(0));
  });
  CAF_REQUIRE(socket->await_credit());
  inbox->on_close({close_code::normal, "", true, {}});
  endpoint = nullptr;
  test::await(ended);
}
