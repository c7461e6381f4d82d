#define CAF_SUITE chat.attendance

#include "chat/attendance.hpp"

#include <caf/test/dsl.hpp>

using namespace chat;

namespace {

attendee guest(std::string who, std::string nick, int64_t since = 1,
               std::string key = "", uint64_t turn = 0) {
  return {std::move(who), std::move(nick), std::move(key), since,
          turn,           {"#tea"}};
}

} // namespace

CAF_TEST(who was first keeps the nickname) {
  CAF_CHECK(outranks(guest("b", "X", 1, "z"), guest("a", "X", 2, "y")));
  CAF_CHECK(!outranks(guest("a", "X", 2, "y"), guest("b", "X", 1, "z")));
}

CAF_TEST(who takes over outranks its former self but nobody before it) {
  auto former = guest("a", "X", 2, "key", 0);
  auto now = guest("b", "X", 2, "key", 1);
  CAF_CHECK(outranks(now, former));
  CAF_CHECK(!outranks(former, now));
  CAF_CHECK(outranks(guest("c", "X", 1, "other"), now));
}

CAF_TEST(a tie is settled the same way everywhere) {
  CAF_CHECK(outranks(guest("a", "X"), guest("b", "X")));
  CAF_CHECK(!outranks(guest("b", "X"), guest("a", "X")));
}

CAF_TEST(a nickname is found whatever its case) {
  attendance all;
  all.put("n1", guest("a", "Jörg", 2));
  all.put("n2", guest("b", "JÖRG", 1));
  CAF_CHECK_EQUAL(all.called("jörg").size(), 2u);
  CAF_CHECK_EQUAL(all.owner_of("jörg")->who, "b");
  all.remove("b");
  CAF_CHECK_EQUAL(all.owner_of("jörg")->who, "a");
  all.put("n1", guest("a", "Else"));
  CAF_CHECK(!all.owner_of("jörg"));
}

CAF_TEST(a directory keeps rooms but is nobody in them) {
  attendance all;
  all.put("n1", {"n1", "", "", 0, 0, {"#tea", "#empty"}});
  all.put("n2", guest("a", "A"));
  CAF_CHECK_EQUAL(all.in("#tea").size(), 1u);
  CAF_CHECK_EQUAL(all.keepers("#tea"), std::set<std::string>{"n1"});
  auto rooms = all.rooms();
  CAF_REQUIRE_EQUAL(rooms.size(), 2u);
  CAF_CHECK_EQUAL(rooms[0].name, "#empty");
  CAF_CHECK_EQUAL(rooms[0].here, 0u);
  CAF_CHECK_EQUAL(rooms[1].here, 1u);
  all.remove("n1");
  CAF_CHECK_EQUAL(all.rooms().size(), 1u);
}
