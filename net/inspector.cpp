#include "net/inspector.hpp"

#include "actors/registry_actor.hpp"
#include "base/ascii.hpp"
#include "base/regular_file.hpp"
#include "embedded/inspector.hpp"
#include "net/inspector_tail.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <openssl/crypto.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

namespace troupe {

using namespace std::chrono_literals;

namespace {

using nlohmann::json;

constexpr size_t min_token_size = 16;

constexpr size_t max_rooms = 1000;

/// Each one is asked, so there are fewer.
constexpr size_t max_connections = 200;

/// Time limit for the cluster actor, for registries and for connections.
constexpr auto answer_time = 1s;

/// The page offers it beside the one with the token, since browsers expect that
/// the server selects one.
constexpr const char* subprotocol = "troupe.inspector";

/// The page consists of these files and connects to this port only. Trusted
/// types without a policy keep text from becoming markup.
constexpr std::string_view policy
  = "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

/// Compares in a time that does not depend on the contents.
bool is_same(std::string_view x, std::string_view y) {
  return x.size() == y.size()
         && CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

/// Accepts clients with the token. One in the query is refused, since it would
/// end up in logs.
auto make_authorize(std::string token) {
  return [token = std::move(token)](const request& req, const decision& x) {
    if (req.query("access_token").empty() && is_same(req.bearer_token(), token))
      x.accept();
    else
      x.refuse(401, "the token is missing or wrong\n");
  };
}

config make_config(std::string token) {
  config result;
  result.subprotocols = {subprotocol};
  if (!token.empty())
    result.authorize = make_authorize(std::move(token));
  return result;
}

/// Returns the member `key` of an object; empty if it is not text.
std::string text(const json& x, const char* key) {
  auto i = x.is_object() ? x.find(key) : x.end();
  return i != x.end() && i->is_string() ? i->get<std::string>() : std::string{};
}

// -- queries ------------------------------------------------------------------

void fail(connection& to, const caf::error& why) {
  to.emit("failed", what(why));
}

void tell_overview(connection& to, const inspected& inspection) {
  auto tell = [&to, &inspection](const std::vector<node_info>& others) {
    to.emit("overview", overview(inspection, others));
  };
  to.self()
    .request(inspection.cluster, answer_time, nodes{})
    .then(tell, [tell](const caf::error&) { tell({}); });
}

void tell_rooms(connection& to, const inspected& inspection,
                const json& which) {
  auto path = text(which, "server");
  const auto* server = inspection.find(path);
  if (server == nullptr)
    return;
  actors::name_filter filter{text(which, "part"), max_rooms};
  to.self()
    .request(server->registry(), answer_time, actors::list_rooms{filter})
    .then(
      [&to, path](const std::vector<room_info>& rooms) {
        to.emit("rooms",
                json{{"server", path}, {"rooms", describe_rooms(rooms)}});
      },
      [&to](const caf::error& why) { fail(to, why); });
}

/// Asks connections, and tells the answers when all are there.
class connection_survey {
public:
  connection_survey(connection& to, std::string path, size_t count)
    : to_{to},
      path_{std::move(path)},
      left_{count} {
  }

  void add(json x) {
    found_.push_back(std::move(x));
    if (--left_ == 0)
      tell();
  }

  void tell() {
    to_.emit("connections", json{{"server", path_}, {"connections", found_}});
  }

private:
  connection& to_;
  std::string path_;
  size_t left_;
  json found_ = json::array();
};

void ask_connections(connection& to, const std::string& path,
                     const std::vector<connection_info>& whom) {
  auto survey = std::make_shared<connection_survey>(to, path, whom.size());
  if (whom.empty())
    survey->tell();
  for (const auto& x : whom)
    to.self()
      .request(x.handle, answer_time, actors::query_state{})
      .then(
        [survey, id = x.id](const actors::connection_state& found) {
          survey->add(describe_connection(id, found));
        },
        [survey,
         id = x.id](const caf::error&) { // A handler waits, or it ended.
          survey->add(json{{"id", id}});
        });
}

void tell_connections(connection& to, const inspected& inspection,
                      const json& which) {
  auto path = text(which, "server");
  const auto* server = inspection.find(path);
  if (server == nullptr)
    return;
  actors::name_filter filter{text(which, "part"), max_connections};
  to.self()
    .request(server->registry(), answer_time, actors::list_connections{filter})
    .then(
      [&to, path](const std::vector<connection_info>& found) {
        ask_connections(to, path, found);
      },
      [&to](const caf::error& why) { fail(to, why); });
}

void tell_tail(connection& to, const inspected& inspection,
               inspector_tail& tail, const json& which) {
  auto path = text(which, "server");
  if (inspection.find(path) != nullptr)
    tail.tell(to, inspection, path, text(which, "room"));
}

void disconnect(connection& from, const connection_info& whom) {
  log(log_level::info, {"runtime", whom.id, {}},
      "the inspector at " + from.request().remote_address() + " disconnects "
        + whom.id);
  msg::disconnect how{close_code::policy_violation,
                      "disconnected by an operator"};
  from.self()
    .request(whom.handle, answer_time, std::move(how))
    .then([&from, id = whom.id] { from.emit("disconnected", id); },
          [&from](const caf::error& why) { fail(from, why); });
}

void disconnect(connection& from, const inspected& inspection,
                const json& which) {
  const auto* server = inspection.find(text(which, "server"));
  if (server == nullptr)
    return;
  from.self()
    .request(server->registry(), answer_time,
             msg::connection{text(which, "id")})
    .then([&from](const connection_info& whom) { disconnect(from, whom); },
          [&from](const caf::error& why) { fail(from, why); });
}

} // namespace

caf::expected<std::string> read_token(const std::string& file) {
  std::string why;
  auto text = base::read_regular_file(file, why);
  if (!text)
    return make_error(errc::invalid_config, "admin.token-file: " + why);
  std::string result;
  std::istringstream{*text} >> result;
  if (result.size() < min_token_size || !base::is_token(result))
    return make_error(errc::invalid_config,
                      "admin.token-file: the token in " + file
                        + " must have 16 or more letters, digits or \"-._~\"");
  return result;
}

inspector::inspector(caf::actor_system& sys, inspected what, std::string token)
  : what_{std::make_shared<const inspected>(std::move(what))},
    server_{sys, make_config(std::move(token))} {
  server_.on_connection([inspection = what_](connection& c) {
    c.on("overview",
         [inspection](connection& me) { tell_overview(me, *inspection); });
    c.on("rooms", [inspection](connection& me, const json& x) {
      tell_rooms(me, *inspection, x);
    });
    c.on("connections", [inspection](connection& me, const json& x) {
      tell_connections(me, *inspection, x);
    });
    auto tail = std::make_shared<inspector_tail>();
    c.on("tail", [inspection, tail](connection& me, const json& x) {
      tell_tail(me, *inspection, *tail, x);
    });
    c.on("end_tail", [tail](connection& me) { tail->end(me); });
    c.on("disconnect", [inspection](connection& me, const json& x) {
      disconnect(me, *inspection, x);
    });
  });
}

void inspector::add_to(listener& to) {
  namespace page = embedded::inspector;
  constexpr std::string_view js = "text/javascript; charset=utf-8";
  to.route("/inspector/socket", server_);
  to.serve("/inspector/", {page::index_html,
                           "text/html; charset=utf-8",
                           {{"Content-Security-Policy", policy},
                            {"Referrer-Policy", "no-referrer"}}});
  to.serve("/inspector/style.css",
           {page::style_css, "text/css; charset=utf-8"});
  to.serve("/inspector/app.js", {page::app_js, js});
  to.serve_client("/inspector/troupe.mjs", server_);
}

} // namespace troupe
