// The only file that depends on the error representation of CAF 0.17, where a
// category is an atom.

#include "troupe/error.hpp"

#include "troupe/service.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/pec.hpp>
#include <caf/sec.hpp>

namespace troupe {

namespace {

constexpr auto error_category = caf::atom("troupe");

std::string code_in_words(const caf::error& err) {
  // Codes may be unknown; each `to_string` handles values that its enumeration
  // does not have.
  switch (static_cast<uint64_t>(err.category())) {
    case caf::atom_uint(error_category):
      return to_string(static_cast<errc>(err.code()));
    case caf::atom_uint("system"):
      return to_string(static_cast<caf::sec>(err.code()));
    case caf::atom_uint("exit"):
      return to_string(static_cast<caf::exit_reason>(err.code()));
    case caf::atom_uint("parser"):
      return to_string(static_cast<caf::pec>(err.code()));
    default:
      return to_string(err.category()) + " error " + std::to_string(err.code());
  }
}

/// Returns whether `context` holds a close code and a reason.
bool is_close(const caf::message& context) {
  return context.match_elements<uint16_t, std::string>();
}

/// Returns whether `context` holds the members of a refusal.
bool is_refusal(const caf::message& context) {
  return context.match_elements<std::string, std::string, int64_t>();
}

std::string context_in_words(const caf::message& context) {
  if (context.match_elements<std::string>())
    return context.get_as<std::string>(0);
  if (is_close(context))
    return std::to_string(context.get_as<uint16_t>(0)) + ' '
           + context.get_as<std::string>(1);
  return to_string(context);
}

} // namespace

caf::error to_down_reason(const close_info& how) {
  auto is_normal = how.code == close_code::normal
                   || how.code == close_code::no_status;
  if (!how.cause && is_normal)
    return {};
  auto code = how.cause && how.cause.category() == error_category
                ? how.cause.code()
                : static_cast<uint8_t>(errc::closed);
  return {code, error_category,
          caf::make_message(static_cast<uint16_t>(how.code), how.reason)};
}

close_info to_close_info(const caf::error& down_reason) {
  if (!down_reason)
    return {close_code::normal, {}, false, {}};
  const auto& context = down_reason.context();
  if (down_reason.category() != error_category || !is_close(context))
    return {close_code::abnormal, {}, false, down_reason};
  close_info result{static_cast<close_code>(context.get_as<uint16_t>(0)),
                    context.get_as<std::string>(1),
                    false,
                    {}};
  if (down_reason != errc::closed)
    result.cause = down_reason;
  return result;
}

caf::error refuse_with(const refusal& why) {
  return {static_cast<uint8_t>(errc::refused), error_category,
          caf::make_message(why.code, why.message,
                            int64_t{why.retry_after.count()})};
}

refusal to_refusal(const caf::error& err) {
  if (err == errc::refused && is_refusal(err.context())) {
    const auto& x = err.context();
    return refuse(x.get_as<std::string>(0), x.get_as<std::string>(1),
                  caf::timespan{x.get_as<int64_t>(2)});
  }
  if (err == caf::sec::request_timeout)
    return refuse("timeout");
  if (err == caf::sec::request_receiver_down || err == errc::no_such_name)
    return refuse("unavailable");
  return refuse("failed");
}

caf::error make_error(errc code, std::string context) {
  if (context.empty())
    return {static_cast<uint8_t>(code), error_category};
  return {static_cast<uint8_t>(code), error_category,
          caf::make_message(std::move(context))};
}

const char* to_string(errc code) noexcept {
  switch (code) {
    case errc::malformed_event:
      return "malformed event";
    case errc::unknown_type_tag:
      return "unknown type tag";
    case errc::invalid_value:
      return "invalid value";
    case errc::invalid_event_name:
      return "invalid event name";
    case errc::type_mismatch:
      return "the handler takes another type";
    case errc::handler_failed:
      return "a handler threw";
    case errc::reserved_name:
      return "no name for a room";
    case errc::invalid_id:
      return "invalid connection id";
    case errc::id_taken:
      return "another connection has this id";
    case errc::already_disconnected:
      return "already disconnected";
    case errc::no_such_name:
      return "no such connection or room";
    case errc::message_too_big:
      return "message too big";
    case errc::protocol_violation:
      return "the peer broke the WebSocket protocol";
    case errc::connection_lost:
      return "connection lost";
    case errc::closed_by_peer:
      return "the peer closed";
    case errc::pong_timeout:
      return "no pong in time";
    case errc::read_timeout:
      return "no message in time";
    case errc::write_timeout:
      return "a write made no progress in time";
    case errc::slow_receiver:
      return "the peer reads too slowly";
    case errc::cannot_listen:
      return "cannot listen";
    case errc::invalid_config:
      return "invalid configuration";
    case errc::foreign_runtime:
      return "not the scheduler of troupe: use troupe::runtime_config";
    case errc::would_block:
      return "a blocking call on a runtime thread";
    case errc::no_answer:
      return "no answer in time";
    case errc::no_such_node:
      return "cannot reach the node";
    case errc::handshake_refused:
      return "handshake refused";
    case errc::messages_dropped:
      return "the client reads too slowly: messages dropped";
    case errc::application_error:
      return "error of the application";
    case errc::name_taken:
      return "another actor has this name";
    case errc::closed:
      return "closed";
    case errc::outside_callback:
      return "used outside of its callbacks";
    case errc::too_many_rooms:
      return "too many rooms";
    case errc::too_much_output:
      return "a handler sent too much";
    case errc::rate_exceeded:
      return "the client sends too fast";
    case errc::refused:
      return "refused";
  }
  return "unknown error";
}

std::string what(const caf::error& err) {
  if (!err)
    return "no error";
  auto result = code_in_words(err);
  try {
    if (const auto& context = err.context(); !context.empty())
      result += ": " + context_in_words(context);
  } catch (...) {
    // The `to_string` of a user-defined type threw; the code alone is returned.
  }
  return result;
}

} // namespace troupe
