#include "net/io/lingering_close.hpp"

#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// Time limit for a refused client to read the response.
constexpr auto patience = 2s;

} // namespace

lingering_close::lingering_close(transport connection, worker& event_loop)
  : session{std::move(connection), event_loop} {
}

void lingering_close::start(std::string last_words) {
  deadline_ = loop_.now() + patience;
  stream_.queue(to_slice(std::move(last_words)));
  if (begin(shared_from_this()) && wind_down())
    end();
}

void lingering_close::on_ready(uint32_t events) {
  note(events);
  if (wind_down())
    end();
}

void lingering_close::on_tick(time_point now) {
  if (now >= deadline_)
    end();
}

} // namespace troupe::net
