#include "net/http/handshake.hpp"

#include "base/ascii.hpp"
#include "base/guarded.hpp"
#include "base/protocol2.hpp"
#include "net/http/header_fields.hpp"
#include "net/io/coalescing_stream.hpp"
#include "net/runtime/peer_log.hpp"
#include "net/wire/deflate_offer.hpp"
#include "troupe/log.hpp"

#include <boost/beast/http/field.hpp>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace troupe::net {

using boost::beast::http::field;
using boost::beast::http::status;

namespace {

/// Returns whether the client offers the subprotocol `name`, case-sensitively.
/// The list may be split into several fields.
bool offers(const http_request& head, std::string_view name) {
  auto [i, end] = head.equal_range(field::sec_websocket_protocol);
  for (; i != end; ++i) {
    std::string_view list{i->value().data(), i->value().size()};
    while (!list.empty())
      if (base::trim(base::split_off(list, ',')) == name)
        return true;
  }
  return false;
}

/// Returns the origin of the page that opened the connection, for the log.
std::string from_origin(const request& req) {
  constexpr size_t enough = 100;
  auto origin = req.header("Origin").substr(0, enough);
  return origin.empty() ? "" : " (from " + std::string{origin} + ')';
}

using digest = std::array<unsigned char, SHA_DIGEST_LENGTH>;

/// Computes the SHA-1 digest of `text`. The algorithm is looked up once, since
/// this takes OpenSSL 3 longer than computing a digest.
digest sha1(std::string_view text) {
  static const auto* algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>
    context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  digest result;
  if (!EVP_DigestInit_ex(context.get(), algorithm, nullptr)
      || !EVP_DigestUpdate(context.get(), text.data(), text.size())
      || !EVP_DigestFinal_ex(context.get(), result.data(), nullptr))
    throw std::runtime_error{"OpenSSL has no SHA-1"};
  return result;
}

/// Returns the value of Sec-WebSocket-Accept (RFC 6455 section 4.2.2).
std::string accept_key(std::string_view key) {
  auto bytes = sha1(std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded;
  auto size = EVP_EncodeBlock(encoded.data(), bytes.data(), bytes.size());
  return {reinterpret_cast<const char*>(encoded.data()),
          static_cast<size_t>(size)};
}

std::optional<deflate_terms> agree_on_deflate(const http_request& head,
                                              const config& cfg) {
  if (!cfg.enable_compression)
    return std::nullopt;
  return accept_deflate(join_fields(head, field::sec_websocket_extensions));
}

std::string choose_subprotocol(const http_request& head, const config& cfg) {
  if (cfg.enable_protocol_2 && offers(head, protocol2::subprotocol))
    return std::string{protocol2::subprotocol};
  auto i = std::ranges::find_if(cfg.subprotocols, [&](const auto& name) {
    return offers(head, name);
  });
  return i == cfg.subprotocols.end() ? std::string{} : *i;
}

/// @returns what is wrong with the decision of the program; empty if nothing.
std::string fault(const http_request& head, const verdict& x) {
  if (auto name = find_invalid(x.is_accepted ? x.reply.fields : x.fields);
      !name.empty())
    return "has an invalid or reserved header field: " + name;
  const auto& subprotocol = x.reply.subprotocol;
  if (!subprotocol.empty() && !offers(head, subprotocol))
    return "selects a subprotocol that the client does not offer: "
           + subprotocol;
  if (!x.is_accepted && (x.status < 400 || x.status > 599))
    return "refuses with a status of " + std::to_string(x.status);
  return {};
}

std::string accept_reply(const http_request& head, std::string_view subprotocol,
                         const std::optional<deflate_terms>& deflate,
                         const std::string& added) {
  auto key = head[field::sec_websocket_key];
  auto result = begin_reply(status::switching_protocols);
  result += "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: ";
  result += accept_key({key.data(), key.size()});
  result += "\r\n";
  auto add = [&result](std::string_view name, std::string_view value) {
    result.append(name).append(": ").append(value).append("\r\n");
  };
  if (!subprotocol.empty())
    add("Sec-WebSocket-Protocol", subprotocol);
  if (deflate)
    add("Sec-WebSocket-Extensions", deflate->answer());
  result += added + "\r\n";
  return result;
}

void apply(handshake_error changed, refusal& to) {
  if (changed.status < 400 || changed.status > 599) {
    log_limited(log_level::error, {.category = "http"},
                "on_handshake_error set a status of "
                  + std::to_string(changed.status));
    changed.status = static_cast<unsigned>(to.status);
  }
  if (changed.status != static_cast<unsigned>(to.status))
    to.fields = {}; // They belong to the original status.
  to.status = static_cast<status>(changed.status);
  to.why = std::move(changed.body);
}

} // namespace

std::optional<refusal>
check_upgrade(const http_request& head, const request& req, const config& cfg,
              bool has_more, std::string_view public_url) {
  if (!wants_websocket(head))
    return refusal{status::upgrade_required, "this is a WebSocket endpoint",
                   "Upgrade: websocket\r\nConnection: Upgrade\r\n"};
  if (auto wrong = check_handshake(head))
    return wrong;
  if (has_more)
    return refusal{status::bad_request, "bytes before the handshake"};
  return check_origin(req, cfg, public_url);
}

void tell_refusal(const request& req, const config& cfg, refusal& why) {
  if (!why.is_logged)
    log_peer("http", req.remote_address(),
             "handshake refused with "
               + std::to_string(static_cast<unsigned>(why.status)) + ": "
               + why.why + from_origin(req));
  if (!cfg.on_handshake_error)
    return;
  handshake_error error{static_cast<unsigned>(why.status), why.why};
  guarded("http", "on_handshake_error", [&] {
    cfg.on_handshake_error(req, error);
    apply(std::move(error), why);
  });
}

std::optional<refusal> check_verdict(const http_request& head,
                                     const verdict& x) {
  if (auto why = fault(head, x); !why.empty()) {
    log_limited(log_level::error, {.category = "http"},
                "the decision about a handshake " + why);
    return refusal{status::internal_server_error,
                   "the decision is invalid",
                   {},
                   handshake_result::failed};
  }
  if (x.is_accepted)
    return std::nullopt;
  return refusal{static_cast<status>(x.status), x.body, to_lines(x.fields),
                 x.status < 500 ? handshake_result::unauthorized
                                : handshake_result::failed};
}

acceptance accept(const http_request& head, const config& cfg,
                  const handshake_reply& added) {
  acceptance result;
  result.subprotocol = added.subprotocol.empty() ? choose_subprotocol(head, cfg)
                                                 : added.subprotocol;
  auto deflate = agree_on_deflate(head, cfg);
  if (deflate)
    result.window_bits = deflate->window_bits;
  result.reply = accept_reply(head, result.subprotocol, deflate,
                              to_lines(added.fields));
  return result;
}

std::string begin_reply(const refusal& why) {
  auto result = begin_reply(why.status);
  result += why.fields;
  result += text_fields(why.why.size());
  return result;
}

reply make_reply(const refusal& why) {
  return {begin_reply(why), to_slice(why.why)};
}

} // namespace troupe::net
