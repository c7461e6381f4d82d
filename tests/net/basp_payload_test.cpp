#define CAF_SUITE net.basp_payload

#include "net/basp/basp_payload.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/node.hpp"
#include "troupe/messages.hpp"

#include <caf/binary_serializer.hpp>
#include <caf/io/basp/message_type.hpp>

#include <array>
#include <string>
#include <vector>

using namespace troupe;
using caf::io::basp::message_type;

namespace {

using bytes = std::vector<char>;

/// Returns the harm of a header with these fields, in words.
/// @param id the first byte of the message's id.
std::string harm_of_header(message_type operation, int payload, int id = 0) {
  std::array<unsigned char, 32> header{};
  header[0] = static_cast<unsigned char>(operation);
  header[7] = static_cast<unsigned char>(payload);
  header[8] = static_cast<unsigned char>(id);
  return net::harm_in_header(header.data());
}

struct fixture {
  /// Returns `xs` as the payload that follows a header.
  template <class... Ts>
  bytes pack(const Ts&... xs) {
    bytes result;
    caf::binary_serializer sink{here.sys, result};
    if (auto err = sink(xs...))
      CAF_FAIL(what(err));
    return result;
  }

  std::string harm(const bytes& x,
                   message_type operation = message_type::direct_message) {
    return net::harm_in(here.sys, static_cast<unsigned char>(operation),
                        x.data(), x.size());
  }

  /// Returns a message that is nested in `depth` others.
  caf::message nested(int depth) {
    auto result = caf::make_message(msg::leave_all{});
    for (auto i = 0; i < depth; ++i)
      result = caf::make_message(msg::forward{"id", result});
    return result;
  }

  test::node here;
  std::vector<caf::strong_actor_ptr> stages;
};

constexpr auto too_deep = "is nested too deeply";

} // namespace

CAF_TEST_FIXTURE_SCOPE(basp_payload_tests, fixture)

CAF_TEST(messages of every day do no harm) {
  auto who = caf::actor_cast<caf::strong_actor_ptr>(here.entrance);
  std::vector<connection_info> xs(1000, {"id", here.entrance});
  for (const auto& x :
       {caf::make_message(), caf::make_message(std::string(100'000, 'x')),
        caf::make_message(xs), caf::make_message(std::vector<char>(1000)),
        caf::make_message(caf::make_message(xs), make_error(errc::closed)),
        nested(3)})
    CAF_CHECK_EQUAL(harm(pack(std::vector{who, who}, x)), "");
}

CAF_TEST(handles of other nodes are read and not kept) {
  test::node there;
  auto x = caf::make_message(connection_info{"id", there.entrance});
  CAF_CHECK_EQUAL(harm(pack(stages, x)), "");
}

CAF_TEST(nesting has a bound) {
  CAF_CHECK_EQUAL(harm(pack(stages, nested(20))), "");
  CAF_CHECK_EQUAL(harm(pack(stages, nested(2000))), too_deep);
}

CAF_TEST(every operation that carries values is read) {
  auto id = here.sys.node();
  CAF_CHECK_EQUAL(harm(pack(id, id, stages, nested(2000)),
                       message_type::routed_message),
                  too_deep);
  auto reason = caf::error{1, caf::atom("x"), nested(2000)};
  CAF_CHECK_EQUAL(harm(pack(id, id, reason), message_type::down_message),
                  too_deep);
  CAF_CHECK_EQUAL(harm(pack(id, id), message_type::monitor_message), "");
}

CAF_TEST(nobody announces more elements than can follow) {
  auto x = pack(stages, caf::make_message(std::vector<char>(16)));
  x.resize(x.size() - 17); // the bytes and their number
  auto huge = x;
  for (auto byte : {0xff, 0xff, 0xff, 0x7f})
    huge.push_back(static_cast<char>(byte));
  CAF_CHECK_EQUAL(harm(huge), "announces 268435455 elements and has 0 bytes");
}

CAF_TEST(headers of every day do no harm) {
  // A dialing node repeats its handshake.
  for (auto operation :
       {message_type::client_handshake, message_type::direct_message,
        message_type::routed_message, message_type::monitor_message,
        message_type::down_message})
    CAF_CHECK_EQUAL(harm_of_header(operation, 9), "");
  CAF_CHECK_EQUAL(harm_of_header(message_type::heartbeat, 0), "");
  // Requests, responses and other messages, urgent or not.
  for (auto id : {0x00, 0x10, 0x40, 0x80, 0x90, 0xd0})
    CAF_CHECK_EQUAL(harm_of_header(message_type::direct_message, 9, id), "");
}

CAF_TEST(a header that BASP does not survive does harm) {
  for (auto operation :
       {message_type::server_handshake, message_type::client_handshake,
        message_type::direct_message, message_type::routed_message,
        message_type::monitor_message, message_type::down_message})
    CAF_CHECK_EQUAL(harm_of_header(operation, 0), "is empty");
  for (auto id : {0x20, 0x30, 0xa0, 0xf0})
    for (auto operation :
         {message_type::direct_message, message_type::routed_message})
      CAF_CHECK_EQUAL(harm_of_header(operation, 9, id), "is one of a stream");
}

CAF_TEST(what makes no sense is left to BASP) {
  CAF_CHECK_EQUAL(harm({}), "");
  CAF_CHECK_EQUAL(harm(bytes(100, 'x')), "");
  auto x = pack(stages, nested(1));
  x.resize(x.size() / 2);
  CAF_CHECK_EQUAL(harm(x), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
