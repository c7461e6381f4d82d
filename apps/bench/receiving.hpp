#pragma once

#include "client.hpp"
#include "ledger.hpp"
#include "message.hpp"
#include "violation.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace troupe::bench {

/// Where a message is from.
struct origin {
  std::uint32_t sender;
  std::uint32_t seq;
};

/// Checks each byte of a message and enters it; throws `violation` if it is
/// not what its sender sent, or not due.
inline origin verify(const message_format& format, ledger& seen,
                     const char* message) {
  origin result{message_format::sender_of(message),
                message_format::sequence_of(message)};
  if (!format.matches(message, result.sender, result.seq))
    throw violation{"member " + std::to_string(seen.receiver())
                    + " got a message with other content"};
  seen.enter(result.sender, result.seq);
  return result;
}

/// Reads once and calls `take` with the begin of each complete message.
/// Answers pings; throws `ended` if the server closes the connection.
template <class Take>
void receive(client& from, const message_format& format, std::span<char> buffer,
             poller& io, Take take) {
  const auto header = format.server_header();
  const auto size = format.server_frame_size();
  auto bytes = from.read(buffer);
  // Whether `bytes`, perhaps cut short, are the front of a message.
  auto begins_message = [&bytes, header] {
    return header.starts_with(bytes.substr(0, header.size()));
  };
  do {
    while (bytes.size() >= size && bytes.starts_with(header)) {
      take(bytes.data() + header.size());
      bytes.remove_prefix(size);
    }
  } while (!begins_message() && from.take_control(bytes, io));
  from.keep(bytes);
}

} // namespace troupe::bench
