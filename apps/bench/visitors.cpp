#include "visitors.hpp"

#include "receiving.hpp"

#include <utility>

namespace troupe::bench {

namespace {

/// Time limit for the first message to a visitor, and for the response to its
/// close frame.
constexpr double visitor_timeout_seconds = 5;

constexpr auto visit_interval = std::chrono::milliseconds{1};

} // namespace

visitors::visitors(const endpoint& where, const message_format& format,
                   std::size_t senders, std::uint32_t first_key,
                   std::size_t count, double stay)
  : where_{where},
    format_{format},
    senders_{senders},
    first_key_{first_key},
    stay_{stay},
    all_(count) {
}

void visitors::begin(poller& io) {
  for (auto& x : all_)
    come(x, io);
}

void visitors::come(visitor& who, poller& io) {
  auto key = key_of(who);
  auto says_goodbye = !who.says_goodbye;
  who = {};
  who.says_goodbye = says_goodbye;
  who.coming.emplace(where_, where_.path, key);
  who.seen.emplace(key, 0, senders_, promise::from_join);
  who.deadline = in(visitor_timeout_seconds);
  io.add(who.coming->fd(), key);
}

void visitors::on_ready(std::uint32_t key, std::uint32_t events, poller& io,
                        std::span<char> buffer) {
  auto& who = all_[key - first_key_];
  if (who.coming && who.coming->advance()) {
    who.socket.emplace(who.coming->take());
    who.coming.reset();
  }
  if (!who.socket)
    return;
  if (events & EPOLLOUT)
    who.socket->flush(io);
  hear(who, io, buffer);
}

void visitors::hear(visitor& who, poller& io, std::span<char> buffer) {
  auto before = delivered_;
  try {
    receive(*who.socket, format_, buffer, io, [&](const char* message) {
      verify(format_, *who.seen, message);
      ++delivered_;
    });
  } catch (const ended&) {
    if (!who.is_leaving)
      throw;
    ++visits_;
    come(who, io);
    return;
  }
  if (delivered_ > before && !std::exchange(who.has_heard, true))
    who.deadline = in(stay_);
}

void visitors::on_time(clock::time_point now, poller& io) {
  if (now < next_time_)
    return;
  next_time_ = now + visit_interval;
  for (auto& x : all_)
    if (now >= x.deadline)
      leave(x, io);
}

void visitors::leave(visitor& who, poller& io) {
  auto name = "visitor " + std::to_string(key_of(who));
  if (who.is_leaving)
    throw violation{name + " said goodbye and got no answer"};
  if (!who.has_heard)
    throw violation{name + " heard nothing of what was said in its room"};
  if (who.says_goodbye) {
    who.is_leaving = true;
    who.deadline = in(visitor_timeout_seconds);
    who.socket->say_goodbye(io);
  } else {
    ++visits_;
    come(who, io);
  }
}

void visitors::end() {
  all_.clear();
}

std::uint32_t visitors::key_of(const visitor& who) const {
  return first_key_ + static_cast<std::uint32_t>(&who - all_.data());
}

} // namespace troupe::bench
