#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>

namespace troupe::net {

/// A concrete executor type, since `any_io_executor` costs a third of an echo's
/// instructions.
using io_executor = boost::asio::io_context::executor_type;

/// Asio's steady_timer with a concrete executor.
using io_timer = boost::asio::basic_waitable_timer<
  std::chrono::steady_clock,
  boost::asio::wait_traits<std::chrono::steady_clock>, io_executor>;

} // namespace troupe::net
