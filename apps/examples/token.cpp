// Tokens: a client needs a JSON Web Token (RFC 7519) that was signed with the
// key in a file, and may stay connected until the token expires. An actor
// verifies it, as it would if that took a database.

#include <troupe/troupe.hpp>

#include <jwt/jwt.hpp>

#include <chrono>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

using troupe::connection;

namespace {

struct settings : troupe::runtime_config {
  settings() {
    opt_group{custom_options_, "jwt"}.add(key_file, "key-file",
                                          "file with the key for HS256");
  }

  std::string key_file;
};

struct user {
  std::string name;
};

std::string read(const std::string& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Accepts valid tokens that have a subject and expire. Whatever a client sends
/// is refused here, since an exception would end the actor that verifies.
void verify(const std::string& key, const troupe::msg::authorize& x) {
  namespace params = jwt::params;
  try {
    std::error_code ec;
    auto token = jwt::decode(x.request.bearer_token(),
                             params::algorithms({"HS256"}), ec,
                             params::secret(key), params::verify(true));
    if (!ec && token.has_claim("sub") && token.has_claim("exp")) {
      const auto& claims = token.payload();
      return x.decision.accept(user{claims.get_claim_value<std::string>("sub")},
                               {},
                               std::chrono::system_clock::from_time_t(
                                 claims.get_claim_value<std::time_t>("exp")));
    }
  } catch (const std::exception&) {
    // A field of another type: the library throws in spite of `ec`.
  }
  x.decision.refuse(401, "no valid token\n", {{"WWW-Authenticate", "Bearer"}});
}

/// Makes `verifier` decide who may connect.
troupe::config guarded_by(const caf::actor& verifier, troupe::config cfg) {
  cfg.authorize = [verifier](const troupe::request& x, troupe::decision d) {
    caf::anon_send(verifier, troupe::msg::authorize{x, std::move(d)});
  };
  return cfg;
}

void on_connection(connection& c) {
  c.emit("welcome", c.principal<user>()->name);
}

} // namespace

int main(int argc, char** argv) {
  settings cfg;
  return troupe::run(argc, argv, cfg, [&cfg](troupe::app& app) {
    auto key = read(cfg.key_file);
    if (key.size() < 32)
      throw std::runtime_error{"jwt.key-file: a key has at least 32 bytes"};
    auto verifier = app.system().spawn([key]() -> caf::behavior {
      return {[key](const troupe::msg::authorize& x) { verify(key, x); }};
    });
    app.endpoint("/members", guarded_by(verifier, cfg.ws))
      .on_connection(on_connection);
  });
}
