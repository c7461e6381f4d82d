#include "net/basp/basp_payload.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/deserializer.hpp>
#include <caf/io/basp/message_type.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>
#include <caf/node_id.hpp>
#include <caf/proxy_registry.hpp>
#include <caf/scoped_execution_unit.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

namespace troupe::net {

namespace {

namespace basp = caf::io::basp;

/// Maximum stack size for deserializing a payload. A thread's stack has 8 MiB
/// by default.
constexpr size_t max_stack = 256 * 1024;

/// Same as CAF's binary_deserializer, which is final, but with bounds.
class careful_deserializer final : public caf::deserializer {
public:
  careful_deserializer(caf::execution_unit* ctx, const void* bytes, size_t size)
    : caf::deserializer{ctx},
      source_{ctx, static_cast<const char*>(bytes), size},
      bottom_{stack_pointer()} {
  }

  /// Returns which bound was exceeded; empty if none.
  const std::string& harm() const noexcept {
    return harm_;
  }

  // Called for all values that can be nested: messages, errors with a context,
  // and lists.

  caf::error begin_object(uint16_t& type, std::string& name) override {
    if (auto err = check_depth())
      return err;
    return source_.begin_object(type, name);
  }

  caf::error end_object() override {
    return source_.end_object();
  }

  /// A sequence of bits has up to eight elements per byte; any other sequence
  /// has at most one.
  caf::error begin_sequence(size_t& size) override {
    if (auto err = check_depth())
      return err;
    if (auto err = source_.begin_sequence(size))
      return err;
    if (size / 8 <= source_.remaining())
      return caf::none;
    return stop("announces " + std::to_string(size) + " elements and has "
                + std::to_string(source_.remaining()) + " bytes");
  }

  caf::error end_sequence() override {
    return source_.end_sequence();
  }

  caf::error apply_raw(size_t size, void* to) override {
    return source_.apply_raw(size, to);
  }

protected:
  caf::error apply_impl(int8_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(uint8_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(int16_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(uint16_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(int32_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(uint32_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(int64_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(uint64_t& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(float& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(double& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(long double& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(std::string& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(std::u16string& x) override {
    return source_.apply(x);
  }

  caf::error apply_impl(std::u32string& x) override {
    return source_.apply(x);
  }

private:
  static uintptr_t stack_pointer() noexcept {
    return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  }

  /// Measures the stack instead of counting levels, since CAF does not call
  /// `end_sequence` for every sequence.
  caf::error check_depth() {
    auto here = stack_pointer();
    if (here >= bottom_ || bottom_ - here <= max_stack)
      return caf::none;
    return stop("is nested too deeply");
  }

  caf::error stop(std::string why) {
    harm_ = std::move(why);
    return caf::sec::invalid_argument;
  }

  caf::binary_deserializer source_;
  const uintptr_t bottom_;
  std::string harm_;
};

/// Creates no proxies: handles of remote actors are deserialized as null.
struct no_proxies final : caf::proxy_registry::backend {
  caf::strong_actor_ptr make_proxy(caf::node_id, caf::actor_id) override {
    return nullptr;
  }

  void set_last_hop(caf::node_id*) override {
  }
};

/// Deserializes a payload in the same way as BASP. Errors are ignored, since
/// BASP handles them.
void read(careful_deserializer& source, basp::message_type operation) {
  caf::node_id from;
  caf::node_id to;
  std::vector<caf::strong_actor_ptr> stages;
  caf::message content;
  caf::error reason;
  switch (operation) {
    case basp::message_type::routed_message:
      if (!source(from, to))
        source(stages, content);
      return;
    case basp::message_type::direct_message:
      source(stages, content);
      return;
    case basp::message_type::down_message:
      source(from, to, reason);
      return;
    default: // Other payloads cannot be nested.
      return;
  }
}

bool is_message(basp::message_type operation) {
  return operation == basp::message_type::direct_message
         || operation == basp::message_type::routed_message;
}

} // namespace

std::string harm_in_header(const unsigned char* header) {
  auto operation = static_cast<basp::message_type>(header[0]);
  auto has_payload = std::any_of(header + 4, header + 8,
                                 [](unsigned char x) { return x != 0; });
  if (!has_payload && operation != basp::message_type::heartbeat)
    return "is empty";
  // The message id is big-endian, so its category is in the first byte.
  auto category = caf::message_id::category_flag_mask >> 56;
  auto top = header[8] & category;
  auto streams = caf::message_id::upstream_message_category
                 << (caf::message_id::category_offset - 56);
  if (is_message(operation) && top >= streams)
    return "is one of a stream";
  return {};
}

std::string harm_in(caf::actor_system& sys, unsigned char operation,
                    const void* payload, size_t size) {
  no_proxies backend;
  caf::proxy_registry proxies{sys, backend};
  caf::scoped_execution_unit ctx{&sys};
  ctx.proxy_registry_ptr(&proxies);
  careful_deserializer source{&ctx, payload, size};
  try {
    read(source, static_cast<basp::message_type>(operation));
  } catch (const std::exception& x) {
    return std::string{"cannot be read: "} + x.what();
  }
  return source.harm();
}

} // namespace troupe::net
