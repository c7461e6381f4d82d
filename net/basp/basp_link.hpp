#pragma once

#include "net/basp/tls_session.hpp"
#include "net/runtime/socket.hpp"

#include <caf/io/scribe.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

/// The only headers of ours that know CAF's network code are this one and those
/// that include it: it is heavy.
namespace troupe::net {

/// A connected socket as BASP reads and writes it. BASP believes whatever
/// comes: a header may announce 4 GiB, for which it makes room at once, and
/// what is nested in a message is read by recursion. So the link looks at what
/// the peer begins with, at every length, and at every payload.
///
/// Runs in the thread of CAF's multiplexer; other threads that own a reference
/// may call `hang_up` and its like.
class basp_link : public caf::io::scribe {
public:
  enum class side : uint8_t { client, server };

  /// @param max_payload most bytes that a message may have.
  basp_link(int socket, side which, size_t max_payload);

  /// Breaks the connection; BASP learns of it as of any loss.
  void hang_up() noexcept;

  /// The same, if BASP has not yet had the peer's handshake.
  void hang_up_unless_met() noexcept;

  // -- scribe -----------------------------------------------------------------

  void configure_read(caf::io::receive_policy::config how) override;
  bool consume(caf::execution_unit* ctx, const void* data,
               size_t size) override;

protected:
  virtual void read_on(caf::io::receive_policy::config how) = 0;

private:
  /// What comes next from the peer.
  enum class stage : uint8_t { header, payload, messages, nothing };

  bool is_handshake(const unsigned char* header) const noexcept;
  bool is_harmless(caf::execution_unit* ctx, const void* data, size_t size);

  const int socket_;
  const side side_;
  const size_t max_payload_;
  std::atomic<stage> stage_ = stage::header;
  unsigned char operation_ = 0; ///< Of the last header.
  bool is_payload_next_ = false;
};

using basp_link_ptr = caf::intrusive_ptr<basp_link>;

/// Thread-safe.
basp_link_ptr make_link(caf::actor_system& sys, descriptor socket,
                        basp_link::side which, size_t max_payload);

/// The same over TLS. @pre the handshake of `session` is done.
basp_link_ptr make_link(caf::actor_system& sys, descriptor socket,
                        tls_session_ptr session, basp_link::side which,
                        size_t max_payload);

} // namespace troupe::net
