#define CAF_SUITE net.file_service

#include "net/http/file_service.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/descriptor_hog.hpp"
#include "net/support/scratch_folder.hpp"
#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"
#include "troupe/error.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  fixture() {
    files.write("www/a.txt", "0123456789");
    files.write("www/index.html", "<p>home</p>");
    files.write("www/sub/index.html", "<p>sub</p>");
    files.write("www/empty.bin", "");
    files.write("secret", "secret");
    CAF_REQUIRE(!routes.add("/f/*", files.path("www"), options));
  }

  /// Returns head and body of the response.
  std::string get(std::string_view path, std::string_view fields = "") {
    return client{port}.get(path, fields);
  }

  std::string status_for(std::string_view path, std::string_view fields = "") {
    return status(get(path, fields));
  }

  /// Returns the body of the response with `range`, or its status.
  std::string part(std::string_view range, std::string_view fields = "") {
    auto reply = get("/f/a.txt", "Range: " + std::string{range} + "\r\n"
                                   + std::string{fields});
    return status(reply) + ' ' + field(reply, "Content-Range") + ' '
           + reply.substr(reply.find("\r\n\r\n") + 4);
  }

  scratch_folder files;
  file_options options;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(file_service_tests, fixture)

CAF_TEST(a file comes with all that a browser needs to know) {
  open();
  auto reply = get("/f/a.txt?x=1");
  CAF_CHECK_EQUAL(status(reply), "200");
  CAF_CHECK_EQUAL(field(reply, "Content-Type"), "text/plain; charset=utf-8");
  CAF_CHECK_EQUAL(field(reply, "Content-Length"), "10");
  CAF_CHECK_EQUAL(field(reply, "X-Content-Type-Options"), "nosniff");
  CAF_CHECK_EQUAL(field(reply, "Cache-Control"), "no-cache");
  CAF_CHECK_EQUAL(field(reply, "Accept-Ranges"), "bytes");
  CAF_CHECK_EQUAL(field(reply, "Vary"), "Accept-Encoding");
  CAF_CHECK_EQUAL(field(reply, "Last-Modified").size(), 29u);
  CAF_CHECK(reply.ends_with("\r\n\r\n0123456789"));
}

CAF_TEST(the connection continues after a file) {
  open();
  client peer{port};
  auto head = peer.ask("HEAD /f/a.txt HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(field(head, "Content-Length"), "10");
  CAF_CHECK(peer.get("/f/a.txt").ends_with("0123456789"));
  CAF_CHECK(peer.get("/f/empty.bin").ends_with("\r\n\r\n"));
  CAF_CHECK_EQUAL(status(peer.get("/f/missing")), "404");
  CAF_CHECK(peer.get("/f/").ends_with("<p>home</p>"));
}

CAF_TEST(no spelling of a path leads around a route) {
  files.write("www/a@b", "file");
  files.write("www/a|b", "file");
  for (auto path : {"/f/a.txt", "/f/a@b", "/f/a%7cb"})
    routes.add(path, content{"route", "text/plain"});
  open();
  for (auto path :
       {"/f/a.txt", "/f/%61.txt", "/f/a%2etxt", "/f/a%2Etxt", "/%66/a.txt",
        "/f/a@b", "/f/a%40b", "/f/a|b", "/f/a%7cb", "/f/a%7Cb"})
    CAF_CHECK(get(path).ends_with("\r\n\r\nroute"));
  for (auto path : {"/f%2fa.txt", "/f%2Fa.txt", "/f/%2e/a.txt", "/f/./a.txt",
                    "/f//a.txt", "/f/sub/%2e%2e/a.txt", "/f/sub/../a.txt",
                    "/f/%2561.txt", "/f/a.txt/", "/f/A.TXT"})
    CAF_CHECK_EQUAL(status_for(path), "404");
}

CAF_TEST(a folder is its index) {
  open();
  CAF_CHECK(get("/f/").ends_with("<p>home</p>"));
  CAF_CHECK(get("/f/sub/").ends_with("<p>sub</p>"));
  auto reply = get("/f/sub?a=b");
  CAF_CHECK_EQUAL(status(reply), "308");
  CAF_CHECK_EQUAL(field(reply, "Location"), "/f/sub/?a=b");
  std::filesystem::create_directories(files.path("www/bare"));
  CAF_CHECK_EQUAL(status_for("/f/bare/"), "404");
}

CAF_TEST(nothing else is served) {
  files.write("www/.env", "secret");
  files.write("www/.git/config", "secret");
  files.link("www/out", "../secret");
  files.link("www/up", "..");
  files.link("www/absolute", files.path("secret"));
  open();
  for (std::string_view path : {"/f/../secret",
                                "/f/%2e%2e/secret",
                                "/f/%2e%2e%2fsecret",
                                "/f/sub/../../secret",
                                "/f//a.txt",
                                "/f//",
                                "/f/./a.txt",
                                "/f/%2fetc/passwd",
                                "/f/sub%2findex.html",
                                "/f/a.txt%00",
                                "/f/a.txt%00.html",
                                "/f/.env",
                                "/f/.git/config",
                                "/f/%2eenv",
                                "/f/out",
                                "/f/up/secret",
                                "/f/absolute",
                                "/f/a.txt/",
                                "/f/A.TXT",
                                "/f"}) {
    auto reply = get(path);
    CAF_CHECK_EQUAL(status(reply), "404");
    CAF_CHECK(!contains(reply, "secret"));
  }
  CAF_CHECK_EQUAL(status_for("/f/" + std::string(4000, 'x')), "404");
}

CAF_TEST(a client that has the file gets nothing) {
  open();
  auto reply = get("/f/a.txt");
  auto etag = field(reply, "ETag");
  auto date = field(reply, "Last-Modified");
  auto again = get("/f/a.txt", "If-None-Match: \"x\", " + etag + "\r\n");
  CAF_CHECK_EQUAL(status(again), "304");
  CAF_CHECK_EQUAL(field(again, "ETag"), etag);
  CAF_CHECK_EQUAL(field(again, "Vary"), "Accept-Encoding");
  CAF_CHECK_EQUAL(field(again, "Content-Length"), "");
  auto since = "If-Modified-Since: " + date + "\r\n";
  CAF_CHECK_EQUAL(status_for("/f/a.txt", since), "304");
  CAF_CHECK_EQUAL(status_for("/f/a.txt", since + "If-None-Match: \"x\"\r\n"),
                  "200");
  files.write("www/a.txt", "01234567890");
  CAF_CHECK_EQUAL(status_for("/f/a.txt", "If-None-Match: " + etag + "\r\n"),
                  "200");
}

CAF_TEST(a changed file has another tag although its size is the same) {
  open();
  auto etag = field(get("/f/a.txt"), "ETag");
  auto file = files.path("www/a.txt");
  files.write("www/a.txt", "abcdefghij");
  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file)
                                           + std::chrono::seconds{1});
  CAF_CHECK_NOT_EQUAL(field(get("/f/a.txt"), "ETag"), etag);
}

CAF_TEST(a part of a file is sent) {
  open();
  CAF_CHECK_EQUAL(part("bytes=2-4"), "206 bytes 2-4/10 234");
  CAF_CHECK_EQUAL(part("bytes=8-"), "206 bytes 8-9/10 89");
  CAF_CHECK_EQUAL(part("bytes=-3"), "206 bytes 7-9/10 789");
  CAF_CHECK_EQUAL(part("bytes=9-99999999999999999999"), "206 bytes 9-9/10 9");
  CAF_CHECK_EQUAL(part("bytes=10-"), "416 bytes */10 no such range");
  CAF_CHECK_EQUAL(part("bytes=18446744073709551616-"),
                  "416 bytes */10 no such range");
  for (auto x : {"bytes=0-1,3-4", "bytes=4-2", "lines=1-2", "bytes=x"})
    CAF_CHECK_EQUAL(part(x), "200  0123456789");
  client peer{port};
  auto head = peer.ask(
    "HEAD /f/a.txt HTTP/1.1\r\nHost: x\r\n"
    "Range: bytes=2-4\r\n");
  CAF_CHECK_EQUAL(status(head), "200"); // ranges are for GET
  CAF_CHECK_EQUAL(status_for("/f/empty.bin", "Range: bytes=0-\r\n"), "416");
}

CAF_TEST(a part is sent only of the file that the client knows) {
  open();
  auto reply = get("/f/a.txt");
  auto condition = [](const std::string& x) {
    return "If-Range: " + x + "\r\n";
  };
  auto etag = field(reply, "ETag");
  CAF_CHECK_EQUAL(part("bytes=0-0", condition(etag)), "206 bytes 0-0/10 0");
  CAF_CHECK_EQUAL(part("bytes=0-0", condition(field(reply, "Last-Modified"))),
                  "206 bytes 0-0/10 0");
  for (const auto& x : {"W/" + etag, std::string{"\"x\""},
                        std::string{"Mon, 01 Jan 2001 00:00:00 GMT"}})
    CAF_CHECK_EQUAL(part("bytes=0-0", condition(x)), "200  0123456789");
}

CAF_TEST(a file that was compressed in advance is preferred) {
  files.write("www/x.js", "plain");
  files.write("www/x.js.gz", "gzipped");
  files.write("www/x.js.br", "brotli");
  files.write("www/y.js", "plain");
  files.write("www/y.js.gz", "gzipped");
  std::filesystem::create_directories(files.path("www/y.js.br"));
  files.link("www/a.txt.gz", "../secret");
  open();
  auto coded = [this](std::string_view path, std::string_view accepted) {
    auto reply = get(path,
                     accepted.empty()
                       ? ""
                       : "Accept-Encoding: " + std::string{accepted} + "\r\n");
    CAF_CHECK_EQUAL(field(reply, "Vary"), "Accept-Encoding");
    CAF_CHECK_NOT_EQUAL(field(reply, "Content-Type"),
                        "application/octet-stream");
    return field(reply, "Content-Encoding") + ' '
           + reply.substr(reply.find("\r\n\r\n") + 4);
  };
  CAF_CHECK_EQUAL(coded("/f/x.js", "gzip, deflate, br"), "br brotli");
  CAF_CHECK_EQUAL(coded("/f/x.js", "gzip, br;q=0.9"), "gzip gzipped");
  CAF_CHECK_EQUAL(coded("/f/x.js", "gzip, br;q=0"), "gzip gzipped");
  CAF_CHECK_EQUAL(coded("/f/x.js", "*"), "br brotli");
  CAF_CHECK_EQUAL(coded("/f/x.js", "*;q=0"), " plain");
  CAF_CHECK_EQUAL(coded("/f/x.js", "deflate"), " plain");
  CAF_CHECK_EQUAL(coded("/f/x.js", ""), " plain");
  CAF_CHECK_EQUAL(coded("/f/y.js", "gzip, br"), "gzip gzipped");
  CAF_CHECK_EQUAL(coded("/f/a.txt", "gzip, br"), " 0123456789");
  auto etag = [this](std::string_view fields) {
    return field(get("/f/x.js", fields), "ETag");
  };
  CAF_CHECK_NOT_EQUAL(etag(""), etag("Accept-Encoding: gzip\r\n"));
  CAF_CHECK_NOT_EQUAL(etag("Accept-Encoding: br\r\n"),
                      etag("Accept-Encoding: gzip\r\n"));
}

CAF_TEST(an unknown type is not guessed) {
  files.write("www/x.unknown", "<script>alert(1)</script>");
  open();
  auto reply = get("/f/x.unknown");
  CAF_CHECK_EQUAL(field(reply, "Content-Type"), "application/octet-stream");
  CAF_CHECK_EQUAL(field(reply, "X-Content-Type-Options"), "nosniff");
}

CAF_TEST(responses have the fields of the program) {
  options.fields = {{"Cache-Control", "max-age=60"}, {"X-One", "1"}};
  CAF_REQUIRE(!routes.add("/g/*", files.path("www"), options));
  open();
  auto reply = get("/g/a.txt");
  CAF_CHECK_EQUAL(field(reply, "Cache-Control"), "max-age=60");
  CAF_CHECK_EQUAL(field(reply, "X-One"), "1");
}

// -- large files --------------------------------------------------------------

CAF_TEST(a large file arrives whole while others are served) {
  std::string large;
  while (large.size() < 9 << 20)
    large += std::to_string(large.size()) + ' ';
  files.write("www/large", large);
  open();
  client peer{port};
  peer.send(
    "GET /f/large HTTP/1.1\r\nHost: x\r\n\r\n"
    "GET /f/a.txt HTTP/1.1\r\nHost: x\r\n\r\n"
    "GET /f/large HTTP/1.1\r\nHost: x\r\nRange: bytes=70000-\r\n\r\n");
  CAF_CHECK_EQUAL(status_for("/f/a.txt"), "200");
  CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "200");
  CAF_CHECK(peer.read(large.size()) == large);
  CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "200");
  CAF_CHECK_EQUAL(peer.read(10), "0123456789");
  CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "206");
  CAF_CHECK(peer.read(large.size() - 70000) == large.substr(70000));
}

CAF_TEST(a file that becomes shorter ends the connection) {
  auto large = std::string(16 << 20, 'x');
  files.write("www/large", large);
  open();
  client peer{port, "127.0.0.1", 4096};
  peer.send(
    "GET /f/large HTTP/1.1\r\nHost: x\r\n\r\n"
    "GET /f/a.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  auto head = peer.read_until("\r\n\r\n");
  CAF_CHECK_EQUAL(field(head, "Content-Length"), std::to_string(large.size()));
  std::filesystem::resize_file(files.path("www/large"), 100000);
  auto rest = peer.read_all();
  CAF_CHECK_LESS(rest.size(), large.size());
  CAF_CHECK(!contains(rest, "HTTP/1.1")); // nothing is taken for the rest
}

CAF_TEST(a file that becomes longer or is replaced is sent as it was) {
  auto large = std::string(9 << 20, 'x');
  files.write("www/large", large);
  open();
  client peer{port, "127.0.0.1", 4096};
  peer.send(
    "GET /f/large HTTP/1.1\r\nHost: x\r\n\r\n"
    "GET /f/a.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.read_until("\r\n\r\n");
  files.write("www/next", "next");
  std::filesystem::resize_file(files.path("www/large"), 10 << 20);
  std::filesystem::rename(files.path("www/next"), files.path("www/large"));
  CAF_CHECK(peer.read(large.size()) == large);
  CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "200");
  CAF_CHECK_EQUAL(peer.read(10), "0123456789");
}

CAF_TEST(a client that does not read a file is cut in time) {
  port_cfg.keep_alive_timeout = 200ms;
  files.write("www/large", std::string(16 << 20, 'x'));
  open();
  client peer{port, "127.0.0.1", 4096};
  peer.send("GET /f/large HTTP/1.1\r\nHost: x\r\n\r\n");
  client witness{port}; // not closed before the first should be
  witness.get("/f/a.txt");
  CAF_CHECK_EQUAL(witness.read_all(), "");
  CAF_CHECK_LESS(peer.read_all().size(), size_t{16} << 20);
}

CAF_TEST(a lack of file descriptors is told) {
  if (!has_descriptors_to_lose)
    return;
  net::file_service service{*net::folder::at(files.path("www")), {}};
  request req{"GET /f/a.txt HTTP/1.1\r\n", "/f/*", "::1", 4};
  CAF_CHECK_EQUAL(status(service.respond(req, "a.txt").head), "200");
  descriptor_hog hog;
  CAF_CHECK_EQUAL(status(service.respond(req, "a.txt").head), "503");
}

// -- settings -----------------------------------------------------------------

CAF_TEST(routes to files are checked) {
  auto www = files.path("www");
  auto invalid = make_error(errc::invalid_config);
  CAF_CHECK_EQUAL(routes.add("/f/*", www, {}), invalid); // there is one already
  CAF_CHECK_EQUAL(routes.add("/f", www, {}), invalid);
  CAF_CHECK_EQUAL(routes.add("f/*", www, {}), invalid);
  CAF_CHECK_EQUAL(routes.add("/g/*", files.path("missing"), {}), invalid);
  CAF_CHECK_EQUAL(routes.add("/g/*", www, {.fields = {{"Date", "x"}}}),
                  invalid);
  CAF_CHECK_EQUAL(
    routes.add("/g/*", www,
               {.cors = cors{.origins = {"*"}, .credentials = true}}),
    invalid);
  CAF_CHECK(routes.add("/f/*", content{"page", "text/plain"}));
  CAF_CHECK_EQUAL(routes.add("/*", www, {}), caf::none);
  open();
  CAF_CHECK(get("/").ends_with("<p>home</p>"));
  CAF_CHECK_EQUAL(status_for("//a.txt"), "404");
  CAF_CHECK_EQUAL(status_for("//sub"), "404"); // not a redirect to a host
  CAF_CHECK_EQUAL(status_for("/healthz"), "200");
}

CAF_TEST_FIXTURE_SCOPE_END()
