#define CAF_SUITE net.client

#include "troupe/client.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"
#include "troupe/listener.hpp"
#include "troupe/runtime.hpp"
#include "troupe/server.hpp"

#include <string>
#include <string_view>

using namespace troupe;
using namespace troupe::test;

namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

struct one_thread : runtime_config {
  one_thread() {
    threads = 1;
  }
};

} // namespace

CAF_TEST(C63 the client comes as a script and as a module) {
  config cfg;
  cfg.max_message_size = 1234;
  auto script = client_source(cfg);
  CAF_CHECK(holds(script, "globalThis.Ws="));
  CAF_CHECK(!holds(script, "export{"));
  auto module = client_module(cfg);
  CAF_CHECK(!holds(module, "globalThis.Ws="));
  CAF_CHECK(holds(module, "export{"));
  CAF_CHECK(holds(module, " as Ws,"));
  for (const auto& x : {script, module})
    CAF_CHECK(holds(x,
                    "{served:{\"eventPrefix\":\"m:\",\"legacyStrings\":false,"
                    "\"maxMessageSize\":1234}}"));
}

CAF_TEST(C63 a server may choose texts for pages of the original) {
  auto script = client_source({}, {.legacy_strings = true});
  CAF_CHECK(holds(script, "\"legacyStrings\":true"));
}

CAF_TEST(C2 the client carries the prefix and nothing of it gets out) {
  auto served = [](std::string prefix) {
    config cfg;
    cfg.event_prefix = std::move(prefix);
    auto script = client_source(cfg);
    std::string_view start = "={served:";
    auto from = script.find(start) + start.size();
    return script.substr(from, script.find(",\"legacy", from) - from);
  };
  CAF_CHECK_EQUAL(served("iris-websocket-message:"),
                  R"({"eventPrefix":"iris-websocket-message:")");
  CAF_CHECK_EQUAL(served("</script><!--:"),
                  R"({"eventPrefix":"\u003c/script>\u003c!--:")");
  CAF_CHECK_EQUAL(served("\"};alert(1)\\\n:"),
                  R"({"eventPrefix":"\"};alert(1)\\\n:")");
  CAF_CHECK_EQUAL(served("\u2028é😀:"),
                  R"({"eventPrefix":"\u2028\u00e9\ud83d\ude00:")");
  CAF_CHECK_EQUAL(served("\xff:"), R"({"eventPrefix":"\ufffd:")");
}

CAF_TEST(C63 a listener serves it and owns its bytes) {
  one_thread sys_cfg;
  caf::actor_system sys{sys_cfg};
  config cfg;
  cfg.event_prefix = "iris-websocket-message:";
  server endpoint{sys, cfg};
  listener http{sys, {.port = 0}};
  http.serve_client("/iris-ws.js", endpoint);
  http.serve_client("/troupe.mjs", endpoint, {.legacy_strings = true});
  client peer{http.start().value()};
  for (auto path : {"/iris-ws.js", "/troupe.mjs"}) {
    auto reply = peer.get(path);
    CAF_CHECK_EQUAL(status(reply), "200");
    CAF_CHECK_EQUAL(field(reply, "Content-Type"),
                    "text/javascript; charset=utf-8");
    CAF_CHECK_EQUAL(field(reply, "X-Content-Type-Options"), "nosniff");
    auto is_module = path == std::string_view{"/troupe.mjs"};
    auto body = is_module ? client_module(cfg, {.legacy_strings = true})
                          : client_source(cfg);
    CAF_CHECK(reply.ends_with("\r\n\r\n" + body));
    auto again = peer.get(path,
                          "If-None-Match: " + field(reply, "ETag") + "\r\n");
    CAF_CHECK_EQUAL(status(again), "304");
  }
}
