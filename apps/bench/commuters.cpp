#include "commuters.hpp"

#include "receiving.hpp"

#include <utility>

namespace troupe::bench {

namespace {

/// Time limit for a response or a missing message.
constexpr auto patience = std::chrono::seconds{5};

constexpr auto commute_interval = std::chrono::milliseconds{1};

// Words that a member sends and the server returns when done.
constexpr std::string_view leave_word = "leave";
constexpr std::string_view join_word = "join";

} // namespace

commuters::commuters(const message_format& format, std::size_t senders,
                     double stay, talk by_now)
  : format_{format},
    senders_{senders},
    stay_{stay},
    by_now_{std::move(by_now)} {
}

void commuters::add(client socket, poller& io) {
  io.add(socket.fd(), socket.key());
  auto key = socket.key();
  all_.push_back({std::move(socket), attendance{key, senders_}});
}

void commuters::begin() {
  auto count = static_cast<double>(all_.size());
  for (auto turn = 1.; auto& x : all_)
    x.deadline = in(stay_ * turn++ / count);
}

void commuters::on_ready(std::uint32_t key, std::uint32_t events, poller& io,
                         std::span<char> buffer) {
  auto& who = all_[key - all_.front().socket.key()];
  if (events & EPOLLOUT)
    who.socket.flush(io);
  receive(
    who.socket, format_, buffer,
    [&](const char* message) {
      verify(format_, who.seen, message);
      ++delivered_;
    },
    [&](std::string_view& bytes) { return take_answer(who, bytes, io); });
}

void commuters::on_time(clock::time_point now, poller& io) {
  if (now < next_time_)
    return;
  next_time_ = now + commute_interval;
  for (auto& x : all_)
    if (now >= x.deadline)
      move(x, now, io);
}

std::string commuters::missing() {
  for (auto& x : all_) {
    if (x.where == stage::leaving || x.where == stage::joining)
      return unanswered(x);
    if (x.where == stage::inside)
      x.seen.stays(by_now_());
    if (auto result = x.seen.missing(); !result.empty())
      return result;
  }
  return {};
}

void commuters::move(commuter& who, clock::time_point now, poller& io) {
  switch (who.where) {
    case stage::inside:
      who.seen.will_leave(by_now_());
      say(leave_word, who, io);
      who.where = stage::leaving;
      break;
    case stage::away:
      // Missing messages may still arrive, but must do so before the member
      // joins again.
      if (auto owed = who.seen.missing(); owed.empty()) {
        who.seen.will_join(by_now_());
        say(join_word, who, io);
        who.where = stage::joining;
      } else if (now >= who.deadline + patience) {
        throw violation{owed};
      }
      break;
    case stage::leaving:
    case stage::joining:
      throw violation{unanswered(who)};
  }
}

void commuters::say(std::string_view word, commuter& who, poller& io) {
  std::string frame;
  writer_.append(frame, frame_type::text, word);
  who.socket.send(frame, io);
  who.deadline = clock::now() + patience;
}

/// Removes the response or a control frame from the front of `bytes`.
bool commuters::take_answer(commuter& who, std::string_view& bytes,
                            poller& io) {
  auto word = who.where == stage::leaving ? leave_word : join_word;
  auto is_asked = who.where == stage::leaving || who.where == stage::joining;
  auto answer = std::string{static_cast<char>(frame_type::text),
                            static_cast<char>(word.size())}
                  .append(word);
  if (!is_asked || !answer.starts_with(bytes.substr(0, answer.size())))
    return who.socket.take_control(bytes, io);
  if (bytes.size() < answer.size())
    return false;
  bytes.remove_prefix(answer.size());
  on_answer(who);
  return true;
}

void commuters::on_answer(commuter& who) {
  if (who.where == stage::leaving) {
    who.seen.has_left(by_now_());
    who.where = stage::away;
  } else {
    who.seen.has_joined(by_now_());
    who.where = stage::inside;
    ++returns_;
  }
  who.deadline = in(stay_);
}

std::string commuters::unanswered(const commuter& who) {
  return "member " + std::to_string(who.socket.key()) + " asked to "
         + std::string{who.where == stage::leaving ? leave_word : join_word}
         + " and got no answer";
}

} // namespace troupe::bench
