#include "net/io/farewell.hpp"

#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// How long a client that was refused may take to read why.
constexpr auto patience = 2s;

} // namespace

farewell::farewell(descriptor socket, worker& home)
  : session{std::move(socket), home} {
}

void farewell::start(std::string last_words) {
  deadline_ = home_.now() + patience;
  stream_.queue(to_slice(std::move(last_words)));
  if (begin(shared_from_this()) && wind_down())
    end();
}

void farewell::on_ready(uint32_t events) {
  note(events);
  if (wind_down())
    end();
}

void farewell::on_tick(time_point now) {
  if (now >= deadline_)
    end();
}

} // namespace troupe::net
