#define CAF_SUITE net.routes

#include "net/http/routes.hpp"

#include "caf/test/dsl.hpp"

#include "troupe/error.hpp"

using namespace troupe;

namespace {

struct fixture {
  caf::error add_page(std::string pattern, std::string_view bytes) {
    return all.add(std::move(pattern), content{bytes, "text/plain"});
  }

  void add(std::string pattern) {
    CAF_CHECK_EQUAL(add_page(std::move(pattern), ""), caf::none);
  }

  /// Returns the pattern that matches `path`; empty if there is none.
  std::string find(std::string_view path) const {
    const auto* found = all.find(path);
    return found == nullptr ? "" : found->pattern;
  }

  net::routes all;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(routes_tests, fixture)

CAF_TEST(the most exact route takes a path) {
  for (auto x : {"/a/*", "/a/b/*", "/a/b/c", "/", "/longer-than-others/*"})
    add(x);
  CAF_CHECK_EQUAL(find("/"), "/");
  CAF_CHECK_EQUAL(find("/a/b/c"), "/a/b/c");
  CAF_CHECK_EQUAL(find("/a/b/d"), "/a/b/*");
  CAF_CHECK_EQUAL(find("/a/b/"), "/a/b/*");
  CAF_CHECK_EQUAL(find("/a/b"), "/a/*");
  CAF_CHECK_EQUAL(find("/a/"), "/a/*");
  CAF_CHECK_EQUAL(find("/a"), "");
  CAF_CHECK_EQUAL(find("/A/b"), "");
  CAF_CHECK_EQUAL(find(""), "");
  CAF_CHECK_EQUAL(find("/a/*"), "/a/*");
}

CAF_TEST(a pattern for all takes what nobody else does) {
  add("/*");
  add("/a");
  CAF_CHECK_EQUAL(find("/a"), "/a");
  CAF_CHECK_EQUAL(find("/b/c"), "/*");
  CAF_CHECK_EQUAL(find("/healthz"), "/healthz");
  CAF_CHECK_EQUAL(find("*"), "");
}

CAF_TEST(a pattern may be spelled in any way) {
  for (auto x : {"/%6Cogin", "/%c3%a4/*", "/a|b", "/s/%2A", "/s/*"})
    add(x);
  CAF_CHECK_EQUAL(find("/login"), "/%6Cogin");
  CAF_CHECK_EQUAL(find("/%C3%A4/x"), "/%C3%A4/*");
  CAF_CHECK_EQUAL(find("/a%7Cb"), "/a|b");
  CAF_CHECK_EQUAL(find("/s/*"), "/s/%2A");
  CAF_CHECK_EQUAL(find("/s/x"), "/s/*");
  CAF_CHECK(add_page("/login", ""));
  CAF_CHECK(add_page("/%C3%a4/*", ""));
}

CAF_TEST(a route has one page) {
  CAF_CHECK(!add_page("/x/*", "one"));
  auto refused = add_page("/x/*", "two");
  CAF_CHECK_EQUAL(refused, make_error(errc::invalid_config));
  CAF_CHECK(what(refused).find("\"/x/*\" has content already")
            != std::string::npos);
  CAF_CHECK_EQUAL(all.find("/x/")->page->bytes, "one");
  CAF_CHECK(!add_page("/healthz", "mine")); // replaces the built-in page
  CAF_CHECK(add_page("/healthz", "mine"));
}

CAF_TEST(what no request matches is no route) {
  for (auto bad : {"", "x", "x/*", "*", "/a?b", "/a#b", "/a b", "/a\n", "/\xe9",
                   "/a*", "/*/a", "/*/*", "/**"})
    CAF_CHECK_EQUAL(add_page(bad, ""), make_error(errc::invalid_config));
  for (auto fine : {"/", "/*", "/a", "/a/", "/a/*", "/%20", "/a.b/~c:d@e"})
    CAF_CHECK_EQUAL(add_page(fine, ""), caf::none);
}

CAF_TEST(pages differ by their tags) {
  net::page one{content{"one", ""}};
  net::page same{content{"one", ""}};
  net::page two{content{"two", ""}};
  CAF_CHECK_EQUAL(one.etag, same.etag);
  CAF_CHECK_NOT_EQUAL(one.etag, two.etag);
  CAF_CHECK(net::matches("\"a\",W/" + one.etag, one.etag));
  CAF_CHECK(!net::matches("", one.etag));
  CAF_CHECK(!net::matches(two.etag, one.etag));
}

CAF_TEST_FIXTURE_SCOPE_END()
