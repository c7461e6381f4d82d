#include "actors/cluster/loss_log.hpp"

#include "actors/server_core.hpp"
#include "troupe/log.hpp"

namespace troupe::actors {

namespace {

std::string in_words(uint64_t messages) {
  return std::to_string(messages) + (messages == 1 ? " message" : " messages");
}

void log_loss(const std::string& line) {
  log_limited(log_level::warning, {.category = "cluster"}, line);
}

void log_violation(const std::string& line) {
  log_limited(log_level::error, {.category = "cluster"}, line);
}

} // namespace

void loss_log::report_dropped(const wire_batch_queue::losses& lost) const {
  if (lost.no_room > 0)
    log_loss("node " + node_ + " is slow: lost " + in_words(lost.no_room)
             + " for it, see cluster.max-queue-bytes");
  if (lost.too_large > 0)
    log_loss(in_words(lost.too_large) + " for node " + node_
             + (lost.too_large == 1 ? " is" : " are") + " too large");
}

void loss_log::report_unfinished(uint64_t messages) const {
  if (messages > 0)
    log_loss("the link to node " + node_ + " ended: lost " + in_words(messages)
             + " that waited or were under way");
}

void loss_log::count_late(uint64_t messages) {
  actors::add(counters_->lost, messages);
  log_loss(in_words(messages) + " of node " + node_
           + " came after those of a later link");
}

void loss_log::count_malformed(uint64_t messages) {
  actors::add(counters_->lost, messages);
  log_violation("node " + node_ + " sent a malformed batch");
}

void loss_log::count_refused_text(uint64_t messages) {
  actors::add(counters_->lost, messages);
  log_violation("node " + node_ + " sent text that is not UTF-8: refused "
                + in_words(messages));
}

void loss_log::count_refused_names(uint64_t names) {
  actors::add(counters_->lost, names);
  log_violation("node " + node_ + " sent invalid names of rooms or ids: "
                + "refused " + std::to_string(names));
}

} // namespace troupe::actors
