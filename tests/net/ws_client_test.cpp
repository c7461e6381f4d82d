#define CAF_SUITE net.ws_client

#include "troupe/ws_client.hpp"

#include "caf/test/dsl.hpp"

#include "actors/seams/event_loop.hpp"
#include "net/support/authority.hpp"
#include "net/support/beast_server.hpp"
#include "net/support/socket_stage.hpp"
#include "support/running.hpp"
#include "troupe/client_room.hpp"
#include "troupe/listener.hpp"
#include "troupe/server.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace std::literals;
using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture {
  /// Opens a server of troupe at /chat, which calls `on_connection`.
  void open(std::function<void(connection&)> on_connection,
            listener_config cfg = {}) {
    cfg.port = 0;
    chat.emplace(runtime.sys, config{});
    chat->on_connection(std::move(on_connection));
    port.emplace(runtime.sys, std::move(cfg));
    port->route("/chat", *chat);
    port_number = port->start().value();
  }

  std::string url(const std::string& scheme = "ws",
                  const std::string& host = "127.0.0.1") const {
    return scheme + "://" + host + ':' + std::to_string(port_number) + "/chat";
  }

  /// Creates a client whose ends are noted in `ends`.
  ws_client connect(ws_client_options options,
                    std::function<void(ws_client&)> setup = {}) {
    options.min_delay = 1ms;
    auto result
      = ws_client::connect(runtime.sys, std::move(options), [&](ws_client& c) {
          c.on_disconnect(
            [this](ws_client&, const ws_client_end& how) { ends.push(how); });
          if (setup)
            setup(c);
        });
    if (!result)
      CAF_FAIL(what(result.error()));
    return std::move(*result);
  }

  /// Returns how the only attempt to connect ends.
  ws_client_end attempt(ws_client_options options) {
    options.reconnect = false;
    auto c = connect(std::move(options));
    return ends.pop();
  }

  test::queue<std::string> notes; // Outlive the threads, as ends does.
  test::queue<ws_client_end> ends;
  running runtime{2};
  beast_server foreign;
  std::optional<server> chat;
  std::optional<listener> port;
  uint16_t port_number = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_client_tests, fixture)

// -- messages -----------------------------------------------------------------

CAF_TEST(a client exchanges events with a server of troupe) {
  open([](connection& c) {
    c.emit("hello", c.id().size());
    c.on("add", [](connection& me, const std::vector<int>& xs) {
      me.emit("sum", xs.at(0) + xs.at(1));
    });
  });
  auto c = connect({.url = url()}, [this](ws_client& x) {
    x.on("hello", [this](ws_client& me, size_t size) {
      notes.push(actors::event_loop::current() ? "on a thread" : "elsewhere");
      notes.push(size > 0 ? "hello" : "no id");
      me.emit("add", std::vector{1, 2});
    });
    x.on("sum", [this](int n) { notes.push(std::to_string(n)); });
  });
  for (auto x : {"on a thread", "hello", "3"})
    CAF_CHECK_EQUAL(notes.pop(), x);
  CAF_CHECK(c.state() == client_state::open);
  c.emit("add", std::vector{3, 4}); // from this thread
  CAF_CHECK_EQUAL(notes.pop(), "7");
}

CAF_TEST(a client and a server of version 2 ask each other) {
  static constexpr request_type<int, std::string> name_of{"name_of"};
  static constexpr request_type<void, int> size{"size"};
  static constexpr event_type<std::vector<int>> sizes{"sizes"};
  open([](connection& c) {
    c.on(name_of, [](connection& me, int n) -> reply<std::string> {
      if (n != 7)
        return refuse("unknown", "no such number");
      me.request(size, [n](connection& asker, const reply<int>& x) {
        asker.emit(sizes, std::vector{n, x.value()});
      });
      return "seven"s;
    });
  });
  auto c = connect({.url = url(), .protocol = 2}, [this](ws_client& x) {
    x.on(size, [] { return 49; });
    x.on(sizes, [this](const std::vector<int>& xs) {
      notes.push("sizes " + std::to_string(xs.at(0)) + ' '
                 + std::to_string(xs.at(1)));
    });
  });
  auto note = [this](const reply<std::string>& x) {
    notes.push(x ? *x : x.why().message);
  };
  c.request(name_of, 7, note);
  c.request(name_of, 8, note);
  auto news = std::multiset{notes.pop(), notes.pop(), notes.pop()};
  CAF_CHECK(news
            == (std::multiset{"seven"s, "no such number"s, "sizes 7 49"s}));
}

CAF_TEST(a client of version 2 joins a room of a server) {
  open([](connection&) {});
  chat->rooms("open/*", {.clients_publish = true});
  auto enter = [this](const std::string& name) {
    auto result = connect({.url = url(), .protocol = 2});
    client_room room{result, "open/tea"};
    room.on_joined([this, name] { notes.push(name + " joined"); });
    room.on("said", [this, name](const std::string& text) {
      notes.push(name + " heard " + text);
    });
    room.join();
    CAF_CHECK_EQUAL(notes.pop(), name + " joined");
    return result;
  };
  auto ann = enter("ann");
  auto bob = enter("bob");
  client_room{ann, "open/tea"}.emit("said", "hello");
  CAF_CHECK_EQUAL(notes.pop(), "bob heard hello");
  chat->to("open/tea").emit("said", "to all");
  auto news = std::multiset{notes.pop(), notes.pop()};
  CAF_CHECK(news == (std::multiset{"ann heard to all"s, "bob heard to all"s}));
}

CAF_TEST(a client exchanges raw messages with any WebSocket server) {
  auto c = connect({.url = foreign.url("/path?x=1"),
                    .event_prefix = "",
                    .subprotocols = {"one", "two"},
                    .headers = {{"Authorization", "Bearer token"}}},
                   [this](ws_client& x) {
                     x.on_message([this](const frame& m) {
                       notes.push((m.is_binary() ? "binary " : "text ")
                                  + std::string{m.payload()});
                     });
                   });
  CAF_CHECK(!c.send_text("one"));
  c.send_binary("\xff");
  auto peer = foreign.accept("two");
  CAF_CHECK_EQUAL(peer.target(), "/path?x=1");
  CAF_CHECK_EQUAL(peer.field("Authorization"), "Bearer token");
  CAF_CHECK_EQUAL(peer.field("Sec-WebSocket-Protocol"), "one, two");
  CAF_CHECK_EQUAL(peer.field("Host"), foreign.url("").substr(5));
  CAF_CHECK_EQUAL(peer.read(), "one");
  CAF_CHECK(!peer.is_binary);
  CAF_CHECK_EQUAL(peer.read(), "\xff");
  CAF_CHECK(peer.is_binary);
  peer.write("m:not;0;an event");
  CAF_CHECK_EQUAL(notes.pop(), "text m:not;0;an event");
  auto large = std::string(1'000'000, 'x');
  peer.write(large, true);
  CAF_CHECK(notes.pop() == "binary " + large);
  c.send_binary(large);
  CAF_CHECK(peer.read() == large);
}

CAF_TEST(a client speaks version 2 with a server that selects it) {
  auto c = connect({.url = foreign.url(), .protocol = 2}, [this](ws_client& x) {
    x.on("said", [this](const std::string& text) { notes.push(text); });
  });
  c.request<std::string>("echo", "hello", [this](const reply<std::string>& x) {
    notes.push(x ? *x : x.why().code);
  });
  auto peer = foreign.accept("troupe.2");
  CAF_CHECK_EQUAL(peer.field("Sec-WebSocket-Protocol"), "troupe.2");
  CAF_CHECK_EQUAL(peer.read(), R"(h{"v":2})");
  peer.write(R"(h{"v":2,"id":"a","beat":25000})");
  CAF_CHECK_EQUAL(peer.read(), "q1;;echo;0;hello");
  peer.write("e;said;0;first");
  peer.write("a1;0;hello");
  CAF_CHECK_EQUAL(notes.pop(), "first");
  CAF_CHECK_EQUAL(notes.pop(), "hello");
}

// -- ends ---------------------------------------------------------------------

CAF_TEST(a lost connection is replaced) {
  auto c = connect({.url = foreign.url()}, [](ws_client& x) {
    x.on_connect([](ws_client& me) { me.emit("connected"); });
  });
  for (auto i = 0; i < 3; ++i) {
    auto peer = foreign.accept();
    CAF_CHECK_EQUAL(peer.read(), "m:connected;0;");
    peer.cut();
    auto how = ends.pop();
    CAF_CHECK(how.code == close_code::abnormal);
    CAF_CHECK(!how.was_clean);
    CAF_CHECK(!how.is_over);
  }
}

CAF_TEST(close codes of a server decide whether to connect again) {
  auto c = connect({.url = foreign.url()});
  foreign.accept().close(1001);
  auto how = ends.pop();
  CAF_CHECK(how.code == close_code::going_away);
  CAF_CHECK(how.was_clean);
  CAF_CHECK(!how.is_over);
  foreign.accept().close(1008, "not you");
  how = ends.pop();
  CAF_CHECK(how.code == close_code::policy_violation);
  CAF_CHECK_EQUAL(how.reason, "not you");
  CAF_CHECK(how.is_over);
  caf::scoped_actor self{runtime.sys};
  self->wait_for(c.handle());
}

CAF_TEST(closing performs the closing handshake after all messages) {
  open([this](connection& c) {
    c.on("said", [this](const std::string& text) { notes.push(text); });
    c.on_disconnect([this](connection&, const close_info& how) {
      notes.push(std::to_string(static_cast<int>(how.code)) + how.reason);
    });
  });
  auto c = connect({.url = url()});
  c.on_connect([](ws_client& me) {
    for (auto text : {"1", "2", "3"})
      me.emit("said", text);
    me.close(static_cast<close_code>(4000), "done");
  });
  for (auto x : {"1", "2", "3", "4000done"})
    CAF_CHECK_EQUAL(notes.pop(), x);
  auto how = ends.pop();
  CAF_CHECK(how.is_over);
  CAF_CHECK(how.was_clean);
  CAF_CHECK_EQUAL(static_cast<int>(how.code), 4000);
}

CAF_TEST(the last handle closes the connection) {
  {
    auto c = connect({.url = foreign.url()}, [this](ws_client& x) {
      x.on_connect([this](ws_client&) { notes.push("open"); });
    });
    auto peer = foreign.accept();
    CAF_CHECK_EQUAL(notes.pop(), "open");
    c = connect({.url = foreign.url()});
    CAF_CHECK_EQUAL(peer.read_close(), 1000);
  }
  CAF_CHECK(ends.pop().is_over);
}

CAF_TEST(a refused handshake names its status) {
  open([](connection&) {});
  auto how = attempt({.url = url() + "/nothing"});
  CAF_CHECK(how.code == close_code::abnormal);
  CAF_CHECK_EQUAL(how.reason, "the server responded with status 404");
}

CAF_TEST(an attempt fails if nobody listens) {
  std::string nobody;
  {
    beast_server gone;
    nobody = gone.url();
  }
  CAF_CHECK_EQUAL(attempt({.url = nobody}).reason, "Connection refused");
}

CAF_TEST(a subprotocol that was not offered fails the attempt) {
  auto c = connect({.url = foreign.url(), .reconnect = false});
  auto peer = foreign.accept("surprise");
  CAF_CHECK(ends.pop().is_over);
}

CAF_TEST(a message beyond the limit ends the connection with 1009) {
  auto c = connect({.url = foreign.url(), .max_message_size = 10});
  auto peer = foreign.accept();
  peer.write("12345678901");
  CAF_CHECK_EQUAL(peer.read_close(), 1009);
  auto how = ends.pop();
  CAF_CHECK(how.code == close_code::message_too_big);
  CAF_CHECK(how.is_over);
}

CAF_TEST(a server that shows no sign of life is lost) {
  auto c = connect({.url = foreign.url(), .idle_timeout = 100ms});
  auto peer = foreign.accept(); // Does not read, and so does not answer pings.
  CAF_CHECK(!ends.pop().is_over);
}

// -- TLS ----------------------------------------------------------------------

CAF_TEST(TLS verifies the name that SNI sends) {
  authority files{"localhost"};
  files.add("other");
  listener_config cfg;
  // Without SNI, the server presents the first certificate.
  cfg.tls.certificates = {files.certificate("other"),
                          files.certificate("localhost")};
  cfg.tls.keys = {files.key("other"), files.key("localhost")};
  open([](connection& c) { c.emit("hello"); }, cfg);
  auto c = connect({.url = url("wss", "localhost"), .ca_file = files.ca()},
                   [this](ws_client& x) {
                     x.on("hello", [this] { notes.push("hello"); });
                   });
  CAF_CHECK_EQUAL(notes.pop(), "hello");
  c.close();
  CAF_CHECK(ends.pop().was_clean);
  auto is_refused = [this](ws_client_options options) {
    auto reason = attempt(std::move(options)).reason;
    CAF_MESSAGE(reason);
    return reason.find("certificate verify failed") != reason.npos;
  };
  // The address is not in the certificate.
  CAF_CHECK(is_refused({.url = url("wss"), .ca_file = files.ca()}));
  // The authorities of the system do not know it.
  CAF_CHECK(is_refused({.url = url("wss", "localhost")}));
}

CAF_TEST(a server without TLS fails the attempt) {
  open([](connection&) {});
  authority files;
  files.add("unused");
  auto how = attempt({.url = url("wss"), .ca_file = files.ca()});
  CAF_CHECK(!how.reason.empty());
}

// -- options ------------------------------------------------------------------

CAF_TEST(invalid options are refused) {
  auto complaint = [this](ws_client_options x) {
    auto result = ws_client::connect(runtime.sys, std::move(x));
    return result ? "none" : what(result.error());
  };
  auto begins = [&](ws_client_options x, const std::string& with) {
    auto text = complaint(std::move(x));
    CAF_MESSAGE(text);
    return text.find(": " + with) != text.npos;
  };
  auto good = foreign.url();
  CAF_CHECK(begins({.url = "http://localhost"}, "url"));
  CAF_CHECK(begins({.url = good, .protocol = 3}, "protocol"));
  CAF_CHECK(begins({.url = good, .headers = {{"A", "b\r\nC: d"}}}, "headers"));
  CAF_CHECK(begins({.url = good, .headers = {{"", "b"}}}, "headers"));
  CAF_CHECK(begins({.url = good, .min_delay = 0ms}, "min_delay"));
  CAF_CHECK(
    begins({.url = good, .min_delay = 2s, .max_delay = 1s}, "min_delay"));
  CAF_CHECK(begins({.url = good, .connect_timeout = 0s}, "connect_timeout"));
  CAF_CHECK(begins({.url = good, .close_timeout = 0s}, "close_timeout"));
  CAF_CHECK(begins({.url = good, .idle_timeout = -1s}, "idle_timeout"));
  CAF_CHECK(begins({.url = good, .max_message_size = 0}, "max_message_size"));
  CAF_CHECK(
    begins({.url = "wss://localhost", .ca_file = "/no/file"}, "ca_file"));
}

CAF_TEST(clients need the scheduler of troupe) {
  caf::actor_system_config cfg;
  add_message_types(cfg);
  caf::actor_system other{cfg};
  auto result = ws_client::connect(other, {.url = foreign.url()});
  CAF_CHECK(!result && result.error() == errc::foreign_runtime);
}

CAF_TEST_FIXTURE_SCOPE_END()
