#pragma once

#include "net/basp/tls_session.hpp"
#include "net/runtime/socket.hpp"

#include <caf/io/scribe.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

/// Only this header and those that include it depend on CAF's network code,
/// which is expensive to include.
namespace troupe::net {

/// A connected socket as used by BASP. BASP trusts its input: it allocates up
/// to 4 GiB because a header announces them, and it deserializes nested values
/// by recursion. Therefore the link checks the peer's handshake, each announced
/// size and each payload.
///
/// Runs in the thread of CAF's multiplexer. Other threads that own a reference
/// may call `hang_up` and `hang_up_unless_met`.
class basp_link : public caf::io::scribe {
public:
  enum class side : uint8_t { client, server };

  /// @param max_payload maximum size of a message in bytes.
  basp_link(int socket, side which, size_t max_payload);

  /// Closes the connection. BASP handles this as any other loss.
  void hang_up() noexcept;

  /// Closes the connection unless BASP has received the peer's handshake.
  void hang_up_unless_met() noexcept;

  // -- scribe -----------------------------------------------------------------

  void configure_read(caf::io::receive_policy::config how) override;
  bool consume(caf::execution_unit* ctx, const void* data,
               size_t size) override;

protected:
  virtual void read_on(caf::io::receive_policy::config how) = 0;

private:
  /// What the peer is expected to send next.
  enum class stage : uint8_t { header, payload, messages, nothing };

  bool is_handshake(const unsigned char* header) const noexcept;
  bool is_harmless(caf::execution_unit* ctx, const void* data, size_t size);

  const int socket_;
  const side side_;
  const size_t max_payload_;
  std::atomic<stage> stage_ = stage::header;
  unsigned char operation_ = 0; ///< The operation in the last header.
  bool is_payload_next_ = false;
};

using basp_link_ptr = caf::intrusive_ptr<basp_link>;

/// Creates a link for a connected socket. Thread-safe.
basp_link_ptr make_link(caf::actor_system& sys, descriptor socket,
                        basp_link::side which, size_t max_payload);

/// Creates a link over TLS. Thread-safe.
/// @pre the handshake of `session` is complete.
basp_link_ptr make_link(caf::actor_system& sys, descriptor socket,
                        tls_session_ptr session, basp_link::side which,
                        size_t max_payload);

} // namespace troupe::net
