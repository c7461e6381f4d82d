#define CAF_SUITE net.request_target

#include "base/request_target.hpp"

#include "caf/test/dsl.hpp"

#include <string_view>

using namespace troupe::base;

namespace {

struct sample {
  std::string_view target;
  std::string_view path_and_query;
  std::string_view authority;
};

} // namespace

CAF_TEST(an absolute URL names its host) {
  for (auto x : {
         sample{"http://a.example/b?c=d", "/b?c=d", "a.example"},
         sample{"HTTPS://[::1]:80/b", "/b", "[::1]:80"},
         sample{"http://a.example", "/", "a.example"},
         sample{"http://a.example?c=/d", "?c=/d", "a.example"},
         sample{"http://user@a.example/", "/", "user@a.example"},
         sample{"http:///b", "/b", ""},
         sample{"http://", "/", ""},
       }) {
    CAF_CHECK_EQUAL(origin_form(x.target), x.path_and_query);
    CAF_REQUIRE(authority_of(x.target));
    CAF_CHECK(*authority_of(x.target) == x.authority);
  }
}

CAF_TEST(other targets name none) {
  for (std::string_view x : {"/", "/a?b=http://c.example/", "//c.example/", "*",
                             "c.example:80", ""}) {
    CAF_CHECK_EQUAL(origin_form(x), x);
    CAF_CHECK(!authority_of(x));
  }
}
