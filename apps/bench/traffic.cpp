#include "traffic.hpp"

#include "violation.hpp"

#include <algorithm>

namespace troupe::bench {

namespace {

/// A server may answer the upgrade before the member has joined its room.
constexpr double settle_seconds = 0.3;

/// How long no missing message may come after the last one was sent.
constexpr double drain_seconds = 10;

/// How long we look for messages that come once too often.
constexpr double surplus_seconds = 0.2;

std::uint64_t nanoseconds_between(clock::time_point begin,
                                  clock::time_point end) {
  auto x = std::chrono::nanoseconds{end - begin}.count();
  return static_cast<std::uint64_t>(std::max(x, decltype(x){0}));
}

} // namespace

// -- the run -----------------------------------------------------------------

traffic::traffic(const options& opts, crowd who)
  : opts_{opts},
    who_{who},
    format_{opts.payload, opts.url.speaks},
    buffer_(read_size) {
  auto count = who.rooms * who.members;
  auto per_room = opts.workload == "echo" ? count : who.members;
  members_.reserve(count);
  for (auto& socket :
       open_clients(opts.url, count, per_room, opts.concurrency)) {
    auto key = socket.key();
    auto first = static_cast<std::uint32_t>(key - key % who.members);
    io_.add(socket.fd(), key);
    members_.push_back(
      {std::move(socket), ledger{key, first, who.senders, promise::all}});
  }
}

report traffic::run(std::string_view unit) {
  pump(settle_seconds, "joining");
  begin_sending();
  pump(opts_.warmup, "warming up");
  first_measured_ = sent_;
  auto begin = measure_usage(opts_.server_pid);
  auto delivered_before = delivered_;
  auto reads_before = reads_;
  pump(opts_.seconds, "measuring");
  auto end = measure_usage(opts_.server_pid);
  behind_measured_ = sent_;
  auto delivered = delivered_ - delivered_before;
  auto reads = reads_ - reads_before;
  drain();
  report result{opts_.workload, opts_.settings()};
  result.add_work(unit, delivered, begin, end);
  if (reads > 0)
    result.add("messages_per_read",
               static_cast<double>(delivered) / static_cast<double>(reads));
  if (schedule_)
    add_latencies(result);
  return result;
}

void traffic::pump(double seconds, std::string_view phase) {
  auto end = in(seconds);
  for (auto now = clock::now(); now < end; now = clock::now()) {
    progress_.show(now, phase, delivered_);
    send_due(now);
    auto until = std::min(end, next_due());
    for (const auto& event : io_.wait(seconds_between(now, until)))
      on_ready(members_[event.data.u32], event.events);
  }
}

void traffic::drain() {
  sending_ = false;
  auto expected = sent_ * who_.members;
  auto before = delivered_;
  auto deadline = in(drain_seconds);
  while (delivered_ < expected) {
    pump(0.01, "awaiting the last");
    if (delivered_ > before)
      deadline = in(drain_seconds);
    else if (clock::now() > deadline)
      throw violation{first_missing()};
    before = delivered_;
  }
  // A message that comes once more fails its check.
  pump(surplus_seconds, "looking for surplus");
  for (auto& x : members_)
    x.socket.say_goodbye(io_);
}

// -- sending -----------------------------------------------------------------

void traffic::begin_sending() {
  sending_ = true;
  if (opts_.rate > 0) {
    schedule_.emplace(clock::now(), opts_.rate);
    return;
  }
  for (auto i = std::size_t{0}; i < who_.rooms * who_.senders; ++i)
    send_messages(sender(i), opts_.window);
}

/// Sends what the schedule wants by now, the senders taking turns.
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

void traffic::on_ready(member& who, std::uint32_t events) {
  if (events & EPOLLOUT)
    who.socket.flush(io_);
  if (events != EPOLLOUT)
    on_readable(who);
}

void traffic::on_readable(member& to) {
  auto bytes = to.socket.read(buffer_);
  ++reads_;
  if (schedule_)
    read_at_ = clock::now();
  auto own = std::size_t{0};
  do {
    own += take_messages(to, bytes);
  } while (!begins_message(bytes) && to.socket.take_control(bytes, io_));
  to.socket.keep(bytes);
  if (own > 0 && sending_ && !schedule_)
    send_messages(to, own);
}

/// Whether `bytes`, perhaps cut short, are the front of a message.
bool traffic::begins_message(std::string_view bytes) const {
  auto header = format_.server_header();
  return header.starts_with(bytes.substr(0, header.size()));
}

/// Takes all complete messages off the front of `bytes`.
/// @returns how many of them `to` has sent itself.
std::size_t traffic::take_messages(member& to, std::string_view& bytes) {
  const auto header = format_.server_header();
  const auto size = format_.server_frame_size();
  auto own = std::size_t{0};
  while (bytes.size() >= size && bytes.starts_with(header)) {
    own += check(to, bytes.data() + header.size()) ? 1 : 0;
    ++delivered_;
    bytes.remove_prefix(size);
  }
  return own;
}

/// Verifies one message.
/// @returns whether `to` has sent it itself.
bool traffic::check(member& to, const char* message) {
  auto from = message_format::sender_of(message);
  auto seq = message_format::sequence_of(message);
  if (!format_.matches(message, from, seq))
    throw violation{"member " + std::to_string(to.socket.key())
                    + " got a message with other content"};
  to.seen.enter(from, seq);
  if (schedule_)
    note_latency(from, seq);
  return from == to.socket.key();
}

std::string traffic::first_missing() const {
  for (const auto& to : members_)
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

// -- latency -----------------------------------------------------------------

/// Messages due in the measured window count, whenever they come.
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
  return traffic{opts, {1, opts.members, opts.senders}}.run("deliveries");
}

report run_rooms(const options& opts) {
  return traffic{opts, {opts.rooms, opts.members, opts.senders}}.run(
    "deliveries");
}

report run_echo(const options& opts) {
  return traffic{opts, {opts.connections, 1, 1}}.run("messages");
}

} // namespace troupe::bench
