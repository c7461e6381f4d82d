#include "net/runtime/access_record.hpp"

#include "base/timestamp.hpp"

#include <nlohmann/json.hpp>

#include <string_view>
#include <utility>

namespace troupe::net {

namespace {

constexpr size_t most_of_a_field = 200;
constexpr size_t most_of_a_path = 2048;

constexpr unsigned switching_protocols = 101;

std::string cut(std::string_view x, size_t most = most_of_a_field) {
  return std::string{x.substr(0, most)};
}

/// Returns what the end is about, in one word.
std::string_view cause_of(const close_info& x) {
  if (!x.cause)
    return "none";
  for (auto [code, word] :
       {std::pair{errc::message_too_big, "message_too_big"},
        std::pair{errc::protocol_violation, "protocol_violation"},
        std::pair{errc::connection_lost, "connection_lost"},
        std::pair{errc::closed_by_peer, "closed_by_peer"},
        std::pair{errc::pong_timeout, "pong_timeout"},
        std::pair{errc::read_timeout, "read_timeout"},
        std::pair{errc::write_timeout, "write_timeout"},
        std::pair{errc::slow_receiver, "slow_receiver"},
        std::pair{errc::rate_exceeded, "rate_exceeded"}})
    if (x.cause == code)
      return word;
  return "other";
}

} // namespace

access_record::access_record(const request& req, time_point since)
  : began{since},
    remote{req.remote_address()},
    method{cut(req.method())},
    host{cut(req.host())},
    path{cut(req.path(), most_of_a_path)},
    user_agent{cut(req.header("User-Agent"))} {
  if (const auto* name = req.principal<std::string>())
    principal = cut(*name);
}

size_t access_record::size() const noexcept {
  return sizeof(access_record) + remote.size() + method.size() + host.size()
         + path.size() + user_agent.size() + principal.size();
}

std::string to_json(const access_record& x) {
  nlohmann::ordered_json line{
    {"time", base::utc_timestamp(x.time)},
    {"kind", x.end ? "websocket" : "http"},
  };
  auto add = [&](const char* key, const std::string& value) {
    if (!value.empty())
      line[key] = value;
  };
  add("remote", x.remote);
  add("method", x.method);
  add("host", x.host);
  add("path", x.path);
  line["status"] = x.end ? switching_protocols : x.status;
  line["duration"] = std::chrono::duration<double>{x.duration}.count();
  line["bytes_out"] = x.amount.bytes_out;
  if (x.end) {
    line["bytes_in"] = x.amount.bytes_in;
    line["messages_in"] = x.amount.messages_in;
    line["messages_out"] = x.amount.messages_out;
    line["code"] = static_cast<uint16_t>(x.end->code);
    line["by"] = x.end->by_peer ? "client" : "server";
    line["cause"] = cause_of(*x.end);
  }
  add("principal", x.principal);
  add("user_agent", x.user_agent);
  // Escapes what could control a terminal, and replaces what is not UTF-8.
  return line.dump(-1, ' ', true,
                   nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace troupe::net
