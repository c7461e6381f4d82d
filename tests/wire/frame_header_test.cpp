#define CAF_SUITE wire.frame_header

#include "base/frame_header.hpp"

#include "caf/test/dsl.hpp"

#include "troupe/frame.hpp"

#include <string>

using namespace troupe;
using namespace troupe::base;

CAF_TEST(a frame is found among others) {
  for (size_t size : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 70000u}) {
    auto message = frame::text(std::string(size, 'x'));
    auto bytes = std::string{message.wire().bytes};
    auto found = first_frame(bytes + "another");
    CAF_CHECK_EQUAL(found.bytes.size(), bytes.size());
    CAF_CHECK_EQUAL(found.payload.size(), size);
    CAF_CHECK_EQUAL(header_size(size) + size, bytes.size());
  }
}

CAF_TEST(a header is written with its flags) {
  std::string out(10, '\0');
  auto* end = write_header(out.data(), 0xc2, 65536);
  CAF_CHECK_EQUAL(end - out.data(), 10);
  CAF_CHECK(out == std::string("\xc2\x7f\0\0\0\0\0\1\0\0", 10));
}
