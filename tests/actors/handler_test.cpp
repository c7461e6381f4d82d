#define CAF_SUITE actors.handler

#include "troupe/handler.hpp"

#include "support/fixture.hpp"
#include "support/throws.hpp"
#include "troupe/connection.hpp"

#include <memory>
#include <optional>
#include <stdexcept>

using namespace troupe;

namespace {

/// A request that shows how it is answered.
class fake_request final : public requester {
public:
  bool is_request() const noexcept override {
    return true;
  }

  void settle(outcome x) override {
    if (!is_held_ && !*answer_)
      *answer_ = std::move(x);
  }

  one_shot<outcome> hold() override {
    if (*answer_ || std::exchange(is_held_, true))
      return {};
    return make_outcome_handle(
      [to = answer_](outcome x) { *to = std::move(x); }, answer_);
  }

  /// Returns tag and payload, the code of a refusal, or "-".
  std::string answer() const {
    if (!*answer_)
      return is_held_ ? "held" : "-";
    if (const auto* x = std::get_if<wire_value>(&**answer_))
      return static_cast<char>(x->tag) + (';' + x->payload);
    return std::get<refusal>(**answer_).code;
  }

private:
  bool is_held_ = false;
  std::shared_ptr<std::optional<outcome>> answer_
    = std::make_shared<std::optional<outcome>>();
};

struct point {
  int x;
};

[[maybe_unused]] void to_json(nlohmann::json& to, const point& from) {
  to = {{"x", from.x}};
}

[[maybe_unused]] void from_json(const nlohmann::json& from, point& to) {
  from.at("x").get_to(to.x);
}

struct unsendable {};

[[maybe_unused]] void to_json(nlohmann::json&, const unsendable&) {
  throw std::runtime_error{"unsendable"};
}

constexpr event_view number{"n", type_tag::integer, "7"};

struct fixture : test::fixture {
  /// Calls `f` for `x` with a connection.
  /// @returns whether `f` took the value.
  template <class F>
  bool call(F f, requester& from, event_view x = number) {
    auto handler = make_event_handler(std::move(f));
    auto took = false;
    connect_with([&](connection& c) { took = !handler(c, x, from); },
                 "client" + std::to_string(++clients));
    return took;
  }

  /// Returns how `f` answers the request `x`.
  template <class F>
  std::string ask(F f, event_view x = number) {
    fake_request request;
    if (!call(std::move(f), request, x))
      return "invalid";
    return request.answer();
  }

  int clients = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(handler_tests, fixture)

CAF_TEST(a handler without a result leaves the answer to its caller) {
  CAF_CHECK_EQUAL(ask([] {}), "-");
  CAF_CHECK_EQUAL(ask([](connection&, int x) { CAF_CHECK_EQUAL(x, 7); }), "-");
}

CAF_TEST(what a handler returns is the answer) {
  CAF_CHECK_EQUAL(ask([] { return "text"; }), "0;text");
  CAF_CHECK_EQUAL(ask([](int x) { return x + 1; }), "1;8");
  CAF_CHECK_EQUAL(ask([](connection&) { return true; }), "2;true");
  CAF_CHECK_EQUAL(ask([](connection&, int x) { return point{x}; }),
                  R"(4;{"x":7})");
  CAF_CHECK_EQUAL(ask([] { return std::vector{std::byte{'b'}}; }), "3;b");
  CAF_CHECK_EQUAL(ask([] { return nlohmann::json{1, 2}; }), "4;[1,2]");
  CAF_CHECK_EQUAL(ask([] { return std::optional<int>{}; }), "4;null");
  CAF_CHECK_EQUAL(ask([] { return std::optional{3}; }), "1;3");
}

CAF_TEST(a handler may return a reference or a view of its event) {
  const std::string kept = "kept";
  CAF_CHECK_EQUAL(ask([&]() -> const std::string& { return kept; }), "0;kept");
  CAF_CHECK_EQUAL(ask([](std::string_view x) { return x; },
                      {"n", type_tag::string, "echo"}),
                  "0;echo");
}

CAF_TEST(a handler refuses) {
  CAF_CHECK_EQUAL(ask([] { return refuse("full"); }), "full");
  CAF_CHECK_EQUAL(ask([] { return refuse("No code"); }), "failed");
}

CAF_TEST(a handler replies with a value or a refusal) {
  auto halve = [](int x) -> reply<int> {
    if (x % 2 != 0)
      return refuse("odd");
    return x / 2;
  };
  CAF_CHECK_EQUAL(ask(halve), "odd");
  CAF_CHECK_EQUAL(ask(halve, {"n", type_tag::integer, "8"}), "1;4");
  auto check = [](int x) -> reply<void> {
    if (x > 7)
      return refuse("large");
    return {};
  };
  CAF_CHECK_EQUAL(ask(check), "0;");
  CAF_CHECK_EQUAL(ask(check, {"n", type_tag::integer, "8"}), "large");
}

CAF_TEST(a responder answers at once) {
  CAF_CHECK_EQUAL(ask([](const responder<void>& x) { x.answer(); }), "0;");
  CAF_CHECK_EQUAL(ask([](int x, responder<int> y) { y.answer(x); }), "1;7");
  CAF_CHECK_EQUAL(
    ask([](connection&, int x, responder<point>&& y) { y.answer({x}); }),
    R"(4;{"x":7})");
  CAF_CHECK_EQUAL(
    ask([](connection&, responder<int> x) { x.refuse(refuse("full")); }),
    "full");
}

CAF_TEST(a responder answers later) {
  std::optional<responder<int>> later;
  fake_request request;
  CAF_CHECK(call([&](responder<int> x) { later = std::move(x); }, request));
  CAF_CHECK_EQUAL(request.answer(), "held");
  CAF_CHECK(!later->is_gone());
  later->answer(1);
  CAF_CHECK_EQUAL(request.answer(), "1;1");
}

CAF_TEST(a responder that is dropped refuses) {
  CAF_CHECK_EQUAL(ask([](responder<int>) {}), "no_answer");
}

CAF_TEST(a handler that throws refuses by its responder) {
  std::optional<responder<int>> kept;
  fake_request request;
  auto fail = [&](responder<int> x) {
    kept = std::move(x);
    throw std::runtime_error{"oops"};
  };
  auto handler = make_event_handler(fail);
  connect_with([&](connection& c) {
    CAF_CHECK(
      test::throws<std::runtime_error>([&] { handler(c, number, request); }));
  });
  CAF_CHECK_EQUAL(request.answer(), "failed");
}

CAF_TEST(a value that does not fit leaves the request to the caller) {
  fake_request request;
  auto f = [](const std::vector<int>&, responder<int> x) { x.answer(1); };
  CAF_CHECK(!call(f, request));
  CAF_CHECK(!call([](point) { return 1; }, request));
  CAF_CHECK_EQUAL(request.answer(), "-");
}

CAF_TEST(an answer that cannot be encoded is refused) {
  CAF_CHECK_EQUAL(ask([] { return nlohmann::json{{"x", "\xFF"}}; }), "failed");
}

CAF_TEST(the first answer counts) {
  fake_request request;
  CAF_CHECK(call([] {}, request));
  CAF_CHECK(call([] { return 1; }, request));
  CAF_CHECK(call([] { return 2; }, request));
  CAF_CHECK(call([](responder<int> x) { CAF_CHECK(x.is_gone()); }, request));
  CAF_CHECK_EQUAL(request.answer(), "1;1");
}

CAF_TEST(the result is dropped if the event is no request) {
  auto calls = 0;
  CAF_CHECK(call(
    [&](int x) {
      ++calls;
      return x;
    },
    no_request));
  // Is not even encoded.
  CAF_CHECK(call(
    [&] {
      ++calls;
      return unsendable{};
    },
    no_request));
  CAF_CHECK(call(
    [&](responder<int> x) {
      ++calls;
      CAF_CHECK(x.is_gone());
      x.answer(1);
    },
    no_request));
  CAF_CHECK_EQUAL(calls, 3);
}

CAF_TEST(results of handlers of version 1 are dropped) {
  auto alice = connect_with([this](connection& c) {
    c.on("go", [] { return 1; });
    c.on("go", [] { return refuse("full"); });
    c.on("go", [](responder<int> x) { x.answer(1); });
    c.on("go", [this] { note("done"); });
  });
  alice.heard();
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(notes, test::strings{"done"});
  CAF_CHECK(alice.heard().empty());
  CAF_CHECK_EQUAL(server.core->stats.handler_failures, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
