#pragma once

#include "net/http/http_reply.hpp"
#include "net/io/coalescing_stream.hpp"

#include <cstdint>
#include <optional>

namespace troupe::net {

/// Sends the responses of one connection, one after the other; a file in
/// pieces.
class reply_sender {
public:
  enum class progress : uint8_t {
    waiting, ///< The socket is not writable.
    more,    ///< A part of the file is left.
    done,
    failed, ///< The response cannot be completed.
  };

  /// @param out must outlive this object.
  explicit reply_sender(coalescing_stream& out) noexcept : out_{out} {
  }

  /// Begins to send a response.
  /// @pre the previous one is done.
  void begin(reply x);

  /// Continues, with at most one piece of the file. Call after `begin`, when
  /// the socket is writable, and again after `more`.
  progress go_on();

private:
  bool queue_piece();

  coalescing_stream& out_;
  std::optional<file_part> file_;
};

} // namespace troupe::net
