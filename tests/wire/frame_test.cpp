#define CAF_SUITE wire.frame

#include "troupe/frame.hpp"

#include "troupe/codec.hpp"

#include <caf/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <vector>

using namespace troupe;
using namespace std::string_view_literals;

// -- counting allocations -----------------------------------------------------

namespace {

thread_local size_t allocations = 0;

template <class F>
size_t allocations_of(F f) {
  auto before = allocations;
  f();
  return allocations - before;
}

} // namespace

// Not inlined: GCC takes `free` for a mismatch once it sees only one of them.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (auto* result = std::malloc(size == 0 ? 1 : size))
    return result;
  throw std::bad_alloc{};
}

[[gnu::noinline]] void operator delete(void* ptr) noexcept {
  std::free(ptr);
}

[[gnu::noinline]] void operator delete(void* ptr, size_t) noexcept {
  std::free(ptr);
}

// -- tests --------------------------------------------------------------------

CAF_TEST(C57 the header is what a server sends by RFC 6455) {
  auto header = [](size_t size) {
    auto x = frame::binary(std::string(size, 'x'));
    auto bytes = x.wire().bytes;
    CAF_CHECK_EQUAL(x.payload(), std::string(size, 'x'));
    CAF_CHECK_EQUAL(bytes.substr(bytes.size() - size), x.payload());
    return std::string{bytes.substr(0, bytes.size() - size)};
  };
  CAF_CHECK_EQUAL(header(0), "\x82\x00"sv);
  CAF_CHECK_EQUAL(header(1), "\x82\x01"sv);
  CAF_CHECK_EQUAL(header(125), "\x82\x7d"sv);
  CAF_CHECK_EQUAL(header(126), "\x82\x7e\x00\x7e"sv);
  CAF_CHECK_EQUAL(header(0x1234), "\x82\x7e\x12\x34"sv);
  CAF_CHECK_EQUAL(header(0xffff), "\x82\x7e\xff\xff"sv);
  CAF_CHECK_EQUAL(header(0x10000), "\x82\x7f\0\0\0\0\0\x01\0\0"sv);
  CAF_CHECK_EQUAL(header(0x123456), "\x82\x7f\0\0\0\0\0\x12\x34\x56"sv);
  auto text = frame::text("hi");
  CAF_CHECK_EQUAL(text.wire().bytes, "\x81\x02hi"sv);
}

CAF_TEST(text and binary are different messages) {
  CAF_CHECK(!frame::text("x").is_binary());
  CAF_CHECK(frame::binary("x").is_binary());
  CAF_CHECK(frame::text("x") == frame::text("x"));
  CAF_CHECK(!(frame::text("x") == frame::binary("x")));
  CAF_CHECK(!(frame::text("x") == frame::text("y")));
}

CAF_TEST(C53 automatic takes binary for what is no UTF-8) {
  auto is_text = [](std::string_view x) {
    return !frame::automatic(x).is_binary();
  };
  CAF_CHECK(is_text(""));
  CAF_CHECK(is_text("plain text of more than eight bytes"));
  CAF_CHECK(is_text("\0\x7f"sv));
  // First and last of each length, and the borders of the surrogates.
  for (auto x :
       {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    for (size_t offset = 0; offset < 10; ++offset)
      CAF_CHECK(is_text(std::string(offset, 'x') + x + x + "x" + x));
  for (auto x : {"\x80",
                 "\xbf",
                 "\xc0\x80",
                 "\xc1\xbf",
                 "\xc2",
                 "\xc2\xc2\x80",
                 "\xe0",
                 "\xe0\x80\x80",
                 "\xe0\x9f\xbf",
                 "\xe2\x82",
                 "\xe2\x82y",
                 "\xed\xa0\x80",
                 "\xed\xbf\xbf",
                 "\xf0\x8f\xbf\xbf",
                 "\xf0\x90\x80",
                 "\xf4\x90\x80\x80",
                 "\xf5\x80\x80\x80",
                 "\xf8\x88\x80\x80\x80",
                 "\xfe",
                 "\xff"})
    for (size_t offset = 0; offset < 10; ++offset) {
      CAF_CHECK(!is_text(std::string(offset, 'x') + x));
      CAF_CHECK(
        !is_text(std::string(offset, 'x') + x + "after it, plain text"));
      CAF_CHECK(!is_text("€" + std::string(offset + 1, 'x') + x));
    }
}

CAF_TEST(the default is an empty text message) {
  frame x;
  CAF_CHECK_EQUAL(x.payload(), ""sv);
  CAF_CHECK(!x.is_binary());
  CAF_CHECK_EQUAL(x.wire().bytes, "\x81\x00"sv);
  CAF_CHECK_EQUAL(x.wire().messages, 1u);
  CAF_CHECK(x == frame::text(""));
  CAF_CHECK_EQUAL(allocations_of([] { frame y; }), 0u);
}

CAF_TEST(a frame that was moved from is an empty text message) {
  auto x = frame::binary("payload");
  auto y = std::move(x);
  CAF_CHECK(x == frame{});
  CAF_CHECK(y == frame::binary("payload"));
  x = std::move(y);
  CAF_CHECK(y == frame{});
  CAF_CHECK_EQUAL(y.wire().bytes, frame{}.wire().bytes);
  CAF_CHECK(x == frame::binary("payload"));
  auto& same = x;
  x = std::move(same);
  CAF_CHECK(x == frame::binary("payload"));
  x = same;
  CAF_CHECK(x == frame::binary("payload"));
}

CAF_TEST(a slice keeps its bytes alive) {
  slice bytes;
  {
    auto x = frame::text("payload");
    bytes = x.wire();
  }
  CAF_CHECK_EQUAL(bytes.bytes, "\x81\x07payload"sv);
}

CAF_TEST(concat joins its parts) {
  auto x = frame::concat(true, {"a", "", "bc"});
  CAF_CHECK(x == frame::binary("abc"));
  CAF_CHECK(frame::concat(false, {}) == frame{});
}

CAF_TEST(C57 a message is one block which copies share) {
  auto payload = std::string(1000, 'x');
  frame x;
  CAF_CHECK_EQUAL(allocations_of([&] { x = frame::text(payload); }), 1u);
  frame y;
  CAF_CHECK_EQUAL(allocations_of([&] { y = x; }), 0u);
  CAF_CHECK_EQUAL(y.payload().data(), x.payload().data());
  CAF_CHECK_EQUAL(x.wire().owner.get(), x.wire().bytes.data());
  CAF_CHECK_EQUAL(x.wire().owner.use_count(), 3); // x, y and the slice itself
}

CAF_TEST(C57 an event is parsed without and encoded with one allocation) {
  auto payload = std::string(1000, 'x');
  auto message = "m:chat;0;" + payload;
  CAF_CHECK_EQUAL(allocations_of([&] { //
                    CAF_CHECK(parse(message, "m:").engaged());
                  }),
                  0u);
  event_view x{"chat", type_tag::string, payload};
  CAF_CHECK_EQUAL(allocations_of([&] { (void) encode(x, "m:"); }), 1u);
  auto data = to_wire(nlohmann::json{{"a", payload}});
  CAF_CHECK_EQUAL(allocations_of([&] { (void) encode("chat", data, "m:"); }),
                  1u);
}

CAF_TEST(C57 eight threads that share one message all see its bytes) {
  auto payload = std::string(4096, 'x');
  auto shared = frame::text(payload);
  std::atomic<size_t> intact = 0;
  std::vector<std::thread> threads;
  for (auto i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (auto j = 0; j < 1000; ++j) {
        auto copy = shared;
        auto other = encode(event_view{"chat", type_tag::string, payload},
                            "m:");
        if (copy.payload() == payload && other->payload().substr(9) == payload)
          ++intact;
      }
    });
  for (auto& x : threads)
    x.join();
  CAF_CHECK_EQUAL(intact.load(), 8000u);
}
CAF_TEST(a frame is read back from its wire without a copy) {
  for (size_t size : {0, 1, 125, 126, 65535, 65536}) {
    auto x = frame::binary(std::string(size, 'x'));
    auto wire = x.wire();
    auto y = frame::from_wire(wire.owner, wire.bytes);
    CAF_REQUIRE(y);
    CAF_CHECK(*y == x);
    CAF_CHECK(y->wire().bytes.data() == wire.bytes.data());
    for (size_t cut = 0; cut < std::min(wire.bytes.size(), size_t{12}); ++cut)
      CAF_CHECK(!frame::from_wire(wire.owner, wire.bytes.substr(0, cut)));
    if (size > 0) {
      auto shorter = wire.bytes.substr(0, wire.bytes.size() - 1);
      CAF_CHECK(!frame::from_wire(wire.owner, shorter));
    }
  }
}

CAF_TEST(what is no whole data frame of a server is none) {
  using namespace std::string_view_literals;
  for (auto bytes :
       {"\x01\x00"sv, "\x88\x00"sv, "\x81\x80\0\0\0\0"sv, "\xc1\x00"sv,
        "\x80\x00"sv, "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"sv})
    CAF_CHECK(!frame::from_wire(nullptr, bytes));
}
