#include "traffic.hpp"

namespace troupe::bench {

namespace {

/// A server may answer the upgrade before the member has joined its room.
constexpr double settle_seconds = 0.3;

/// How long missing messages may stay away after the last one was sent.
constexpr double drain_seconds = 10;

/// How long we look for messages that come once too often.
constexpr double surplus_seconds = 0.2;

[[noreturn]] void throw_mismatch(std::uint32_t receiver, std::uint32_t sender,
                                 std::uint32_t due, const char* payload) {
  auto text = "member " + std::to_string(receiver) + " awaited message "
              + std::to_string(due) + " of sender " + std::to_string(sender);
  auto seq = message_format::sequence_of(payload);
  if (seq == due)
    throw violation{text + ": it came with other content"};
  throw violation{text + " and got " + std::to_string(seq)
                  + (seq < due ? ": twice or late" : ": lost or too early")};
}

} // namespace

traffic::traffic(const options& opts, audience who, std::size_t members,
                 std::size_t senders)
  : opts_{opts},
    format_{opts.payload},
    buffer_(read_size),
    senders_{senders},
    receivers_per_message_{who == audience::everybody ? members : 1} {
  auto all = who == audience::everybody;
  members_.reserve(members);
  for (auto& socket : open_clients(opts.url, members, opts.concurrency)) {
    auto key = socket.key();
    io_.add(socket.fd(), key);
    members_.push_back({std::move(socket),
                        std::vector<std::uint32_t>(all ? senders : 1),
                        all ? 0 : key});
  }
}

report traffic::run(std::string_view workload, std::string_view unit) {
  pump(settle_seconds);
  for (auto i = std::size_t{0}; i < senders_; ++i)
    send_messages(members_[i], opts_.window);
  pump(opts_.warmup);
  auto begin = measure_usage(opts_.server_pid);
  auto delivered_before = delivered_;
  auto reads_before = reads_;
  pump(opts_.seconds);
  auto end = measure_usage(opts_.server_pid);
  auto delivered = delivered_ - delivered_before;
  auto reads = reads_ - reads_before;
  drain();
  report result{workload};
  result.add_work(unit, delivered, begin, end);
  if (reads > 0)
    result.add("messages_per_read",
               static_cast<double>(delivered) / static_cast<double>(reads));
  return result;
}

void traffic::pump(double seconds) {
  auto end = in(seconds);
  for (auto now = clock::now(); now < end; now = clock::now())
    for (const auto& event : io_.wait(seconds_between(now, end)))
      on_ready(members_[event.data.u32], event.events);
}

void traffic::on_ready(member& who, std::uint32_t events) {
  if (events & EPOLLOUT)
    who.socket.flush(io_);
  if (events != EPOLLOUT)
    on_readable(who);
}

void traffic::drain() {
  sending_ = false;
  auto expected = sent_ * receivers_per_message_;
  auto deadline = in(drain_seconds);
  while (delivered_ < expected) {
    if (clock::now() > deadline)
      throw violation{first_missing()};
    pump(0.01);
  }
  // A message that comes once more fails its check.
  pump(surplus_seconds);
  for (auto& x : members_)
    x.socket.say_goodbye(io_);
}

void traffic::on_readable(member& to) {
  auto bytes = to.socket.read(buffer_);
  ++reads_;
  auto own = std::size_t{0};
  do {
    own += take_messages(to, bytes);
  } while (!begins_message(bytes) && to.socket.take_control(bytes, io_));
  to.socket.keep(bytes);
  if (own > 0 && sending_)
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
bool traffic::check(member& to, const char* payload) {
  auto sender = message_format::sender_of(payload);
  auto slot = sender - to.first_sender; // wraps around below the first
  if (slot >= to.due.size())
    throw violation{"member " + std::to_string(to.socket.key())
                    + " got a message of " + std::to_string(sender)
                    + ", who sends it none"};
  auto due = to.due[slot]++;
  if (!format_.matches(payload, sender, due))
    throw_mismatch(to.socket.key(), sender, due, payload);
  return sender == to.socket.key();
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

std::string traffic::first_missing() const {
  for (const auto& to : members_)
    for (auto i = std::size_t{0}; i < to.due.size(); ++i)
      if (auto sent = members_[to.first_sender + i].sent; to.due[i] != sent)
        return "member " + std::to_string(to.socket.key()) + " got "
               + std::to_string(to.due[i]) + " of " + std::to_string(sent)
               + " messages of sender " + std::to_string(to.first_sender + i);
  return "messages are missing";
}

} // namespace troupe::bench
