#define CAF_SUITE net.basp_tls

#include "net/basp/tls_handshake.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/authority.hpp"
#include "net/support/client.hpp"
#include "net/support/node.hpp"
#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"
#include "support/running.hpp"
#include "troupe/log.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <string_view>

using namespace troupe;
using namespace troupe::test;

namespace {

namespace fs = std::filesystem;

/// A client of plain OpenSSL, which may violate any protocol.
class tls_client {
public:
  using setup = std::function<void(SSL_CTX*)>;

  explicit tls_client(uint16_t port, const setup& prepare)
    : socket_{::socket(AF_INET, SOCK_STREAM, 0)},
      context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free},
      ssl_{nullptr, SSL_free} {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CAF_REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&where),
                          sizeof(where))
                == 0);
    prepare(context_.get());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_.get());
    SSL_connect(ssl_.get()); // Errors show when the test reads.
  }

  void send(std::string_view x) {
    SSL_write(ssl_.get(), x.data(), static_cast<int>(x.size()));
  }

  void send_unencrypted(std::string_view x) {
    ::send(socket_.get(), x.data(), x.size(), MSG_NOSIGNAL);
  }

  /// Returns the number of bytes that arrive until the connection ends, at most
  /// `most`.
  size_t read(size_t most) {
    std::string into(most, '\0');
    size_t result = 0;
    while (result < most) {
      auto got = SSL_read(ssl_.get(), into.data(),
                          static_cast<int>(most - result));
      if (got <= 0)
        break;
      result += static_cast<size_t>(got);
    }
    return result;
  }

private:
  net::descriptor socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

/// Returns a setup with the certificate of a member.
tls_client::setup as(const cluster_config& x) {
  return [x](SSL_CTX* ctx) {
    SSL_CTX_use_certificate_chain_file(ctx, x.tls_certificate.c_str());
    SSL_CTX_use_PrivateKey_file(ctx, x.tls_key.c_str(), SSL_FILETYPE_PEM);
  };
}

/// A client's handshake with an invented node id.
constexpr std::string_view made_up_handshake{
  "\1\0\0\0\0\0\0\41"
  "\0\0\0\0\0\0\0\0"
  "\0\0\0\0\0\0\0\0"
  "\0\0\0\0\0\0\0\0",
  32};

struct fixture {
  fixture() {
    set_log_sink([this](log_level level, std::string_view line) {
      if (level == log_level::warning)
        warnings.push({news::message, std::string{line}});
    });
  }

  ~fixture() {
    set_log_sink(nullptr);
  }

  news_queue warnings;
  authority ours;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(basp_tls_tests, fixture)

CAF_TEST(nodes with certificates of one authority meet) {
  node earth{ours.member("earth")};
  node mars{ours.member("mars")};
  auto got = earth.dial(mars.open());
  CAF_REQUIRE_EQUAL(got.why, "");
  CAF_CHECK(earth.talks_to(got.entrance));
  auto to_earth = earth.open();
  CAF_CHECK(mars.dial(to_earth).entrance);
  CAF_CHECK(earth.dial(to_earth).entrance == earth.entrance);
}

CAF_TEST(large messages go through TLS) {
  node earth{ours.member("earth")};
  node mars{ours.member("mars")};
  auto got = earth.dial(mars.open());
  CAF_REQUIRE(got.entrance);
  caf::scoped_actor self{earth.sys};
  std::string text(5'000'000, 'x');
  self->request(got.entrance, patience, text)
    .receive([&](const std::string& x) { CAF_CHECK(x == "heard " + text); },
             [](const caf::error& err) { CAF_FAIL(what(err)); });
}

CAF_TEST(a foreign authority keeps nodes apart) {
  authority theirs;
  node earth{ours.member("earth")};
  node stranger{theirs.member("stranger")};
  CAF_CHECK(contains(earth.dial(stranger.open()).why, "certificate verify"));
  CAF_CHECK(!stranger.dial(earth.open()).entrance);
}

CAF_TEST(who trusts everybody is not let in all the same) {
  authority theirs;
  node mars{ours.member("mars")};
  auto port = port_of(mars.open());
  CAF_MESSAGE("a certificate of another authority");
  tls_client stranger{port, as(theirs.member("stranger"))};
  stranger.send(made_up_handshake);
  CAF_CHECK_EQUAL(stranger.read(1), 0u);
  CAF_MESSAGE("none");
  tls_client nobody{port, [](SSL_CTX*) {}};
  nobody.send(made_up_handshake);
  CAF_CHECK_EQUAL(nobody.read(1), 0u);
  CAF_MESSAGE("one that has expired");
  tls_client late{port, as(ours.member("late", -1))};
  late.send(made_up_handshake);
  CAF_CHECK_EQUAL(late.read(1), 0u);
  CAF_MESSAGE("a good one is");
  tls_client member{port, as(ours.member("venus"))};
  member.send(made_up_handshake);
  CAF_CHECK_EQUAL(member.read(32), 32u);
}

CAF_TEST(an expired certificate keeps nodes apart) {
  node earth{ours.member("earth")};
  node late{ours.member("late", -1)};
  CAF_CHECK(contains(earth.dial(late.open()).why, "certificate verify"));
  CAF_CHECK(!late.dial(earth.open()).entrance);
}

CAF_TEST(ciphers without authentication and old versions are refused) {
  node mars{ours.member("mars")};
  auto port = port_of(mars.open());
  auto venus = as(ours.member("venus"));
  tls_client anonymous{port, [](SSL_CTX* ctx) {
                         SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
                         SSL_CTX_set_cipher_list(ctx, "aNULL:@SECLEVEL=0");
                       }};
  CAF_CHECK_EQUAL(anonymous.read(1), 0u);
  tls_client old{port, [&](SSL_CTX* ctx) {
                   venus(ctx);
                   SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
                   SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
                   SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
                 }};
  old.send(made_up_handshake);
  CAF_CHECK_EQUAL(old.read(1), 0u);
}

CAF_TEST(TLS and plaintext do not meet) {
  node earth{ours.member("earth")};
  node plain;
  CAF_CHECK(contains(plain.dial(earth.open()).why, "closed"));
  CAF_CHECK(contains(earth.dial(plain.open()).why, "TLS: "));
}

CAF_TEST(who stops in the middle of the TLS handshake is shut out) {
  node mars{ours.member("mars")};
  auto port = port_of(mars.open());
  client stranger{port};
  // Six bytes of a record of 65 bytes, the beginning of a ClientHello.
  stranger.send({"\x16\x03\x01\x00\x41\x01", 6});
  CAF_CHECK_EQUAL(stranger.read_all(), "");
}

CAF_TEST(what goes wrong in one connection harms no other) {
  node earth{ours.member("earth")};
  node mars{ours.member("mars")};
  auto address = mars.open();
  auto got = earth.dial(address);
  CAF_REQUIRE(got.entrance);
  auto venus = as(ours.member("venus"));
  for (auto i = 0; i < 5; ++i) {
    tls_client broken{port_of(address), venus};
    broken.send(made_up_handshake);
    CAF_REQUIRE_EQUAL(broken.read(32), 32u);
    // An unencrypted record.
    broken.send_unencrypted({"\x17\x03\x03\x00\x20", 5});
    broken.send_unencrypted(std::string(32, 'x'));
    broken.read(100'000);
    CAF_REQUIRE(earth.talks_to(got.entrance));
  }
  CAF_CHECK(earth.dial(address).entrance == got.entrance);
}

CAF_TEST(files that cannot be used leave those in use that could) {
  auto settings = ours.member("mars");
  node mars{settings};
  node earth{ours.member("earth")};
  node venus{ours.member("venus")};
  auto to_mars = mars.open();
  auto away = settings.tls_certificate + ".away";
  fs::rename(settings.tls_certificate, away);
  CAF_CHECK(earth.dial(to_mars).entrance);
  auto line = warnings.pop().payload;
  CAF_CHECK(contains(line, settings.tls_certificate));
  CAF_CHECK(contains(line, "No such file"));
  CAF_MESSAGE("a certificate that is none, told once");
  std::ofstream{settings.tls_certificate} << "nonsense\n";
  CAF_CHECK(venus.dial(to_mars).entrance);
  CAF_CHECK(mars.dial(earth.open()).entrance);
  line = warnings.pop().payload;
  CAF_CHECK(contains(line, settings.tls_certificate));
  CAF_MESSAGE("back again");
  fs::rename(away, settings.tls_certificate);
  node pluto{ours.member("pluto")};
  CAF_CHECK(pluto.dial(to_mars).entrance);
  CAF_CHECK(flush_log(30s));
  CAF_CHECK(warnings.empty());
}

CAF_TEST(files that are replaced count from the next connection on) {
  authority theirs;
  auto settings = ours.member("mars");
  node mars{settings};
  auto to_mars = mars.open();
  node earth{ours.member("earth")};
  node pluto{ours.member("pluto")};
  node venus{theirs.member("venus")};
  CAF_CHECK(earth.dial(to_mars).entrance);
  auto others = theirs.member("mars");
  auto replace = [](const std::string& to, const std::string& from) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  };
  replace(settings.tls_ca, others.tls_ca);
  replace(settings.tls_certificate, others.tls_certificate);
  replace(settings.tls_key, others.tls_key);
  CAF_CHECK(venus.dial(to_mars).entrance);
  CAF_CHECK(!pluto.dial(to_mars).entrance);
}

CAF_TEST(there is no TLS without all files) {
  auto settings = ours.member("earth");
  settings.tls_key += ".not";
  node earth{settings};
  auto got = earth.cluster_transport->listen("127.0.0.1:0", earth.entrance);
  CAF_REQUIRE(!got);
  CAF_CHECK(contains(what(got.error()), settings.tls_key));
}

CAF_TEST_FIXTURE_SCOPE_END()
