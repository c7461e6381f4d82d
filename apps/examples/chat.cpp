// A chat: each path below /rooms is a room; chat.html is the page.

#include "embedded/page.hpp"

#include <troupe/troupe.hpp>

using namespace troupe::embedded;
using troupe::connection;

namespace {

void tell_room(connection& c, troupe::event_literal event,
               std::string_view text) {
  nlohmann::json line{{"name", c.value_string("name")}, {"text", text}};
  c.to_room(c.request().wildcard()).emit(event, line);
}

void on_connection(connection& c) {
  c.on("name", [](connection& me, const std::string& name) {
    me.set_value("name", name);
    if (auto err = me.join(me.request().wildcard()))
      me.disconnect(troupe::close_code::policy_violation, troupe::what(err));
    else
      tell_room(me, "status", "joined");
  });
  c.on("say", [](connection& me, const std::string& text) {
    if (me.is_joined(me.request().wildcard()))
      tell_room(me, "said", text);
  });
  c.on_leave([](auto& me, auto&) { tell_room(me, "status", "left"); });
}

} // namespace

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    auto& endpoint = app.endpoint("/rooms/*");
    endpoint.on_connection(on_connection);
    app.serve_client("/troupe.mjs", endpoint);
    app.serve("/", {page::chat_html, "text/html; charset=utf-8"});
  });
}
