#define CAF_SUITE bench.options

#include "apps/bench/options.hpp"

#include "caf/test/dsl.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using namespace troupe::bench;

namespace {

options parse(std::vector<std::string> args) {
  args.insert(args.begin(), "troupe-load");
  if (std::ranges::find(args, "--url") == args.end())
    args.insert(args.end(), {"--url", "ws://127.0.0.1:80/"});
  std::vector<char*> argv;
  for (auto& x : args)
    argv.push_back(x.data());
  return parse_options(static_cast<int>(argv.size()), argv.data()).value();
}

std::string refusal(std::vector<std::string> args) {
  try {
    parse(std::move(args));
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

} // namespace

CAF_TEST(what takes the servers process asks for it) {
  for (const auto* workload : {"idle", "leave"}) {
    CAF_CHECK_EQUAL(refusal({workload}),
                    workload + std::string{" needs --server-pid"});
    CAF_CHECK_EQUAL(refusal({workload, "--server-pid", "1"}), "");
  }
}

CAF_TEST(a goodbye is said or not) {
  CAF_CHECK(!parse({"connect"}).goodbye);
  CAF_CHECK(parse({"connect", "--goodbye", "yes"}).goodbye);
  CAF_CHECK(!parse({"connect", "--goodbye", "no"}).goodbye);
  CAF_CHECK_EQUAL(refusal({"connect", "--goodbye", "1"}),
                  "--goodbye: yes or no");
}

CAF_TEST(who measures latency reads at once) {
  CAF_CHECK_EQUAL(parse({"fanout", "--read-at", "4096"}).read_at, 4096);
  auto words = refusal({"fanout", "--read-at", "4096", "--rate", "10"});
  CAF_CHECK(words.find("latency") != words.npos);
}

CAF_TEST(a report says what was asked for) {
  auto json = parse({"fanout", "--read-at", "4096"}).settings();
  CAF_CHECK_EQUAL(json.value("read_at", 0), 4096);
  CAF_CHECK(!parse({"fanout"}).settings().contains("read_at"));
}

CAF_TEST(commuters are asked for and speak plainly) {
  CAF_CHECK_EQUAL(parse({"churn"}).commuters, 0u);
  CAF_CHECK(!parse({"churn"}).settings().contains("commuters"));
  auto json = parse({"churn", "--commuters", "5"}).settings();
  CAF_CHECK_EQUAL(json.value("commuters", 0), 5);
  auto words = refusal({"churn", "--commuters", "5", "--dialect", "socket.io"});
  CAF_CHECK(words.find("plain") != words.npos);
}

CAF_TEST(a request awaits its answer) {
  for (const auto* form : {"troupe.2", "socket.io-ack"}) {
    std::vector<std::string> args{"request", "--dialect", form};
    CAF_CHECK(has_answers(parse(args).url.speaks));
    CAF_CHECK(parse(args).settings().contains("connections"));
    args.insert(args.end(), {"--window", "2"});
    CAF_CHECK(refusal(args).find("--window") != std::string::npos);
    CAF_CHECK_EQUAL(refusal({"fanout", "--dialect", form}),
                    "this --dialect is for request and connect");
  }
}

CAF_TEST(sessions are resumed over TLS only) {
  std::vector<std::string> tls{"connect", "--url", "wss://127.0.0.1:443/"};
  CAF_CHECK(parse(tls).url.protection == security::tls);
  CAF_CHECK(parse(tls).settings().contains("tls"));
  CAF_CHECK(!parse(tls).settings().contains("resume"));
  tls.insert(tls.end(), {"--resume", "yes"});
  CAF_CHECK(parse(tls).url.protection == security::resumed_tls);
  CAF_CHECK(parse(tls).settings().contains("resume"));
  CAF_CHECK(!refusal({"connect", "--resume", "yes"}).empty());
  CAF_CHECK(!refusal({"hellos"}).empty());
}
