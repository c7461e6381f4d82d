#define CAF_SUITE wire.error

#include "troupe/error.hpp"

#include <caf/exit_reason.hpp>
#include <caf/pec.hpp>
#include <caf/sec.hpp>
#include <caf/test/unit_test.hpp>

#include <set>

using namespace troupe;

namespace {

/// A foreign value in an error that cannot even be printed.
struct unprintable {
  [[noreturn]] friend std::string to_string(const unprintable&) {
    throw std::runtime_error{"no"};
  }
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(unprintable)

CAF_TEST(an error is its code in words and its context) {
  CAF_CHECK_EQUAL(what(make_error(errc::invalid_event_name)),
                  "invalid event name");
  CAF_CHECK_EQUAL(what(make_error(errc::cannot_listen, "port 80")),
                  "cannot listen: port 80");
  caf::error from_code = errc::id_taken;
  CAF_CHECK_EQUAL(what(from_code), "another connection has this id");
}

CAF_TEST(errors compare by their code) {
  auto err = make_error(errc::slow_receiver, "somebody");
  CAF_CHECK(err == errc::slow_receiver);
  CAF_CHECK(err == make_error(errc::slow_receiver));
  CAF_CHECK(err != errc::pong_timeout);
  // Same number, another category.
  CAF_CHECK(err != caf::make_error(static_cast<caf::sec>(err.code())));
}

CAF_TEST(every code has words of its own) {
  std::set<std::string> seen;
  constexpr auto last = static_cast<uint8_t>(errc::refused);
  for (uint8_t code = 1; code <= last; ++code)
    seen.insert(to_string(static_cast<errc>(code)));
  CAF_CHECK_EQUAL(seen.size(), size_t{last});
  CAF_CHECK_EQUAL(seen.count("unknown error"), 0u);
  CAF_CHECK_EQUAL(to_string(static_cast<errc>(last + 1)),
                  std::string{"unknown error"});
}

CAF_TEST(C39 a down tells how a connection ended) {
  auto back = to_close_info(
    to_down_reason({close_code::policy_violation, "out", true, {}}));
  CAF_CHECK(back.code == close_code::policy_violation);
  CAF_CHECK_EQUAL(back.reason, "out");
  CAF_CHECK(!back.cause);
  auto dead = to_down_reason(
    {close_code::abnormal, "", false, make_error(errc::pong_timeout, "p1")});
  CAF_CHECK(dead == errc::pong_timeout);
  CAF_CHECK(to_close_info(dead).code == close_code::abnormal);
  CAF_CHECK(to_close_info(dead).cause == errc::pong_timeout);
  CAF_CHECK_EQUAL(what(to_down_reason({close_code{4001}, "bye", false, {}})),
                  "closed: 4001 bye");
  // No reason is CAF's normal end, which does not spread over links.
  for (auto code : {close_code::normal, close_code::no_status}) {
    CAF_CHECK(!to_down_reason({code, "", true, {}}));
    CAF_CHECK(to_close_info({}).code == close_code::normal);
  }
  auto killed = to_close_info(caf::make_error(caf::exit_reason::kill));
  CAF_CHECK(killed.code == close_code::abnormal);
  CAF_CHECK(killed.cause == caf::make_error(caf::exit_reason::kill));
}

CAF_TEST(errors of CAF read like ours) {
  using caf::make_error;
  CAF_CHECK_EQUAL(what(make_error(caf::sec::runtime_error, "boom")),
                  "runtime_error: boom");
  CAF_CHECK_EQUAL(what(make_error(caf::sec::request_timeout)),
                  "request_timeout");
  CAF_CHECK_EQUAL(what(make_error(caf::exit_reason::kill)), "kill");
  CAF_CHECK_EQUAL(what(make_error(caf::pec::trailing_character)),
                  "trailing_character");
}

CAF_TEST(what is total) {
  CAF_CHECK_EQUAL(what({}), "no error");
  CAF_CHECK_EQUAL(what({7, caf::atom("foreign")}), "foreign error 7");
  CAF_CHECK_EQUAL(what({7, caf::atom("foreign"), caf::make_message(1, "x")}),
                  "foreign error 7: (1, \"x\")");
  for (auto category : {"troupe", "system", "exit", "parser"})
    for (auto code : {0, 200, 255}) {
      caf::error err{static_cast<uint8_t>(code),
                     caf::atom_from_string(category)};
      CAF_CHECK(!what(err).empty());
    }
  caf::error odd{7, caf::atom("foreign"), caf::make_message(unprintable{})};
  CAF_CHECK_EQUAL(what(odd), "foreign error 7");
}
