#define CAF_SUITE wire.responder

#include "troupe/responder.hpp"

#include "support/throws.hpp"
#include "troupe/requester.hpp"

#include <caf/test/unit_test.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>
#include <vector>

using namespace troupe;

namespace {

struct broken {};

[[maybe_unused]] void to_json(nlohmann::json&, const broken&) {
  throw std::runtime_error{"broken"};
}

struct fixture {
  template <class T>
  responder<T> make() {
    return responder<T>{make_outcome_handle(
      [this](const outcome& x) { outcomes.push_back(x); }, client)};
  }

  std::string value() {
    CAF_REQUIRE_EQUAL(outcomes.size(), 1u);
    const auto* x = std::get_if<wire_value>(&outcomes[0]);
    CAF_REQUIRE(x != nullptr);
    return static_cast<char>(x->tag) + x->payload;
  }

  std::string code() {
    CAF_REQUIRE_EQUAL(outcomes.size(), 1u);
    const auto* x = std::get_if<refusal>(&outcomes[0]);
    CAF_REQUIRE(x != nullptr);
    return x->code;
  }

  std::shared_ptr<int> client = std::make_shared<int>();
  std::vector<outcome> outcomes;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(responder_tests, fixture)

CAF_TEST(only the first call answers) {
  auto x = make<int>();
  auto copy = x;
  copy.answer(7);
  x.answer(8);
  x.refuse(refuse("full"));
  CAF_CHECK_EQUAL(value(), "17");
}

CAF_TEST(a refusal is an answer) {
  auto x = make<std::string>();
  x.refuse(refuse("full"));
  x.answer("text");
  CAF_CHECK_EQUAL(code(), "full");
}

CAF_TEST(an invalid code becomes failed) {
  make<std::string>().refuse(refuse("not a code"));
  CAF_CHECK_EQUAL(code(), "failed");
}

CAF_TEST(the answer without a value is empty) {
  make<void>().answer();
  CAF_CHECK_EQUAL(value(), "0");
}

CAF_TEST(the last copy that is destroyed refuses the request) {
  {
    auto x = make<void>();
    {
      auto copy = x; // NOLINT(performance-unnecessary-copy-initialization)
    }
    CAF_CHECK(outcomes.empty());
  }
  CAF_CHECK_EQUAL(code(), "no_answer");
}

CAF_TEST(a value that cannot be encoded refuses the request) {
  make<nlohmann::json>().answer({{"name", "\xFF"}});
  CAF_CHECK_EQUAL(code(), "failed");
}

CAF_TEST(a value whose conversion throws refuses the request) {
  auto x = make<broken>();
  CAF_CHECK(test::throws<std::runtime_error>([&] { x.answer({}); }));
  CAF_CHECK_EQUAL(code(), "failed");
}

CAF_TEST(a responder shows that the client has gone) {
  auto x = make<int>();
  CAF_CHECK(!x.is_gone());
  client.reset();
  CAF_CHECK(x.is_gone());
  CAF_CHECK(responder<int>{}.is_gone());
}

CAF_TEST(nobody waits after the answer) {
  auto x = make<int>();
  auto copy = x;
  copy.answer(7);
  CAF_CHECK(copy.is_gone());
  CAF_CHECK(x.is_gone());
}

CAF_TEST(of several threads one answers) {
  std::atomic<int> count = 0;
  {
    responder<int> x{make_outcome_handle([&](const outcome&) { ++count; }, {})};
    std::vector<std::thread> threads;
    for (auto i = 0; i < 4; ++i)
      threads.emplace_back([x, i] { x.answer(i); });
    for (auto& thread : threads)
      thread.join();
  }
  CAF_CHECK_EQUAL(count.load(), 1);
}

CAF_TEST(a responder of no request ignores calls) {
  responder<int> none{no_request.hold()};
  CAF_CHECK(!no_request.is_request());
  CAF_CHECK(none.is_gone());
  none.answer(1);
  none.refuse(refuse("full"));
  responder<void>{}.answer();
  no_request.settle(to_outcome(1));
}

CAF_TEST_FIXTURE_SCOPE_END()
