#pragma once

#include "net/runtime/openssl.hpp"
#include "net/runtime/socket.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st; // OpenSSL's SSL

namespace troupe::net {

/// The server's side of a TLS connection, without its socket: decrypts received
/// bytes and encrypts bytes to send. Use on one thread only.
///
/// All channels of a thread share their buffers, so an open but idle channel
/// has none. OpenSSL's state is created when the first record of the client is
/// complete; until then a client costs no more than the bytes that it has sent.
class tls_channel {
public:
  // -- member types -----------------------------------------------------------

  enum class outcome : uint8_t {
    more,     ///< The channel expects further input.
    deferred, ///< Too many handshakes: call again in the next round.
    not_tls,  ///< The client does not speak TLS; `bytes` are what it has sent.
    ended,    ///< The client has ended its side (close_notify).
    failed,
  };

  struct input {
    outcome how = outcome::more;
    /// Decrypted bytes. Valid until the next call for a channel of this thread.
    std::span<char> bytes = {};
    /// Bytes to send. Valid until the next call for a channel of this thread.
    std::string_view reply = {};
    error_code why = {}; ///< Reason of a failure.
  };

  // -- constructors, destructors, and assignment operators --------------------

  /// @pre `context` is not null and was created for servers.
  explicit tls_channel(ssl_context context);
  ~tls_channel();
  tls_channel(const tls_channel&) = delete;
  tls_channel& operator=(const tls_channel&) = delete;

  // -- properties -------------------------------------------------------------

  /// Returns whether the last call of `decrypt` returned `deferred`.
  bool is_deferred() const noexcept {
    return is_deferred_;
  }

  // -- receiving --------------------------------------------------------------

  /// Decrypts received bytes and continues the handshake. After `failed` or
  /// `not_tls`, the channel must not be used any more.
  /// @param received  at most 32 KiB; empty after `deferred`.
  /// @param round     the current round of the thread's poller; the steps of
  ///                  handshakes are limited per round, since each one takes
  ///                  up to half a millisecond.
  input decrypt(std::string_view received, uint64_t round);

  // -- sending ----------------------------------------------------------------

  /// Encrypts `plain` completely.
  /// @returns the bytes to send; valid until the next call for a channel of
  ///          this thread. Empty if the channel has failed, or if its handshake
  ///          is not complete.
  std::string_view encrypt(std::string_view plain);

  /// Ends this side of the channel.
  /// @returns the bytes to send, as `encrypt`; empty if there are none.
  std::string_view end();

  /// Stores bytes that the kernel did not accept.
  void keep(std::string_view bytes) {
    kept_.append(bytes);
  }

  /// Returns the stored bytes, which must be sent first.
  const std::string& kept() const noexcept {
    return kept_;
  }

  /// Removes the first `size` stored bytes.
  void sent(size_t size);

private:
  enum class phase : uint8_t { handshake, open, ended };

  input not_tls() const;
  bool has_first_record() const;
  bool create();
  input shake_hands();
  input read();
  input failure();

  static void on_message(int is_ours, int version, int type, const void* bytes,
                         size_t size, ssl_st* ssl, void* self);
  void count_key_update();

  ssl_context context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  /// Received before the handshake was complete, and not processed yet.
  std::string held_;
  std::string kept_;
  phase phase_ = phase::handshake;
  bool is_deferred_ = false;
  uint8_t key_updates_ = 0; ///< Since `key_minute_`.
  int64_t key_minute_ = 0;
};

} // namespace troupe::net
