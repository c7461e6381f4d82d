#pragma once

#include "support/masked_frame.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::test {

/// A client of plain system calls, which may be as wrong as a test wants. Calls
/// block, for five seconds at most, then throw.
class client {
public:
  struct frame {
    int opcode = 0;
    std::string payload;
    bool fin = true;
    bool rsv1 = false; ///< Compressed (RFC 7692).

    /// Of a close frame; 1005 if it has none.
    uint16_t code() const;
    std::string reason() const;
  };

  explicit client(uint16_t port, const char* address = "127.0.0.1",
                  int receive_buffer = 0, const char* from = nullptr);
  ~client();
  client(client&& other) noexcept;
  client& operator=(client&&) = delete;

  /// Whether the other side has neither closed nor said anything yet.
  bool is_quiet();

  // -- bytes ------------------------------------------------------------------

  void send(std::string_view bytes);

  /// @returns false if the other side is gone.
  bool try_send(std::string_view bytes);

  /// Exactly `size` bytes.
  std::string read(size_t size);

  /// Until and with `end`.
  std::string read_until(std::string_view end);

  /// Until the other side closes; a reset counts as that.
  std::string read_all();

  /// Ends our side, as one does who has the other's close frame.
  /// @returns what comes still.
  std::string read_after_close() {
    finish();
    return read_all();
  }

  /// Ends our side's sending.
  void finish();

  /// Ends with RST instead of FIN.
  void reset();

  // -- HTTP -------------------------------------------------------------------

  /// Sends `head`, to which the empty line is added.
  /// @returns the reply's head; its body is left.
  std::string ask(std::string_view head);

  /// GET with Host. @returns head and body.
  std::string get(std::string_view path, std::string_view fields = "");

  // -- WebSocket --------------------------------------------------------------

  /// @returns the head of the reply.
  std::string upgrade(std::string_view path, std::string_view fields = "");

  void send_frame(int opcode, std::string_view payload, bool fin = true);
  void send_text(std::string_view payload);
  void send_close(uint16_t code, std::string_view reason = "");

  frame read_frame();

  /// Reads on to the next frame that is no ping.
  frame read_message();

private:
  void fill(size_t size);

  int fd_ = -1;
  std::string input_;
};

/// The head of a good handshake.
std::string handshake(std::string_view path, std::string_view fields = "");

/// `200` of `HTTP/1.1 200 OK`.
std::string status(std::string_view head);

/// The value of a header field; empty if it is not there.
std::string field(std::string_view head, std::string_view name);

} // namespace troupe::test
