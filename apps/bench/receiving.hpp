#pragma once

#include "client.hpp"
#include "message.hpp"
#include "violation.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace troupe::bench {

/// Identifies a message.
struct origin {
  std::uint32_t sender;
  std::uint32_t seq;
};

/// Checks each byte of a message and records it in `seen`, a ledger or a
/// similar class. Throws `violation` if the content differs or the message was
/// not expected.
template <class Ledger>
origin verify(const message_format& format, Ledger& seen, const char* message) {
  origin result{message_format::sender_of(message),
                message_format::sequence_of(message)};
  if (!format.matches(message, result.sender, result.seq))
    throw violation{"member " + std::to_string(seen.receiver())
                    + " got a message with other content"};
  seen.enter(result.sender, result.seq);
  return result;
}

/// Reads once. Calls `take` with the beginning of each complete message, and
/// `take_other` with the remaining bytes if they begin with something else; it
/// removes that and returns whether it was complete. Throws `ended` if the
/// server closes the connection.
template <class Take, class TakeOther>
void receive(client& from, const message_format& format, std::span<char> buffer,
             Take take, TakeOther take_other) {
  const auto header = format.server_header();
  const auto size = format.server_frame_size();
  auto bytes = from.read(buffer);
  // Returns whether `bytes`, possibly incomplete, begin with a message.
  auto begins_message = [&bytes, header] {
    return header.starts_with(bytes.substr(0, header.size()));
  };
  do {
    while (bytes.size() >= size && bytes.starts_with(header)) {
      take(bytes.data() + header.size());
      bytes.remove_prefix(size);
    }
  } while (!begins_message() && take_other(bytes));
  from.keep(bytes);
}

/// Same as above for a server that sends nothing else but pings, which are
/// answered.
template <class Take>
void receive(client& from, const message_format& format, std::span<char> buffer,
             poller& io, Take take) {
  receive(from, format, buffer, take, [&](std::string_view& bytes) {
    return from.take_control(bytes, io);
  });
}

} // namespace troupe::bench
