#include "client.hpp"

#include "net/runtime/worker.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::growth {

std::shared_ptr<client> client::connect(server& to, net::worker& at) {
  auto result = std::make_shared<client>(at);
  auto upper_layer = to.handler()->attach(result, request{}, at);
  {
    std::lock_guard guard{result->mutex_};
    result->upper_layer_ = std::move(upper_layer);
  }
  return result;
}

void client::say(std::vector<std::string> messages) {
  {
    std::lock_guard guard{mutex_};
    std::move(messages.begin(), messages.end(), std::back_inserter(unsaid_));
  }
  boost::asio::post(at_.io(),
                    [self = shared_from_this()] { self->send_granted(); });
}

void client::hang_up() {
  end({close_code::normal, "", true, {}});
}

void client::await(uint64_t count) {
  std::unique_lock guard{mutex_};
  heard_more_.wait(guard, [&] { return heard_ >= count; });
}

uint64_t client::heard() const {
  std::lock_guard guard{mutex_};
  return heard_;
}

uint64_t client::batches() const {
  std::lock_guard guard{mutex_};
  return batches_;
}

actors::send_status client::send(slice frames) {
  std::lock_guard guard{mutex_};
  if (is_over_)
    return actors::send_status::closed;
  heard_ += frames.messages;
  ++batches_;
  heard_more_.notify_all();
  return actors::send_status::queued;
}

void client::grant(uint32_t frames) {
  {
    std::lock_guard guard{mutex_};
    credit_ += frames;
  }
  send_granted();
}

void client::close(close_code code, std::string_view reason) {
  end({code, std::string{reason}, false, {}});
}

const std::string& client::subprotocol() const noexcept {
  static const std::string none;
  return none;
}

/// Calls the connection without the lock, since it may call `send` or `grant`.
void client::send_granted() {
  std::vector<std::string> granted;
  std::shared_ptr<actors::upper_layer> to;
  {
    std::lock_guard guard{mutex_};
    to = upper_layer_;
    for (; to && credit_ > 0 && !unsaid_.empty(); --credit_) {
      granted.push_back(std::move(unsaid_.front()));
      unsaid_.pop_front();
    }
  }
  for (const auto& x : granted)
    to->on_frame(frame::text(x));
}

void client::end(close_info how) {
  std::shared_ptr<actors::upper_layer> to;
  {
    std::lock_guard guard{mutex_};
    is_over_ = true;
    to = std::exchange(upper_layer_, nullptr);
  }
  if (to)
    to->on_close(std::move(how));
}

} // namespace troupe::growth
