// The routes of troupe-echo on websocketpp: /echo sends each message back,
// /rooms/NAME sends it to all members of the room, the sender included.
// usage: websocketpp_server [--port=N]
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

#include <cstdint>
#include <iostream>
#include <map>
#include <set>
#include <string>

namespace {

using server = websocketpp::server<websocketpp::config::asio>;
using handle = websocketpp::connection_hdl;
using connection = server::connection_ptr;

std::uint16_t port_of(int argc, char** argv) {
  const std::string option = "--port=";
  if (argc > 1 && std::string{argv[1]}.rfind(option, 0) == 0)
    return static_cast<std::uint16_t>(
      std::stoul(std::string{argv[1]}.substr(option.size())));
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  server self;
  std::map<std::string, std::set<connection>> rooms;
  auto is_room = [](const connection& c) {
    return c->get_resource().rfind("/rooms/", 0) == 0;
  };
  self.clear_access_channels(websocketpp::log::alevel::all);
  self.clear_error_channels(websocketpp::log::elevel::all);
  self.init_asio();
  self.set_reuse_addr(true);
  self.set_tcp_post_init_handler([&](handle who) {
    self.get_con_from_hdl(who)->get_raw_socket().set_option(
      websocketpp::lib::asio::ip::tcp::no_delay(true));
  });
  self.set_open_handler([&](handle who) {
    auto c = self.get_con_from_hdl(who);
    if (is_room(c))
      rooms[c->get_resource()].insert(c);
  });
  self.set_close_handler([&](handle who) {
    auto c = self.get_con_from_hdl(who);
    if (is_room(c))
      rooms[c->get_resource()].erase(c);
  });
  self.set_message_handler([&](handle who, server::message_ptr message) {
    auto c = self.get_con_from_hdl(who);
    if (is_room(c))
      for (const auto& member : rooms[c->get_resource()])
        member->send(message->get_payload(), message->get_opcode());
    else
      c->send(message->get_payload(), message->get_opcode());
  });
  self.set_listen_backlog(4096);
  self.listen(websocketpp::lib::asio::ip::tcp::endpoint{
    websocketpp::lib::asio::ip::address_v4::loopback(), port_of(argc, argv)});
  self.start_accept();
  websocketpp::lib::asio::error_code error;
  std::cout << "listening on http://127.0.0.1:"
            << self.get_local_endpoint(error).port() << std::endl;
  self.run();
}
