#include "troupe/decision.hpp"

#include <atomic>

namespace troupe {

class decision::state {
public:
  state(std::function<void(verdict)> deliver, std::weak_ptr<const void> client)
    : deliver_{std::move(deliver)},
      client_{std::move(client)} {
  }

  state(const state&) = delete;
  state& operator=(const state&) = delete;

  ~state() {
    decide({.body = "no decision about this handshake"});
  }

  void decide(verdict x) {
    if (!is_decided_.exchange(true))
      deliver_(std::move(x));
  }

  bool is_gone() const noexcept {
    return client_.expired();
  }

private:
  const std::function<void(verdict)> deliver_;
  const std::weak_ptr<const void> client_;
  std::atomic<bool> is_decided_ = false;
};

decision::decision(std::function<void(verdict)> deliver,
                   std::weak_ptr<const void> client)
  : state_{std::make_shared<state>(std::move(deliver), std::move(client))} {
}

void decision::accept(handshake_reply reply) const {
  decide({.is_accepted = true, .reply = std::move(reply)});
}

void decision::refuse(unsigned status, std::string body,
                      std::vector<header_field> fields) const {
  decide(
    {.status = status, .body = std::move(body), .fields = std::move(fields)});
}

bool decision::is_gone() const noexcept {
  return !state_ || state_->is_gone();
}

void decision::decide(verdict x) const {
  if (state_)
    state_->decide(std::move(x));
}

} // namespace troupe
