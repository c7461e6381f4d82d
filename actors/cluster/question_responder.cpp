#include "actors/cluster/question_responder.hpp"

#include "actors/bridges.hpp"
#include "actors/cluster/remote_text.hpp"
#include "actors/server_core.hpp"
#include "actors/survey_actor.hpp"
#include "troupe/error.hpp"

#include <chrono>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace troupe::actors {

namespace {

/// Time limit for the registry of this node to answer a question.
constexpr std::chrono::seconds patience{5};

} // namespace

void question_responder::look_up(const question& msg) {
  if (!out_.answers().begin()) {
    add_one(counters_->questions_refused);
    return;
  }
  const auto& what = msg.what;
  if (!is_sound(what)) {
    losses_.count_refused_text(1);
    give({msg.number, {}, make_error(errc::invalid_value, "not UTF-8")});
    return;
  }
  if (what.match_elements<msg::total_connections>())
    ask<uint64_t>(msg);
  else if (what.match_elements<msg::connections>()
           || what.match_elements<msg::connections_by_room>())
    ask<std::vector<connection_info>>(msg);
  else if (what.match_elements<msg::connection>())
    ask<connection_info>(msg);
  else if (what.match_elements<msg::is_connected>() || answers_bool(what)
           || (what.match_elements<forward_local>()
               && answers_bool(what.get_as<forward_local>(0).what)))
    ask<bool>(msg);
  else
    ask<void>(msg);
}

template <class T>
void question_responder::ask(const question& msg) {
  auto number = msg.number;
  auto response = ends_.self->request(ends_.registry, patience, msg.what);
  auto failed = [this, number](caf::error& err) {
    give({number, {}, std::move(err)});
  };
  if constexpr (std::is_void_v<T>)
    response.then([this, number] { give({number, {}, {}}); }, failed);
  else
    response.then(
      [this, number](const T& x) {
        give({number, caf::make_message(x), {}});
      },
      failed);
}

void question_responder::give(answer x) {
  if (!out_.answers().add(std::move(x)))
    add_one(counters_->questions_refused);
  out_.send();
}

} // namespace troupe::actors
