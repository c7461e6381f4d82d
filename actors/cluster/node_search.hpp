#pragma once

#include "actors/cluster/address_book.hpp"
#include "actors/seams/cluster_transport.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Looks for other nodes: dials the addresses in its address book, for the
/// owner, and logs what it finds.
class node_search {
public:
  using time_point = address_book::time_point;

  /// @param owner the membership, which this is part of and which the transport
  ///              answers.
  node_search(caf::event_based_actor* owner, address_book book)
    : owner_(owner),
      book_(std::move(book)) {
  }

  /// The addresses, for what is learned of them without dialing.
  address_book& book() noexcept {
    return book_;
  }

  const address_book& book() const noexcept {
    return book_;
  }

  /// Begins.
  /// @param own   this node's address, which is never dialed.
  /// @param seeds addresses that are tried forever.
  void begin(std::shared_ptr<cluster_transport> net, const std::string& own,
             const std::vector<std::string>& seeds);

  /// Dials what is due, see `address_book::next`.
  /// @pre it has begun.
  void dial_due();

  /// Handles that the dial of `address` reached this node itself.
  void note_led_back(const std::string& address);

  /// Handles that the dial of `address` reached `node`.
  /// @param found where the node says it is.
  void note_met(const std::string& address, const std::string& node,
                const std::string& found);

  /// Handles that the dial of `address` reached no node that is of use.
  void note_failed(const std::string& address, const std::string& why);

  /// Lets the transport go: nothing is dialed any more.
  void end() {
    net_ = nullptr;
  }

private:
  time_point now() const;

  caf::event_based_actor* owner_;
  address_book book_;
  std::shared_ptr<cluster_transport> net_; ///< Null until it begins.
};

} // namespace troupe::actors
