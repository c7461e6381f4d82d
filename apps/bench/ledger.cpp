#include "ledger.hpp"

#include "violation.hpp"

#include <string>

namespace troupe::bench {

ledger::ledger(std::uint32_t receiver, std::uint32_t first_sender,
               std::size_t senders, promise kept)
  : receiver_{receiver},
    first_sender_{first_sender},
    due_(senders, kept == promise::from_join ? any : 0),
    kept_{kept} {
}

void ledger::enter_unexpected(std::uint32_t sender, std::uint32_t seq) {
  auto who = "member " + std::to_string(receiver_);
  auto slot = sender - first_sender_;
  if (slot >= due_.size())
    throw violation{who + " got a message of " + std::to_string(sender)
                    + ", who sends it none"};
  auto& due = due_[slot];
  auto may_skip = kept_ == promise::some && seq > due;
  if (due != any && !may_skip)
    throw violation{who + " awaited message " + std::to_string(due)
                    + " of sender " + std::to_string(sender) + " and got "
                    + std::to_string(seq)
                    + (seq < due ? ": twice or late" : ": lost or too early")};
  due = seq + 1;
}

} // namespace troupe::bench
