#define CAF_SUITE net.media_type

#include "net/http/media_type.hpp"

#include "caf/test/dsl.hpp"

using troupe::net::media_type;

CAF_TEST(the extension of a file names its type) {
  CAF_CHECK_EQUAL(media_type("a.html"), "text/html; charset=utf-8");
  CAF_CHECK_EQUAL(media_type("a/b.min.js"), "text/javascript; charset=utf-8");
  CAF_CHECK_EQUAL(media_type("A.PNG"), "image/png");
  CAF_CHECK_EQUAL(media_type("a.tar.gz"), "application/gzip");
}

CAF_TEST(another extension is that of some bytes) {
  for (auto x : {"", "a", "a.", "a.xyz", "html", "a.html~"})
    CAF_CHECK_EQUAL(media_type(x), "application/octet-stream");
}
