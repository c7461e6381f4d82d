#define CAF_SUITE actors.wire_batch

#include "actors/cluster/wire_batch.hpp"

#include <caf/test/unit_test.hpp>

#include <random>
#include <tuple>
#include <vector>

using namespace troupe;
using namespace troupe::actors;

namespace {

using item = std::tuple<recipient, uint64_t, frame>;

struct fixture {
  /// @returns whether `bytes` are a valid wire batch; stores its content in
  ///          `items`.
  bool read(std::string bytes) {
    items.clear();
    auto shared = std::make_shared<const std::string>(std::move(bytes));
    return read_wire_batch(shared, [&](const recipient& to, batch::entry x) {
      CAF_CHECK(x.from_remote);
      CAF_CHECK(!x.skip_sender);
      items.emplace_back(to, x.from, x.message);
    });
  }

  wire_batch_writer writer;
  std::vector<item> items;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(wire_batch_tests, fixture)

CAF_TEST(messages come out as they went in) {
  std::vector<item> in{
    {recipient::room("lobby"), 7, frame::text("hello")},
    {recipient::room("lobby"), 8, frame::binary(std::string(70000, '\xff'))},
    {all, 7, frame::text("")},
    {recipient::connection("p1"), 0, frame::text(std::string(200, 'x'))},
    {recipient::room("lobby"), ~uint64_t{0}, frame::text("again")}};
  for (const auto& [to, from, message] : in)
    writer.add(to, from, message);
  CAF_CHECK_EQUAL(writer.count(), 5u);
  CAF_CHECK(read(writer.take()));
  CAF_CHECK(items == in);
  CAF_CHECK_EQUAL(writer.count(), 0u);
  CAF_CHECK_EQUAL(writer.size(), 0u);
}

CAF_TEST(a name is written once for a run of messages) {
  std::string name(100, 'n');
  for (int i = 0; i < 100; ++i)
    writer.add(recipient::room(name), 1, frame::text("hi"));
  CAF_CHECK_LESS(writer.size(), 2000u);
}

CAF_TEST(messages outlive the wire_batch that they came in) {
  writer.add(recipient::room("lobby"), 1, frame::text("hello"));
  read(writer.take());
  auto x = std::get<frame>(items.at(0));
  items.clear();
  CAF_CHECK_EQUAL(x.payload(), "hello");
}

CAF_TEST(what was cut off or is no wire_batch is noticed) {
  writer.add(recipient::room("lobby"), 1, frame::text("hello"));
  writer.add(recipient::connection("p1"), 2,
             frame::text(std::string(300, 'x')));
  auto whole = writer.take();
  CAF_REQUIRE(read(whole));
  size_t after_first = 1 + 1 + 4 + 5 + 1 + 8 + 2 + 5;
  size_t with_second_address = after_first + 1 + 1 + 4 + 2;
  for (size_t size = 1; size < whole.size(); ++size) {
    bool is_wire_batch = size == after_first || size == with_second_address
                         || size == 1 + 1 + 4 + 5;
    if (read(whole.substr(0, size)) != is_wire_batch)
      CAF_FAIL("cut to " << size << " bytes");
  }
  CAF_CHECK(!read("x"));
  CAF_CHECK(!read(std::string{"\x01\x07\0\0\0\0", 6})); // no such scope
  CAF_CHECK(!read(std::string{"\x02", 1} + std::string(8, '\0') + "\x81"));
  CAF_CHECK(read("")); // an empty batch is valid
}

CAF_TEST(no bytes are too wild to be looked at) {
  std::mt19937 random{1};
  writer.add(recipient::room("lobby"), 1, frame::text("hello"));
  writer.add(all, 1, frame::text(std::string(200, 'x')));
  auto whole = writer.take();
  for (int i = 0; i < 20000; ++i) {
    auto bytes = whole;
    for (auto n = random() % 4 + 1; n > 0; --n)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    read(bytes); // checked by the sanitizers
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
