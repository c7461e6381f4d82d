#define CAF_SUITE net.authorize

#include "troupe/decision.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"
#include "troupe/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using namespace troupe;
using namespace troupe::test;

namespace {

struct user {
  std::string name;
};

struct fixture : socket_stage {
  fixture() {
    routes.add("/page", content{"a page", "text/plain"});
  }

  /// Lets `f(request, decision)` decide.
  template <class F>
  void open_with(F f) {
    ws->cfg.authorize = std::move(f);
    open();
  }

  /// Makes the test decide.
  void open_undecided() {
    open_with(
      [this](const request&, decision x) { decisions.push(std::move(x)); });
  }

  /// Returns the response to a handshake, head and body.
  std::string answer(std::string_view fields = "") const {
    client peer{port};
    peer.send(handshake("/ws", fields) + "\r\n");
    return peer.read_all();
  }

  /// Sends a handshake.
  client begin() const {
    client result{port};
    result.send(handshake("/ws") + "\r\n");
    return result;
  }

  static std::string status_of(client& peer) {
    return status(peer.read_until("\r\n\r\n"));
  }

  queue<decision> decisions;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(authorize_tests, fixture)

// -- accepting ----------------------------------------------------------------

CAF_TEST(an accepted client has a principal) {
  open_with([](const request& req, const decision& x) {
    x.accept(user{req.query("name")});
  });
  auto peer = connect("/ws?name=anna");
  const auto* who = ws->last_request.principal<user>();
  CAF_REQUIRE(who != nullptr);
  CAF_CHECK_EQUAL(who->name, "anna");
  CAF_CHECK(ws->last_request.principal<int>() == nullptr);
}

CAF_TEST(a client may be accepted without a principal) {
  open_with([](const request&, const decision& x) { x.accept(); });
  auto peer = connect("/ws");
  CAF_CHECK(ws->last_request.principal<user>() == nullptr);
}

CAF_TEST(the decision may add header fields and select a subprotocol) {
  ws->cfg.subprotocols = {"first"};
  open_with([](const request&, const decision& x) {
    x.accept({.fields = {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}},
              .subprotocol = "second"});
  });
  client peer{port};
  auto head = peer.upgrade("/ws", "Sec-WebSocket-Protocol: first, second\r\n");
  CAF_CHECK_EQUAL(status(head), "101");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Protocol"), "second");
  CAF_CHECK(contains(head, "\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"));
}

CAF_TEST(an actor may decide later) {
  auto doorman = sys.spawn([]() -> caf::behavior {
    return {[](const msg::authorize& x) {
      x.decision.accept(user{x.request.query("name")});
    }};
  });
  open_with([doorman](const request& req, decision x) {
    caf::anon_send(doorman, msg::authorize{req, std::move(x)});
  });
  auto peer = connect("/ws?name=bert");
  CAF_CHECK_EQUAL(ws->last_request.principal<user>()->name, "bert");
  caf::anon_send_exit(doorman, caf::exit_reason::user_shutdown);
}

CAF_TEST(a connection ends with the right of its client) {
  open_with([](const request& req, const decision& x) {
    auto now = std::chrono::system_clock::now();
    x.accept(user{"anna"}, {}, now + std::stoi(req.query("left")) * 1s);
  });
  auto member = connect("/ws?left=3600");
  for (auto path : {"/ws?left=1", "/ws?left=0", "/ws?left=-60"}) {
    auto peer = connect(path);
    auto end = peer.read_frame();
    CAF_CHECK_EQUAL(end.code(), 1008u);
    CAF_CHECK_EQUAL(end.reason(), "expired");
    peer.send_close(1008);
    CAF_CHECK(wait_for_close().code == close_code::policy_violation);
  }
  CAF_CHECK(member.is_quiet());
}

CAF_TEST(other clients are served while one waits) {
  open_undecided();
  auto waiting = begin();
  auto x = decisions.pop();
  client other{port};
  CAF_CHECK(other.get("/page").ends_with("a page"));
  CAF_CHECK(waiting.is_quiet());
  x.accept();
  CAF_CHECK_EQUAL(status_of(waiting), "101");
}

// -- refusing -----------------------------------------------------------------

CAF_TEST(a refusal has status and body and header fields) {
  open_with([](const request&, const decision& x) {
    x.refuse(401, "log in first\n", {{"WWW-Authenticate", "Bearer"}});
  });
  auto reply = answer();
  CAF_CHECK_EQUAL(status(reply), "401");
  CAF_CHECK_EQUAL(field(reply, "WWW-Authenticate"), "Bearer");
  CAF_CHECK_EQUAL(field(reply, "Connection"), "close");
  CAF_CHECK(reply.ends_with("\r\n\r\nlog in first\n"));
  CAF_CHECK(ws->log.empty());
}

CAF_TEST(only the first call decides) {
  open_with([](const request&, const decision& x) {
    auto copy = x;
    x.refuse(403);
    copy.accept();
    x.refuse(500);
  });
  CAF_CHECK_EQUAL(status(answer()), "403");
}

CAF_TEST(a dropped decision refuses) {
  open_with([](const request&, const decision&) {});
  CAF_CHECK_EQUAL(status(answer()), "503");
}

CAF_TEST(an exception refuses) {
  open_with([](const request&, const decision&) {
    throw std::runtime_error("no database");
  });
  CAF_CHECK_EQUAL(status(answer()), "500");
}

CAF_TEST(an invalid decision is an error of the server) {
  verdict x;
  open_with([&x](const request&, const decision& y) {
    if (x.is_accepted)
      y.accept(x.reply);
    else
      y.refuse(x.status, x.body, x.fields);
  });
  auto check = [&](verdict invalid) {
    x = std::move(invalid);
    auto reply = answer("Sec-WebSocket-Protocol: first\r\n");
    CAF_CHECK_EQUAL(status(reply), "500");
    CAF_CHECK(!contains(reply, "evil"));
  };
  check({.status = 200});
  check({.status = 600});
  check({.fields = {{"X", "1\r\nevil: 1"}}});
  check({.fields = {{"X: 1\r\nevil", "1"}}});
  check({.fields = {{"Content-Length", "0"}}});
  check({.is_accepted = true, .reply = {.fields = {{"Upgrade", "evil"}}}});
  check({.is_accepted = true,
         .reply = {.fields = {{"sec-websocket-accept", "evil"}}}});
  check({.is_accepted = true, .reply = {.subprotocol = "evil"}});
}

CAF_TEST(on_handshake_error may change a refusal) {
  ws->cfg.on_handshake_error = [](const request&, handshake_error& x) {
    x = {404, "nothing here"};
  };
  open_with([](const request&, const decision& x) { x.refuse(403, "no"); });
  auto reply = answer();
  CAF_CHECK_EQUAL(status(reply), "404");
  CAF_CHECK(reply.ends_with("nothing here"));
}

CAF_TEST(the other checks come first) {
  auto asked = false;
  open_with([&](const request&, const decision& x) {
    asked = true;
    x.accept();
  });
  CAF_CHECK_EQUAL(status(answer("Origin: http://elsewhere.example\r\n")),
                  "403");
  CAF_CHECK(!asked);
}

// -- time and numbers ---------------------------------------------------------

CAF_TEST(a decision that is late refuses) {
  ws->cfg.handshake_timeout = 300ms;
  open_undecided();
  auto peer = begin();
  auto x = decisions.pop();
  CAF_CHECK(!x.is_gone());
  CAF_CHECK_EQUAL(status_of(peer), "503");
  x.accept();
  CAF_CHECK_EQUAL(peer.read_all().find("101"), std::string::npos);
}

CAF_TEST(the decision shows that the client has gone) {
  open_undecided();
  auto x = [this] {
    auto peer = begin();
    return decisions.pop();
  }();
  while (!x.is_gone()) // Ends by the time-out of the test, otherwise.
    std::this_thread::yield();
  x.accept();
  client other{port};
  CAF_CHECK(other.get("/page").ends_with("a page"));
}

CAF_TEST(only so many clients wait for decisions) {
  port_cfg.max_waiting_requests = 2;
  open_undecided();
  auto first = begin();
  auto x = decisions.pop();
  auto second = begin();
  auto y = decisions.pop();
  CAF_CHECK_EQUAL(status(answer()), "503");
  x.refuse(403);
  CAF_CHECK_EQUAL(status_of(first), "403");
  auto third = begin();
  decisions.pop().accept();
  CAF_CHECK_EQUAL(status_of(third), "101");
}

CAF_TEST(a decision may outlive the port) {
  open_undecided();
  auto peer = begin();
  auto x = decisions.pop();
  door->close();
  CAF_CHECK_EQUAL(peer.read_all(), "");
  x.accept();
}

CAF_TEST(a decision without a handshake ignores calls) {
  decision x;
  CAF_CHECK(x.is_gone());
  x.accept(user{"nobody"});
  x.refuse(403);
}

CAF_TEST_FIXTURE_SCOPE_END()
