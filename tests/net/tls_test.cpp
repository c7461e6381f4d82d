#define CAF_SUITE net.tls

#include "net/http/tls_certificates.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/authority.hpp"
#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::literals;
using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  fixture() {
    routes.add("/page", content{"<p>page</p>", "text/html; charset=utf-8"});
    certify("localhost");
  }

  void certify(const std::string& name) {
    authority.add(name);
    port_cfg.tls.certificates.push_back(authority.certificate(name));
    port_cfg.tls.keys.push_back(authority.key(name));
  }

  client_tls::settings trusting() const {
    return {.ca = authority.ca()};
  }

  client secure(const client_tls::settings& how) const {
    client result{port};
    CAF_REQUIRE(result.start_tls(how));
    return result;
  }

  /// Returns a client that has completed both handshakes.
  client secure_connect(const client_tls::settings& how) const {
    auto result = secure(how);
    CAF_REQUIRE_EQUAL(status(result.upgrade("/ws")), "101");
    CAF_REQUIRE_EQUAL(ws->log.pop().kind, news::opened);
    return result;
  }

  /// With TLS 1.3, a client learns that it is refused when it reads.
  bool is_accepted(const client_tls::settings& how) const {
    client peer{port};
    try {
      return peer.start_tls(how) && status(peer.get("/page")) == "200";
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  test::authority authority;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_tests, fixture)

// -- connections --------------------------------------------------------------

CAF_TEST(pages and messages are encrypted) {
  ws->echoes = true;
  open();
  std::vector<client> peers; // Their ends would be news.
  for (auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto how = trusting();
    how.max_version = version;
    auto reader = secure(how);
    CAF_CHECK(reader.get("/page").ends_with("<p>page</p>"));
    auto& peer = peers.emplace_back(secure_connect(how));
    peer.send_text("hello");
    CAF_CHECK_EQUAL(peer.read_message().payload, "hello");
    CAF_CHECK_EQUAL(ws->log.pop().payload, "hello");
  }
}

CAF_TEST(messages of all sizes pass whole and in order) {
  ws->cfg.max_message_size = 1 << 20;
  ws->echoes = true;
  open();
  auto peer = secure_connect(trusting());
  for (size_t size : {0, 1, 125, 126, 16383, 16384, 16385, 65536, 1 << 20}) {
    std::string text(size, 'x');
    peer.send_text(text);
    CAF_CHECK(peer.read_message().payload == text);
  }
}

CAF_TEST(a client that reads late gets everything) {
  ws->cfg.max_queue_bytes = 64 << 20;
  open();
  auto peer = secure_connect(trusting());
  constexpr auto count = 4000;
  with_socket([](actors::lower_layer& x) {
    for (auto i = 0; i < count; ++i)
      x.send(frame::text(std::to_string(i) + std::string(10000, ' ')).wire());
  });
  for (auto i = 0; i < count; ++i)
    CAF_REQUIRE(peer.read_message().payload.starts_with(std::to_string(i)));
}

CAF_TEST(the closing handshake ends TLS as well) {
  open();
  auto peer = secure_connect(trusting());
  with_socket(
    [](actors::lower_layer& x) { x.close(close_code::going_away, "bye"); });
  auto last = peer.read_message();
  CAF_CHECK_EQUAL(last.code(), 1001);
  peer.send_close(1001);
  CAF_CHECK_EQUAL(peer.read_all(), ""); // close_notify; `read_all` would throw
  CAF_CHECK_EQUAL(static_cast<int>(wait_for_close().code), 1001);
}

// -- clients without TLS ------------------------------------------------------

CAF_TEST(an unencrypted request is redirected) {
  open();
  client peer{port};
  auto reply = peer.ask("GET /page?x=1 HTTP/1.1\r\nHost: tea.example:1\r\n");
  CAF_CHECK_EQUAL(status(reply), "308");
  CAF_CHECK_EQUAL(field(reply, "Location"), "https://tea.example:1/page?x=1");
}

CAF_TEST(an unencrypted request for an absolute URL is redirected to it) {
  open();
  client peer{port};
  auto reply = peer.ask(
    "GET http://tea.example/page?x=1 HTTP/1.1\r\n"
    "Host: coffee.example\r\n");
  CAF_CHECK_EQUAL(status(reply), "308");
  CAF_CHECK_EQUAL(field(reply, "Location"), "https://tea.example/page?x=1");
}

CAF_TEST(an unencrypted request without a host is refused) {
  open();
  client peer{port};
  auto reply = peer.ask("GET /page HTTP/1.0\r\n");
  CAF_CHECK_EQUAL(status(reply), "400");
  CAF_CHECK_EQUAL(field(reply, "Location"), "");
}

CAF_TEST(an unencrypted request without a host goes to the public URL) {
  port_cfg.public_url = "https://tea.example";
  open();
  client peer{port};
  auto reply = peer.ask("GET /page HTTP/1.0\r\n");
  CAF_CHECK_EQUAL(status(reply), "308");
  CAF_CHECK_EQUAL(field(reply, "Location"), "https://tea.example/page");
}

CAF_TEST(an unencrypted handshake is refused) {
  open();
  client peer{port};
  peer.send(handshake("/ws") + "\r\n");
  auto reply = peer.read_all();
  CAF_CHECK_EQUAL(status(reply), "403");
  CAF_CHECK(contains(reply, "wss://"));
}

CAF_TEST(bytes that are neither TLS nor HTTP are refused) {
  open();
  client noise{port};
  noise.send("\x01\x02\x03\x04\r\n\r\n");
  CAF_CHECK_EQUAL(status(noise.read_all()), "400");
  client broken{port};
  broken.send("\x16\x03\x01\x00\x05hello"s);
  auto alert = broken.read_all();
  CAF_CHECK_EQUAL(alert.front(), '\x15');
  client huge{port};
  huge.send("\x16\x03\x01\xff\xff"s);
  alert = huge.read_all();
  CAF_CHECK_EQUAL(alert.front(), '\x15');
}

// -- certificates -------------------------------------------------------------

CAF_TEST(clients that name a host get its certificate) {
  certify("tea.example");
  open();
  auto how = trusting();
  how.host = "tea.example";
  CAF_CHECK_EQUAL(secure(how).tls().server_name(), "tea.example");
  how.host = "TEA.example";
  CAF_CHECK_EQUAL(secure(how).tls().server_name(), "tea.example");
  how.sni = "tea.example.";
  CAF_CHECK_EQUAL(secure(how).tls().server_name(), "tea.example");
  CAF_CHECK_EQUAL(secure(trusting()).tls().server_name(), "localhost");
}

CAF_TEST(new certificates are used at once and old connections stay) {
  open();
  auto old = secure_connect(trusting());
  authority.replace("localhost");
  CAF_CHECK(!door->reload());
  auto how = trusting();
  CAF_CHECK(secure(how).get("/page").ends_with("<p>page</p>"));
  old.send_text("still here");
  CAF_CHECK_EQUAL(ws->log.pop().payload, "still here");
}

CAF_TEST(a session is resumed across a change of certificates) {
  open();
  auto how = trusting();
  auto first = secure(how);
  first.get("/page");
  how.session = first.tls().session();
  authority.replace("localhost");
  CAF_CHECK(!door->reload());
  CAF_CHECK(secure(how).tls().was_resumed());
}

CAF_TEST(unusable files leave the old certificates in use) {
  open();
  std::filesystem::resize_file(authority.certificate("localhost"), 10);
  CAF_CHECK(door->reload());
  CAF_CHECK(!door->reload()); // nothing has changed since
  CAF_CHECK(secure(trusting()).get("/page").ends_with("<p>page</p>"));
}

CAF_TEST(a pipe in place of a file does not block the thread that reads it) {
  test::authority clients{"friend"};
  port_cfg.tls.client_ca = clients.ca();
  port_cfg.tls.client_auth = client_auth::request;
  open();
  for (const auto& file : {authority.key("localhost"),
                           authority.certificate("localhost"), clients.ca()}) {
    std::filesystem::remove(file);
    CAF_REQUIRE_EQUAL(::mkfifo(file.c_str(), 0600), 0);
    auto err = door->reload();
    CAF_REQUIRE(err);
    CAF_CHECK(contains(what(err), file + ": not a regular file"));
  }
  CAF_CHECK(secure(trusting()).get("/page").ends_with("<p>page</p>"));
}

CAF_TEST(a port with unusable files does not open) {
  using std::filesystem::perms;
  auto key = authority.key("localhost");
  std::filesystem::permissions(key, perms::others_read,
                               std::filesystem::perm_options::add);
  auto result = make_door()->open();
  CAF_REQUIRE(!result);
  CAF_CHECK(contains(what(result.error()), "readable by all users"));
  port_cfg.tls.keys.front() = authority.ca();
  CAF_CHECK(!make_door()->open());
}

// -- certificates of clients --------------------------------------------------

CAF_TEST(required certificates of clients are verified) {
  authority.add("friend");
  test::authority others;
  others.add("stranger");
  port_cfg.tls.client_ca = authority.ca();
  port_cfg.tls.client_auth = client_auth::require;
  open();
  CAF_CHECK(!is_accepted(trusting()));
  auto how = trusting();
  how.certificate = authority.certificate("friend");
  how.key = authority.key("friend");
  CAF_CHECK(is_accepted(how));
  how.certificate = others.certificate("stranger");
  how.key = others.key("stranger");
  CAF_CHECK(!is_accepted(how));
}

CAF_TEST(a session stands for no certificate) {
  test::authority clients{"friend"};
  port_cfg.tls.client_ca = clients.ca();
  port_cfg.tls.client_auth = client_auth::require;
  open();
  std::vector<client_tls::settings> later;
  for (auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto how = trusting();
    how.max_version = version;
    how.certificate = clients.certificate("friend");
    how.key = clients.key("friend");
    auto first = secure(how);
    CAF_CHECK_EQUAL(status(first.get("/page")), "200");
    how.session = first.tls().session();
    CAF_CHECK(!secure(how).tls().was_resumed());
    how.certificate.clear();
    CAF_CHECK(!is_accepted(how));
    later.push_back(how);
  }
  std::filesystem::copy_file(authority.ca(), clients.ca(),
                             std::filesystem::copy_options::overwrite_existing);
  CAF_CHECK(!door->reload());
  for (const auto& how : later)
    CAF_CHECK(!is_accepted(how));
}

CAF_TEST(a session stands for no certificate that is optional) {
  test::authority clients{"friend"};
  port_cfg.tls.client_ca = clients.ca();
  port_cfg.tls.client_auth = client_auth::request;
  open();
  for (auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto how = trusting();
    how.max_version = version;
    auto first = secure(how);
    CAF_CHECK_EQUAL(status(first.get("/page")), "200");
    how.session = first.tls().session();
    CAF_CHECK(!secure(how).tls().was_resumed());
  }
}

// -- protocols ----------------------------------------------------------------

CAF_TEST(old versions are refused) {
  port_cfg.tls.min_version = tls_version::v1_3;
  open();
  auto how = trusting();
  how.max_version = TLS1_2_VERSION;
  client peer{port};
  CAF_CHECK(!peer.start_tls(how));
  CAF_CHECK_EQUAL(secure(trusting()).tls().version(), "TLSv1.3");
}

CAF_TEST(a client that speaks only HTTP 2 is refused) {
  open();
  auto how = trusting();
  how.protocols = "\x02h2\x08http/1.1";
  CAF_CHECK_EQUAL(secure(how).tls().protocol(), "http/1.1");
  how.protocols = "\x02h2";
  client peer{port};
  CAF_CHECK(!peer.start_tls(how));
}

CAF_TEST(browsers are told to stay with TLS if the settings say so) {
  port_cfg.tls.hsts = 1h;
  open();
  auto reply = secure(trusting()).get("/page");
  CAF_CHECK_EQUAL(field(reply, "Strict-Transport-Security"), "max-age=3600");
  client plain{port};
  reply = plain.ask("GET /page HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(field(reply, "Strict-Transport-Security"), "");
}

// -- hostile clients ----------------------------------------------------------

CAF_TEST(a client that updates its keys without end is cut) {
  open();
  auto peer = secure_connect(trusting());
  for (auto i = 0; i < 20; ++i)
    peer.tls().update_keys();
  peer.send_text("fine");
  CAF_CHECK_EQUAL(ws->log.pop().payload, "fine");
  try {
    for (auto i = 0; i < 20; ++i)
      peer.tls().update_keys();
  } catch (const std::runtime_error&) {
    // It was cut before the last one.
  }
  CAF_CHECK_EQUAL(static_cast<int>(wait_for_close().code), 1006);
}

CAF_TEST(many handshakes at once all succeed) {
  open();
  std::vector<client> peers;
  for (auto i = 0; i < 50; ++i)
    peers.push_back(secure(trusting()));
  for (auto& x : peers)
    CAF_CHECK(x.get("/page").ends_with("<p>page</p>"));
}

CAF_TEST_FIXTURE_SCOPE_END()
