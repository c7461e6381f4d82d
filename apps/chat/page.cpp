#include "page.hpp"

#include "embedded/web.hpp"

namespace chat {

namespace {

/// The page consists of these files and connects to this server only;
/// everything else is blocked. Trusted types without a policy keep text from
/// becoming markup by mistake.
constexpr std::string_view policy
  = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

constexpr std::string_view html = "text/html; charset=utf-8";
constexpr std::string_view css = "text/css; charset=utf-8";
constexpr std::string_view svg = "image/svg+xml";
constexpr std::string_view js = "text/javascript; charset=utf-8";

} // namespace

void serve_page(troupe::app& app) {
  using namespace troupe::embedded;
  app.serve("/", {web::index_html,
                  html,
                  {{"Content-Security-Policy", policy},
                   {"Referrer-Policy", "no-referrer"}}});
  app.serve("/style.css", {web::style_css, css});
  app.serve("/icon.svg", {web::icon_svg, svg});
  app.serve("/app.js", {web::app_js, js});
  app.serve("/avatar.js", {web::avatar_js, js});
  app.serve("/chat.js", {web::chat_js, js});
  app.serve("/conversation.js", {web::conversation_js, js});
  app.serve("/conversations.js", {web::conversations_js, js});
  app.serve("/dom.js", {web::dom_js, js});
  app.serve("/log.js", {web::log_js, js});
  app.serve("/memory.js", {web::memory_js, js});
  app.serve("/view.js", {web::view_js, js});
}

} // namespace chat
