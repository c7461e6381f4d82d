// A login: a page from a folder posts a name and a password, the response sets
// a session cookie, and the endpoint accepts clients that have one.

#include <troupe/troupe.hpp>

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <utility>

using troupe::connection;

namespace {

struct settings : troupe::runtime_config {
  settings() {
    opt_group{custom_options_, "login"}.add(pages, "pages",
                                            "folder with the pages");
  }

  std::string pages = "apps/examples/login";
};

struct user {
  std::string name;
};

/// What the page posts.
struct credentials {
  std::string name;
  std::string password;
};

void from_json(const nlohmann::json& x, credentials& out) {
  x.at("name").get_to(out.name);
  x.at("password").get_to(out.password);
}

/// A real program keeps salted hashes.
bool is_valid(const credentials& x) {
  return x.name == "alice" && x.password == "wonderland";
}

/// The users who are logged in, by the value of their cookie. Handlers run on
/// several threads.
class sessions {
public:
  /// @returns the cookie.
  std::string begin(std::string name) {
    std::lock_guard guard{mutex_};
    std::string id;
    for (auto i = 0; i < 4; ++i) // 128 random bits
      id += std::to_string(random_()) + '.';
    names_[id] = std::move(name);
    return id;
  }

  /// @returns the name of the user; empty if there is none.
  std::string find(std::string_view id) {
    std::lock_guard guard{mutex_};
    auto i = names_.find(id);
    return i == names_.end() ? "" : i->second;
  }

private:
  std::mutex mutex_;
  std::random_device random_;
  std::map<std::string, std::string, std::less<>> names_;
};

troupe::response log_in(const troupe::request& x, sessions& all) {
  auto who = x.json<credentials>(); // Another body gets status 400.
  if (!is_valid(who))
    throw troupe::http_error{401, "wrong name or password\n"};
  auto cookie = "session=" + all.begin(who.name)
                + "; Path=/; HttpOnly; SameSite=Strict"
                + (x.is_secure() ? "; Secure" : "");
  return {.status = 204, .fields = {{"Set-Cookie", std::move(cookie)}}};
}

void authorize(const troupe::request& x, const troupe::decision& decide,
               sessions& all) {
  if (auto name = all.find(x.cookie("session")); !name.empty())
    decide.accept(user{std::move(name)});
  else
    decide.refuse(401, "log in first\n");
}

} // namespace

int main(int argc, char** argv) {
  settings cfg;
  sessions all;
  cfg.ws.authorize = [&all](const troupe::request& x,
                            const troupe::decision& decide) {
    authorize(x, decide, all);
  };
  return troupe::run(argc, argv, cfg, [&](troupe::app& app) {
    auto& members = app.endpoint("/members");
    members.on_connection(
      [](connection& c) { c.emit("welcome", c.principal<user>()->name); });
    app.post("/login",
             [&all](const troupe::request& x) { return log_in(x, all); });
    app.serve_client("/troupe.mjs", members);
    app.serve_files("/*", cfg.pages);
  });
}
