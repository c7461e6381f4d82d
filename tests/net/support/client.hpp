#pragma once

#include "net/support/client_tls.hpp"
#include "support/masked_frame.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::test {

/// A client of plain system calls, which may violate any protocol. Calls block
/// for at most five seconds, then throw.
class client {
public:
  struct frame {
    int opcode = 0;
    std::string payload;
    bool fin = true;
    bool rsv1 = false; ///< Compressed (RFC 7692).

    /// Returns the code of a close frame, or 1005 if it has none.
    uint16_t code() const;
    std::string reason() const;
  };

  /// If set, clients connect with TLS.
  static std::optional<client_tls::settings> tls_by_default;

  explicit client(uint16_t port, const char* address = "127.0.0.1",
                  int receive_buffer = 0, const char* from = nullptr);
  ~client();
  client(client&& other) noexcept;
  client& operator=(client&&) = delete;

  /// Returns whether the peer has neither closed nor sent anything yet.
  bool is_quiet();

  // -- TLS --------------------------------------------------------------------

  /// Performs a TLS handshake; all further bytes are encrypted.
  /// @returns false if the handshake fails.
  bool start_tls(const client_tls::settings& how);

  /// @pre `start_tls` was called.
  client_tls& tls() {
    return *tls_;
  }

  // -- bytes ------------------------------------------------------------------

  void send(std::string_view bytes);

  /// @returns false if the peer has closed.
  bool try_send(std::string_view bytes);

  /// Reads exactly `size` bytes.
  std::string read(size_t size);

  /// Reads up to and including `end`.
  std::string read_until(std::string_view end);

  /// Reads until the peer closes or resets the connection.
  std::string read_all();

  /// Shuts down this side, as after the peer's close frame.
  /// @returns what still arrives.
  std::string read_after_close() {
    finish();
    return read_all();
  }

  /// Shuts down the sending direction.
  void finish();

  /// Closes with RST instead of FIN.
  void reset();

  // -- HTTP -------------------------------------------------------------------

  /// Sends `head` and an empty line.
  /// @returns the head of the response; the body is not read.
  std::string ask(std::string_view head);

  /// Sends a GET request with Host.
  /// @returns head and body.
  std::string get(std::string_view path, std::string_view fields = "");

  // -- WebSocket --------------------------------------------------------------

  /// @returns the head of the response.
  std::string upgrade(std::string_view path, std::string_view fields = "");

  void send_frame(int opcode, std::string_view payload, bool fin = true);
  void send_text(std::string_view payload);
  void send_close(uint16_t code, std::string_view reason = "");

  frame read_frame();

  /// Returns the next frame that is not a ping.
  frame read_message();

private:
  void fill(size_t size);
  ssize_t receive(char* to, size_t size);

  int fd_ = -1;
  std::unique_ptr<client_tls> tls_;
  std::string input_;
};

/// Returns the head of a valid handshake.
std::string handshake(std::string_view path, std::string_view fields = "");

/// Returns the status, such as `200` of `HTTP/1.1 200 OK`.
std::string status(std::string_view head);

/// Returns the value of a header field; empty if it is missing.
std::string field(std::string_view head, std::string_view name);

} // namespace troupe::test
