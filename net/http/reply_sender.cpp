#include "net/http/reply_sender.hpp"

#include "troupe/frame.hpp"

#include <string>
#include <utility>

namespace troupe::net {

void reply_sender::begin(reply x) {
  out_.queue(to_slice(std::move(x.head)));
  out_.queue(std::move(x.body));
  file_ = std::move(x.file);
  queue_piece();
  out_.flush();
}

reply_sender::progress reply_sender::go_on() {
  if (out_.failed())
    return progress::failed;
  if (out_.has_unsent())
    return progress::waiting;
  if (!file_)
    return progress::done;
  if (!queue_piece()) // The length in the head cannot be changed any more.
    return progress::failed;
  out_.flush();
  return progress::more;
}

/// Queues the next piece of the file, if there is one.
bool reply_sender::queue_piece() {
  auto piece = file_ ? file_->read() : "";
  if (piece.empty())
    return false;
  out_.queue(to_slice(std::move(piece)));
  if (file_->left() == 0)
    file_.reset();
  return true;
}

} // namespace troupe::net
