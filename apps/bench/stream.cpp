#include "stream.hpp"

#include "violation.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <sys/socket.h>
#include <tuple>
#include <utility>

namespace troupe::bench {

namespace {

/// Maximum number of bytes per system call. What they decrypt to fits into
/// `least_buffer`, together with a record that was incomplete before.
constexpr std::size_t most_received = 64 * 1024;

/// The settings of all connections, and the last session.
class context {
public:
  static context& get() {
    static context result;
    return result;
  }

  [[nodiscard]] SSL* make(bool resumes) const {
    auto* result = SSL_new(context_.get());
    SSL_set_connect_state(result);
    if (resumes) {
      // A copy, since OpenSSL declares sessions of TLS 1.3 unusable after use.
      auto* copy = SSL_SESSION_dup(session_.get());
      SSL_set_session(result, copy);
      SSL_SESSION_free(copy);
    }
    return result;
  }

  [[nodiscard]] bool has_session() const {
    return session_ != nullptr;
  }

private:
  context() : context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free} {
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL uses `write`.
    auto* ctx = context_.get();
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set1_groups_list(ctx, "X25519");
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS
                            | SSL_MODE_ENABLE_PARTIAL_WRITE
                            | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT
                                          | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, on_session);
  }

  static int on_session(SSL*, SSL_SESSION* session) {
    get().session_ = {session, SSL_SESSION_free};
    return 1; // Takes over the reference.
  }

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session_{
    nullptr, SSL_SESSION_free};
};

/// Returns whether OpenSSL needs the socket to be readable or writable again
/// after a call that returned `result`.
bool must_wait(const SSL* tls, int result) {
  auto why = SSL_get_error(tls, result);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

std::string last_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

} // namespace

void stream::deleter::operator()(ssl_st* x) const {
  // Without this, OpenSSL would declare the session unusable for others.
  SSL_set_shutdown(x, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(x);
}

stream::stream(unique_fd fd, security how)
  : fd_{std::move(fd)},
    must_resume_{how == security::resumed_tls && context::get().has_session()} {
  if (how == security::none)
    return;
  tls_.reset(context::get().make(must_resume_));
  // Received bytes pass through memory, since OpenSSL would need two system
  // calls for each record.
  SSL_set_bio(tls_.get(), BIO_new(BIO_s_mem()),
              BIO_new_socket(this->fd(), BIO_NOCLOSE));
  std::ignore = shake_hands();
}

bool stream::advance() {
  if (!tls_ || SSL_is_init_finished(tls_.get()))
    return true;
  if (!feed())
    throw violation{"closed during the handshake of TLS"};
  return shake_hands();
}

std::optional<std::size_t> stream::read(std::span<char> buffer) {
  if (!tls_)
    return receive(buffer);
  if (!feed())
    return 0;
  auto result = decrypt(buffer);
  return result > 0 ? std::optional{result} : std::nullopt;
}

std::size_t stream::write(std::string_view bytes) {
  if (tls_)
    return encrypt(bytes);
  auto n = ::send(fd(), bytes.data(), bytes.size(),
                  MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && !would_block())
    throw_errno("send");
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

/// Like `read`, without TLS. A lost connection counts as ended.
std::optional<std::size_t> stream::receive(std::span<char> buffer) {
  auto n = recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && would_block())
    return {};
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

/// Passes received bytes to OpenSSL.
/// @returns false at the end of the connection.
bool stream::feed() {
  thread_local std::array<char, most_received> received;
  auto size = receive(received);
  if (size)
    BIO_write(SSL_get_rbio(tls_.get()), received.data(),
              static_cast<int>(*size));
  return size != 0;
}

bool stream::shake_hands() {
  auto result = SSL_do_handshake(tls_.get());
  if (result != 1 && must_wait(tls_.get(), result))
    return false;
  if (result != 1)
    throw violation{"the handshake of TLS failed: " + last_error()};
  if (must_resume_ && SSL_session_reused(tls_.get()) == 0)
    throw violation{"the server has not resumed a session of TLS"};
  return true;
}

std::size_t stream::decrypt(std::span<char> buffer) {
  auto size = std::size_t{0};
  for (;;) {
    auto count = std::size_t{0};
    auto result = SSL_read_ex(tls_.get(), buffer.data() + size,
                              buffer.size() - size, &count);
    size += count;
    if (result == 1
        && (SSL_has_pending(tls_.get()) == 1
            || BIO_pending(SSL_get_rbio(tls_.get())) > 0))
      continue;
    if (result != 1 && !must_wait(tls_.get(), result)
        && SSL_get_error(tls_.get(), result) != SSL_ERROR_ZERO_RETURN)
      throw violation{"invalid TLS: " + last_error()};
    return size;
  }
}

std::size_t stream::encrypt(std::string_view bytes) {
  auto size = std::size_t{0};
  while (size < bytes.size()) {
    auto count = std::size_t{0};
    auto result = SSL_write_ex(tls_.get(), bytes.data() + size,
                               bytes.size() - size, &count);
    if (result != 1 && must_wait(tls_.get(), result))
      break;
    if (result != 1)
      throw std::runtime_error{"sending with TLS failed: " + last_error()};
    size += count;
  }
  return size;
}

std::string make_client_hello() {
  std::unique_ptr<SSL, void (*)(SSL*)> tls{context::get().make(false),
                                           SSL_free};
  auto* out = BIO_new(BIO_s_mem());
  SSL_set_bio(tls.get(), BIO_new(BIO_s_mem()), out);
  SSL_do_handshake(tls.get());
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(out, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

} // namespace troupe::bench
