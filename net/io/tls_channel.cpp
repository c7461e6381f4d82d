#include "net/io/tls_channel.hpp"

#include <boost/asio/ssl/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <chrono>
#include <utility>

namespace troupe::net {

namespace {

/// Size of the header of a record (RFC 8446 section 5.1).
constexpr size_t record_header = 5;

/// Maximum size of a record before encryption (RFC 8446 section 5.1).
constexpr size_t largest_record = size_t{1} << 14;

/// First byte of a record that belongs to a handshake.
constexpr char handshake_type = 22;

/// First byte of a KeyUpdate message (RFC 8446 section 4.6.3).
constexpr unsigned char key_update_type = 24;

/// Maximum number of key updates per minute. A client pays 27 bytes for each,
/// the server 20 microseconds.
constexpr uint8_t max_key_updates = 32;

/// Maximum number of steps of handshakes per round of a thread's sockets.
constexpr int max_steps = 2;

/// Room for what one call decrypts: 32 KiB, and a record that was incomplete
/// before.
constexpr size_t plain_size = 64 * 1024;

/// What the channels of a thread share.
struct shared_state {
  shared_state();
  ~shared_state() {
    BIO_free(bio);
  }

  static shared_state& of_thread() {
    thread_local shared_state result;
    return result;
  }

  /// Prepares for a call of OpenSSL. An error that another connection has left
  /// in the queue of this thread would be taken for one of this call.
  void begin(std::string_view received) {
    in = received;
    out.clear();
    if (ERR_peek_error() != 0)
      ERR_clear_error();
  }

  /// Counts a step of a handshake.
  /// @returns false if there were too many in this round.
  bool take_step(uint64_t now) {
    if (std::exchange(round, now) != now)
      steps = 0;
    return steps < max_steps && ++steps > 0;
  }

  BIO* bio;
  std::string_view in; ///< Received, not read by OpenSSL yet.
  std::string out;     ///< Written by OpenSSL.
  std::unique_ptr<char[]> plain
    = std::make_unique_for_overwrite<char[]>(plain_size);
  uint64_t round = 0;
  int steps = 0; ///< Steps of handshakes in `round`.
};

int read_bio(BIO* bio, char* to, size_t size, size_t* count) {
  auto& in = static_cast<shared_state*>(BIO_get_data(bio))->in;
  *count = in.copy(to, size);
  in.remove_prefix(*count);
  BIO_clear_retry_flags(bio);
  if (*count == 0)
    BIO_set_retry_read(bio);
  return *count > 0 ? 1 : 0;
}

/// Accepts everything, so that a write never has to be repeated.
int write_bio(BIO* bio, const char* from, size_t size, size_t* count) {
  static_cast<shared_state*>(BIO_get_data(bio))->out.append(from, size);
  *count = size;
  return 1;
}

long control_bio(BIO*, int what, long, void*) {
  return what == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_bio_method() {
  auto* result = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                              "buffers of a thread");
  BIO_meth_set_read_ex(result, read_bio);
  BIO_meth_set_write_ex(result, write_bio);
  BIO_meth_set_ctrl(result, control_bio);
  return result;
}

shared_state::shared_state() {
  static auto* const method = make_bio_method(); // Lives as long as OpenSSL.
  bio = BIO_new(method);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
}

int64_t minute() {
  return std::chrono::duration_cast<std::chrono::minutes>(
           std::chrono::steady_clock::now().time_since_epoch())
    .count();
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

tls_channel::tls_channel(ssl_context context)
  : context_{std::move(context)},
    ssl_{nullptr, SSL_free} {
}

tls_channel::~tls_channel() = default;

// -- receiving ----------------------------------------------------------------

tls_channel::input tls_channel::decrypt(std::string_view received,
                                        uint64_t round) {
  auto& shared = shared_state::of_thread();
  if (phase_ == phase::open || phase_ == phase::ended) {
    shared.begin(received);
    return read();
  }
  held_.append(received);
  if (held_.empty())
    return {};
  if (!ssl_ && held_.front() != handshake_type)
    return not_tls();
  if (!ssl_ && !has_first_record())
    return {};
  is_deferred_ = !shared.take_step(round);
  if (is_deferred_)
    return {.how = outcome::deferred};
  auto bytes = std::exchange(held_, {});
  shared.begin(bytes);
  if (!ssl_ && !create())
    return failure();
  return shake_hands();
}

/// Returns the bytes of a client that does not speak TLS.
tls_channel::input tls_channel::not_tls() const {
  auto* plain = shared_state::of_thread().plain.get();
  held_.copy(plain, plain_size);
  return {.how = outcome::not_tls, .bytes = {plain, held_.size()}};
}

/// Returns whether the first record is complete, or invalid.
bool tls_channel::has_first_record() const {
  if (held_.size() < record_header)
    return false;
  auto at = [this](size_t i) { return static_cast<unsigned char>(held_[i]); };
  auto size = size_t{at(3)} << 8 | at(4);
  return size > largest_record || held_.size() >= record_header + size;
}

bool tls_channel::create() {
  ssl_.reset(SSL_new(context_.get()));
  if (!ssl_)
    return false;
  auto* bio = shared_state::of_thread().bio;
  BIO_up_ref(bio); // `SSL_set_bio` takes over one reference.
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
  SSL_set_msg_callback(ssl_.get(), on_message);
  SSL_set_msg_callback_arg(ssl_.get(), this);
  return true;
}

tls_channel::input tls_channel::shake_hands() {
  auto result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    phase_ = phase::open;
    return read(); // Data may follow at once.
  }
  if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ)
    return failure();
  return {.reply = shared_state::of_thread().out};
}

tls_channel::input tls_channel::read() {
  auto& shared = shared_state::of_thread();
  size_t size = 0;
  auto result = 1;
  while (result == 1 && size < plain_size && key_updates_ <= max_key_updates) {
    size_t count = 0;
    result = SSL_read_ex(ssl_.get(), shared.plain.get() + size,
                         plain_size - size, &count);
    size += count;
  }
  auto why = SSL_get_error(ssl_.get(), result);
  if (key_updates_ > max_key_updates
      || (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN))
    return failure();
  return {why == SSL_ERROR_WANT_READ ? outcome::more : outcome::ended,
          {shared.plain.get(), size},
          shared.out,
          {}};
}

/// Returns the failure of the last call of OpenSSL. Its alert is the reply.
tls_channel::input tls_channel::failure() {
  auto code = static_cast<int>(ERR_peek_error());
  ERR_clear_error();
  phase_ = phase::ended;
  error_code why{EPROTO, boost::system::system_category()};
  if (code != 0)
    why.assign(code, asio::error::get_ssl_category());
  return {outcome::failed, {}, shared_state::of_thread().out, why};
}

void tls_channel::on_message(int is_ours, int, int type, const void* bytes,
                             size_t size, ssl_st*, void* self) {
  if (is_ours == 0 && type == SSL3_RT_HANDSHAKE && size > 0
      && *static_cast<const unsigned char*>(bytes) == key_update_type)
    static_cast<tls_channel*>(self)->count_key_update();
}

void tls_channel::count_key_update() {
  auto now = minute();
  if (std::exchange(key_minute_, now) != now)
    key_updates_ = 0;
  ++key_updates_;
}

// -- sending ------------------------------------------------------------------

std::string_view tls_channel::encrypt(std::string_view plain) {
  if (phase_ != phase::open)
    return {};
  auto& shared = shared_state::of_thread();
  shared.begin({});
  size_t count = 0;
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &count) != 1) {
    failure();
    return {};
  }
  return shared.out;
}

std::string_view tls_channel::end() {
  if (std::exchange(phase_, phase::ended) != phase::open)
    return {};
  auto& shared = shared_state::of_thread();
  shared.begin({});
  SSL_shutdown(ssl_.get()); // Not 1: the client has not ended its side yet.
  return shared.out;
}

void tls_channel::sent(size_t size) {
  kept_.erase(0, size);
  if (kept_.empty())
    kept_ = {}; // Releases the memory.
}

} // namespace troupe::net
