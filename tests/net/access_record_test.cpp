#define CAF_SUITE net.access_record

#include "net/runtime/access_record.hpp"

#include "caf/test/dsl.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace troupe;

using net::access_record;

namespace {

request make_request(const std::string& fields,
                     const std::string& target = "/chat") {
  return {"GET " + target + " HTTP/1.1\r\nHost: example.org\r\n" + fields, "",
          "192.0.2.7", 1234};
}

nlohmann::json parsed(const access_record& x) {
  return nlohmann::json::parse(to_json(x));
}

nlohmann::json line_of(const request& req) {
  return parsed({req, {}});
}

} // namespace

CAF_TEST(a request has its response) {
  access_record x{make_request("User-Agent: Some/1.0\r\n"), {}};
  x.time += 1s;
  x.status = 404;
  x.amount.bytes_out = 300;
  x.duration = 1500us;
  auto line = parsed(x);
  CAF_CHECK(line["kind"] == "http");
  CAF_CHECK(line["time"] == "1970-01-01T00:00:01.000Z");
  CAF_CHECK(line["remote"] == "192.0.2.7");
  CAF_CHECK(line["method"] == "GET");
  CAF_CHECK(line["host"] == "example.org");
  CAF_CHECK(line["path"] == "/chat");
  CAF_CHECK(line["user_agent"] == "Some/1.0");
  CAF_CHECK(line["status"] == 404);
  CAF_CHECK(line["bytes_out"] == 300);
  CAF_CHECK(line["duration"] == 0.0015);
  CAF_CHECK(!line.contains("code"));
}

CAF_TEST(a connection has its end) {
  access_record x{make_request(""), {}};
  x.amount = {1, 2, 3, 4};
  x.end = close_info{close_code::try_again_later, "", false,
                     make_error(errc::slow_receiver)};
  auto line = parsed(x);
  CAF_CHECK(line["kind"] == "websocket");
  CAF_CHECK(line["status"] == 101);
  CAF_CHECK(line["bytes_in"] == 1);
  CAF_CHECK(line["bytes_out"] == 2);
  CAF_CHECK(line["messages_in"] == 3);
  CAF_CHECK(line["messages_out"] == 4);
  CAF_CHECK(line["code"] == 1013);
  CAF_CHECK(line["by"] == "server");
  CAF_CHECK(line["cause"] == "slow_receiver");
  x.end = close_info{close_code::normal, "", true, {}};
  CAF_CHECK(parsed(x)["cause"] == "none");
}

CAF_TEST(queries and other header fields are left out) {
  access_record x{make_request("Authorization: Bearer secret\r\n"
                               "Cookie: a=secret\r\n",
                               "/chat?access_token=secret"),
                  {}};
  CAF_CHECK(parsed(x)["path"] == "/chat");
  CAF_CHECK(to_json(x).find("secret") == std::string::npos);
}

CAF_TEST(text is the name of a principal) {
  auto req = make_request("");
  CAF_CHECK(!line_of(req).contains("principal"));
  req.set_principal(std::string{"alice"});
  CAF_CHECK(line_of(req)["principal"] == "alice");
  req.set_principal(42);
  CAF_CHECK(!line_of(req).contains("principal"));
}

CAF_TEST(what a client sends cannot leave its line or its field) {
  access_record x{make_request("User-Agent: \x1b[2J\"},\xe2\x80\xae\xff"
                               + std::string(300, 'x') + "\r\n"),
                  {}};
  auto line = to_json(x);
  CAF_CHECK(
    std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; }));
  auto agent = parsed(x)["user_agent"].get<std::string>();
  CAF_CHECK(agent.starts_with("\x1b[2J\"},\xe2\x80\xae\xef\xbf\xbdxx"));
  CAF_CHECK_EQUAL(std::ranges::count(agent, 'x'), 189);
}
