#define CAF_SUITE net.deflate_offer

#include "net/wire/deflate_offer.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe::net;

namespace {

bool offers_deflate(std::string_view fields) {
  return accept_deflate(fields).has_value();
}

} // namespace

CAF_TEST(C13 what clients offer is taken) {
  for (auto x : {
         "permessage-deflate",
         "permessage-deflate; client_max_window_bits", // browsers
         "permessage-deflate; client_max_window_bits=15",
         "permessage-deflate;client_max_window_bits=8",
         "permessage-deflate; server_no_context_takeover; "
         "client_no_context_takeover", // the original's client
         "permessage-deflate; server_max_window_bits=15",
         "permessage-deflate; server_max_window_bits=\"15\"",
         "permessage-deflate; server_max_window_bits=\"1\\5\"",
         "permessage-deflate ; client_max_window_bits = \"10\" ",
       })
    CAF_CHECK(offers_deflate(x));
}

CAF_TEST(C13 the first offer that can be served counts) {
  for (auto x : {
         "permessage-deflate; server_max_window_bits=8, permessage-deflate",
         "permessage-deflate; unknown, permessage-deflate",
         "permessage-bzip2, permessage-deflate",
         "x; a=\"b;c,d\", permessage-deflate",
         "permessage-deflate, permessage-deflate; server_max_window_bits=10",
         ", , permessage-deflate,",
       })
    CAF_CHECK_EQUAL(offers_deflate(x), x[0] != 'x'); // b;c,d is not a token
}

CAF_TEST(C13 a window that the client asks for is agreed on) {
  constexpr auto plain
    = "permessage-deflate; server_no_context_takeover; "
      "client_no_context_takeover";
  auto answer = [](std::string_view fields) {
    auto terms = accept_deflate(fields);
    return terms ? terms->answer() : "";
  };
  CAF_CHECK_EQUAL(answer("permessage-deflate"), plain);
  CAF_CHECK_EQUAL(answer("permessage-deflate; client_max_window_bits"), plain);
  CAF_CHECK_EQUAL(answer("permessage-deflate; client_max_window_bits=9"),
                  plain);
  for (auto bits = 9; bits <= 15; ++bits) {
    auto wanted = "; server_max_window_bits=" + std::to_string(bits);
    auto fields = "permessage-deflate" + wanted + "; client_max_window_bits";
    CAF_CHECK_EQUAL(answer(fields), plain + wanted);
    CAF_CHECK(accept_deflate(fields) == (deflate_terms{bits, true}));
  }
  CAF_CHECK_EQUAL(answer("permessage-deflate; server_max_window_bits=8, "
                         "permessage-deflate; server_max_window_bits=\"12\", "
                         "permessage-deflate"),
                  plain + std::string{"; server_max_window_bits=12"});
}

CAF_TEST(a list of extensions is told from other text) {
  for (auto good : {"", " ", ",", "a", "a;b", "a; b=1; c=\"d\"", "a, b", "a,,b",
                    "permessage-deflate; server_max_window_bits=99"})
    if (!is_extension_list(good))
      CAF_ERROR("refused: " << good);
  for (auto bad :
       {"a b", ";", "a;", "a;;b", "a;=1", "a;b=", "a;b=\"", "a=1",
        "a;b=\"c d\"", "a/b", "\"a\"", "permessage-deflate, =", "a\x01"})
    if (is_extension_list(bad))
      CAF_ERROR("accepted: " << bad);
}

CAF_TEST(C13 an offer that is invalid or not for us is declined) {
  for (auto x : {
         "",
         " ",
         "permessage-deflat",
         "x-webkit-deflate-frame",
         "permessage-deflate; server_max_window_bits",
         "permessage-deflate; server_max_window_bits=7",
         "permessage-deflate; server_max_window_bits=8", // zlib cannot
         "permessage-deflate; server_max_window_bits=09",
         "permessage-deflate; server_max_window_bits=-9",
         "permessage-deflate; server_max_window_bits=1",
         "permessage-deflate; server_max_window_bits=150",
         "permessage-deflate; server_max_window_bits=16",
         "permessage-deflate; server_max_window_bits=015",
         "permessage-deflate; server_max_window_bits=+15",
         "permessage-deflate; client_max_window_bits=7",
         "permessage-deflate; client_max_window_bits=99",
         "permessage-deflate; client_max_window_bits=010",
         "permessage-deflate; client_max_window_bits=abc",
         "permessage-deflate; client_max_window_bits=",
         "permessage-deflate; client_max_window_bits=\"\"",
         "permessage-deflate; client_max_window_bits=\"10",
         "permessage-deflate; client_max_window_bits=\"10\\",
         "permessage-deflate; client_max_window_bits; client_max_window_bits",
         "permessage-deflate; client_max_window_bits=9; "
         "client_max_window_bits=9",
         "permessage-deflate; server_no_context_takeover=1",
         "permessage-deflate; client_no_context_takeover=true",
         "permessage-deflate; unknown",
         "permessage-deflate; unknown=1",
         "permessage-deflate;",
         "permessage-deflate; =15",
         "permessage-deflate client_max_window_bits",
         "permessage-deflate/",
         "\"permessage-deflate\"",
       })
    if (offers_deflate(x))
      CAF_ERROR("taken: " << x);
}
