#pragma once

#include "net/io/coalescing_stream.hpp"
#include "net/runtime/poller.hpp"
#include "net/runtime/socket.hpp"
#include "net/runtime/worker.hpp"

#include <cstdint>
#include <memory>

namespace troupe::net {

/// What serves one socket on its worker's thread. Keeps itself alive from
/// `begin` to `end`, or until the worker is gone.
class session : public pollable, public tickable {
public:
  virtual ~session();

  void on_worker_end() override;

protected:
  /// May be called on any thread: leaves `event_loop` alone.
  /// @param socket connected.
  session(descriptor socket, worker& event_loop);

  /// Takes in what the kernel says. Call first thing in `on_ready`.
  void note(uint32_t events);

  /// Whether a read may find something, as far as we know.
  bool is_readable() const noexcept {
    return readable_;
  }

  /// Reads what there is, up to a buffer full.
  coalescing_stream::input receive();

  /// Lets the kernel's news and the ticks come.
  /// @returns false if the kernel refuses; then `self` is not kept.
  bool begin(std::shared_ptr<session> self);

  /// Gets on with ending the connection in good order; see the stream's. Call
  /// whenever the kernel has news. @returns whether all is done.
  bool wind_down();

  /// Cuts the connection and lets go of itself: nothing comes any more. Call
  /// with an owner at hand.
  void end();

  /// Gives the socket away, to be served by another session.
  /// @pre nothing waits to be sent.
  descriptor release();

  worker& loop_;
  coalescing_stream stream_;

private:
  std::shared_ptr<session> let_go();

  std::shared_ptr<session> self_;
  bool readable_ = false;
  bool peer_ended_ = false; ///< Its end can be read, after what it sent.
};

} // namespace troupe::net
