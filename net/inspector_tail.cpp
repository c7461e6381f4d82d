#include "net/inspector_tail.hpp"

#include "troupe/log.hpp"
#include "troupe/server.hpp"

#include <chrono>
#include <utility>

namespace troupe {

using namespace std::chrono_literals;

void inspector_tail::tell(connection& page, const inspected& inspection,
                          const std::string& path, const std::string& room) {
  if (!tail_ || path != path_ || room != room_)
    begin(page, inspection, path, room);
  auto forget = [self = shared_from_this(), which = tail_] {
    if (self->tail_ == which) // else there is a newer one
      self->tail_ = nullptr;
  };
  page.self()
    .request(tail_, 1s, actors::report_tail{})
    .then(
      [&page, path, room, forget](const actors::tail_report& found) {
        auto answer = describe_tail(found);
        answer["server"] = path;
        answer["room"] = room;
        page.emit("tail", answer);
        if (!found.end.empty())
          forget();
      },
      [forget](const caf::error&) { forget(); }); // It was not asked for long.
}

void inspector_tail::end(connection& page) {
  if (tail_)
    page.self().send_exit(std::exchange(tail_, nullptr),
                          caf::exit_reason::user_shutdown);
}

void inspector_tail::begin(connection& page, const inspected& inspection,
                           const std::string& path, const std::string& room) {
  end(page);
  log(log_level::info, {.category = "runtime"},
      "the inspector at " + page.request().remote_address() + " shows room "
        + room + " of " + path);
  path_ = path;
  room_ = room;
  tail_ = actors::spawn_room_tail(
    *inspection.system, inspection.find(path)->registry(), room, page.handle());
}

} // namespace troupe
