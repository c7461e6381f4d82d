#include "traffic.hpp"

#include "receiving.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace troupe::bench {

namespace {

/// Time for members to join, since a server may respond to the upgrade before
/// the member has joined its room.
constexpr double joining_seconds = 0.3;

/// Time limit for missing messages after the last one was sent.
constexpr double drain_seconds = 10;

/// Time to look for duplicate messages.
constexpr double surplus_seconds = 0.2;

/// Time without further messages after which the idler has read everything.
constexpr double idler_seconds = 0.3;

std::uint64_t nanoseconds_between(clock::time_point begin,
                                  clock::time_point end) {
  auto x = std::chrono::nanoseconds{end - begin}.count();
  return static_cast<std::uint64_t>(std::max(x, decltype(x){0}));
}

} // namespace

// -- running ------------------------------------------------------------------

traffic::traffic(const options& opts, crowd who)
  : opts_{opts},
    who_{who},
    format_{opts.payload, opts.url.speaks},
    buffer_(read_size) {
  auto count = who.rooms * who.members;
  auto here = count + who.commuters;
  auto per_room = who.rooms > 1 && who.members > 1 ? who.members : here;
  auto others = who.visitors + (who.has_idler ? 1 : 0);
  allow_sockets(here + others, opts.server_pid);
  if (opts.second_pid)
    allow_sockets(here + others, opts.second_pid);
  members_.reserve(count + others);
  if (who.commuters > 0)
    commuters_.emplace(format_, who.senders, opts.stay,
                       [this] { return said_by_now(); });
  std::vector<endpoint> nodes{opts.url};
  if (opts.second_url)
    nodes.push_back(*opts.second_url);
  for (auto& socket : open_clients(nodes, here, per_room, opts.concurrency)) {
    auto key = socket.key();
    if (key >= count) {
      commuters_->add(std::move(socket), io_);
      continue;
    }
    auto first = static_cast<std::uint32_t>(key - key % who.members);
    io_.add(socket.fd(), key);
    members_.push_back(
      {std::move(socket), ledger{key, first, who.senders, promise::all}});
  }
  auto next = static_cast<std::uint32_t>(here);
  if (who.has_idler)
    members_.push_back({open_slow_client(opts.url, next),
                        ledger{next, 0, who.senders, promise::some}});
  if (who.visitors > 0)
    visitors_.emplace(opts.url, format_, who.senders, next, who.visitors,
                      opts.stay);
}

report traffic::run(std::string_view unit) {
  pump(joining_seconds, "joining");
  auto start = take_tally();
  begin_sending();
  pump(opts_.warmup, "warming up");
  first_measured_ = sent_;
  auto begin = take_tally();
  pump(opts_.seconds, "measuring");
  auto end = take_tally();
  behind_measured_ = sent_;
  drain();
  report result{opts_.workload, opts_.settings()};
  add_work(result, unit, begin, end);
  if (schedule_)
    add_latencies(result);
  if (who_.has_idler) {
    if (opts_.server_pid)
      result.add("server_rss_growth", end.server_rss - start.server_rss);
    wake_idler(result);
  }
  for (auto& x : members_)
    x.socket.say_goodbye(io_);
  return result;
}

traffic::tally traffic::take_tally() const {
  tally result{measure_usage(opts_.server_pid, opts_.second_pid), delivered_,
               reads_};
  if (who_.has_idler && opts_.server_pid)
    result.server_rss = measure_memory(*opts_.server_pid).rss;
  if (visitors_) {
    result.to_others += visitors_->delivered();
    result.visits = visitors_->visits();
  }
  if (commuters_) {
    result.to_others += commuters_->delivered();
    result.returns = commuters_->returns();
  }
  return result;
}

void traffic::add_work(report& out, std::string_view unit, const tally& begin,
                       const tally& end) const {
  auto delivered = end.delivered - begin.delivered;
  auto to_others = end.to_others - begin.to_others;
  auto per_second = [&](std::uint64_t count) {
    return static_cast<double>(count)
           / seconds_between(begin.used.time, end.used.time);
  };
  out.add_work(unit, delivered + to_others, begin.used, end.used);
  if (auto reads = end.reads - begin.reads; reads > 0)
    out.add("messages_per_read",
            static_cast<double>(delivered) / static_cast<double>(reads));
  if (visitors_)
    out.add("visits_per_second", per_second(end.visits - begin.visits));
  if (commuters_)
    out.add("returns_per_second", per_second(end.returns - begin.returns));
}

void traffic::pump(double seconds, std::string_view phase) {
  auto end = in(seconds);
  for (auto now = clock::now(); now < end; now = clock::now()) {
    progress_.show(now, phase, delivered_);
    send_due(now);
    auto until = std::min(end, next_due());
    for (const auto& event : io_.wait(seconds_between(now, until)))
      on_ready(event.data.u32, event.events);
    if (visitors_ && sending_)
      visitors_->on_time(now, io_);
    if (commuters_ && sending_)
      commuters_->on_time(now, io_);
  }
}

void traffic::drain() {
  sending_ = false;
  if (opts_.read_at > 1)
    make_listeners_read_at(1);
  if (visitors_)
    visitors_->end();
  auto before = heard();
  auto deadline = in(drain_seconds);
  for (auto lost = missing(); !lost.empty(); lost = missing()) {
    pump(0.01, "awaiting the last");
    if (heard() > before)
      deadline = in(drain_seconds);
    else if (clock::now() > deadline)
      throw violation{lost};
    before = heard();
  }
  // Duplicates fail verification.
  pump(surplus_seconds, "looking for surplus");
}

/// Returns the number of messages received by members that stay until the end.
std::uint64_t traffic::heard() const {
  return delivered_ + (commuters_ ? commuters_->delivered() : 0);
}

/// Returns which messages are missing after the senders have stopped; empty if
/// none.
std::string traffic::missing() {
  if (delivered_ < sent_ * who_.members)
    return first_missing();
  return commuters_ ? commuters_->missing() : std::string{};
}

/// Lets the idler read everything up to the end of its connection.
void traffic::wake_idler(report& out) {
  auto& idler = members_.back();
  auto before = delivered_;
  auto was_closed = false;
  io_.add(idler.socket.fd(), idler.socket.key());
  try {
    auto last = before;
    do {
      last = delivered_;
      pump(idler_seconds, "waking the slow member");
    } while (delivered_ > last);
  } catch (const ended&) {
    was_closed = true;
  }
  out.add("slow_was_sent", static_cast<double>(sent_));
  out.add("slow_received", static_cast<double>(delivered_ - before));
  out.add("slow_was_closed", was_closed ? 1 : 0);
}

// -- sending -----------------------------------------------------------------

void traffic::begin_sending() {
  sending_ = true;
  if (opts_.read_at > 1)
    make_listeners_read_at(opts_.read_at);
  if (visitors_)
    visitors_->begin(io_);
  if (commuters_)
    commuters_->begin();
  if (opts_.rate > 0) {
    schedule_.emplace(clock::now(), opts_.rate);
    return;
  }
  for (auto i = std::size_t{0}; i < who_.rooms * who_.senders; ++i)
    send_messages(sender(i), opts_.window);
}

/// Sends the messages that are due, by all senders in turn.
void traffic::send_due(clock::time_point now) {
  if (!schedule_ || !sending_)
    return;
  for (auto due = schedule_->due(sent_); due <= now;
       due = schedule_->due(sent_)) {
    if (sent_ >= first_measured_)
      delays_.add(nanoseconds_between(due, clock::now()));
    send_messages(sender(sent_ % (who_.rooms * who_.senders)), 1);
  }
}

clock::time_point traffic::next_due() const {
  return schedule_ && sending_ ? schedule_->due(sent_)
                               : clock::time_point::max();
}

traffic::member& traffic::sender(std::size_t index) {
  return members_[index / who_.senders * who_.members + index % who_.senders];
}

void traffic::send_messages(member& from, std::size_t count) {
  frames_.clear();
  for (auto i = std::size_t{0}; i < count; ++i) {
    format_.write(payload_, from.socket.key(), from.sent++);
    writer_.append(frames_, frame_type::text, payload_);
  }
  sent_ += count;
  from.socket.send(frames_, io_);
}

// -- receiving ---------------------------------------------------------------

void traffic::on_ready(std::uint32_t key, std::uint32_t events) {
  auto behind_commuters = members_.size()
                          + (commuters_ ? commuters_->size() : 0);
  if (key >= behind_commuters) {
    // Events of visitors that have left are ignored.
    if (sending_)
      visitors_->on_ready(key, events, io_, buffer_);
    return;
  }
  if (key >= members_.size()) {
    commuters_->on_ready(key, events, io_, buffer_);
    return;
  }
  auto& who = members_[key];
  if (events & EPOLLOUT)
    who.socket.flush(io_);
  if (events != EPOLLOUT)
    on_readable(who);
}

void traffic::on_readable(member& to) {
  auto own = std::size_t{0};
  auto is_first = true;
  ++reads_;
  receive(to.socket, format_, buffer_, io_, [&](const char* message) {
    auto [from, seq] = verify(format_, to.seen, message);
    ++delivered_;
    own += from == to.socket.key() ? 1 : 0;
    if (!schedule_)
      return;
    if (std::exchange(is_first, false))
      read_at_ = clock::now();
    note_latency(from, seq);
  });
  if (own > 0 && sending_ && !schedule_)
    send_messages(to, own);
}

/// Affects listeners only; senders wait for their own messages and read at
/// once.
void traffic::make_listeners_read_at(int bytes) {
  for (auto& x : std::span{members_}.first(who_.rooms * who_.members))
    if (x.socket.key() % who_.members >= who_.senders)
      x.socket.read_at(bytes);
}

std::string traffic::first_missing() const {
  for (const auto& to : std::span{members_}.first(who_.rooms * who_.members))
    for (auto i = std::size_t{0}; i < to.seen.senders(); ++i) {
      auto from = static_cast<std::uint32_t>(to.seen.first_sender() + i);
      if (auto due = to.seen.due(from); due != members_[from].sent)
        return "member " + std::to_string(to.socket.key()) + " got "
               + std::to_string(due) + " of "
               + std::to_string(members_[from].sent) + " messages of sender "
               + std::to_string(from);
    }
  return "messages are missing";
}

std::vector<said> traffic::said_by_now() const {
  std::vector<said> result;
  for (const auto& x : std::span{members_}.first(who_.senders))
    result.push_back({x.seen.due(x.socket.key()), x.sent});
  return result;
}

// -- latency -----------------------------------------------------------------

/// Counts messages that were due during the measurement, whenever they arrive.
void traffic::note_latency(std::uint32_t sender, std::uint32_t seq) {
  auto index = sender / who_.members * who_.senders + sender % who_.members;
  auto message = std::uint64_t{seq} * who_.rooms * who_.senders + index;
  if (message >= first_measured_ && message < behind_measured_)
    latencies_.add(nanoseconds_between(schedule_->due(message), read_at_));
}

void traffic::add_latencies(report& out) const {
  auto add = [&out](std::string_view name, std::uint64_t nanoseconds) {
    out.add(name, static_cast<double>(nanoseconds) / 1e3);
  };
  add("latency_p50_us", latencies_.quantile(0.5));
  add("latency_p90_us", latencies_.quantile(0.9));
  add("latency_p99_us", latencies_.quantile(0.99));
  add("latency_p999_us", latencies_.quantile(0.999));
  add("latency_max_us", latencies_.max());
  add("sent_late_p99_us", delays_.quantile(0.99));
}

// -- workloads ---------------------------------------------------------------

report run_fanout(const options& opts) {
  crowd who{.members = opts.members, .senders = opts.senders};
  return traffic{opts, who}.run("deliveries");
}

report run_rooms(const options& opts) {
  crowd who{opts.rooms, opts.members, opts.senders};
  return traffic{opts, who}.run("deliveries");
}

report run_echo(const options& opts) {
  crowd who{.rooms = opts.connections};
  return traffic{opts, who}.run("messages");
}

report run_request(const options& opts) {
  crowd who{.rooms = opts.connections};
  return traffic{opts, who}.run("requests");
}

report run_slow(const options& opts) {
  crowd who{.members = opts.members, .senders = opts.senders};
  who.has_idler = true;
  return traffic{opts, who}.run("deliveries");
}

report run_churn(const options& opts) {
  crowd who{.members = opts.members, .senders = opts.senders};
  who.visitors = opts.visitors;
  who.commuters = opts.commuters;
  return traffic{opts, who}.run("deliveries");
}

} // namespace troupe::bench
