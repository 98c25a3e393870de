package dev.fairway.server.web;

import dev.fairway.api.Problem;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.ErrorPage;
import dev.fairway.server.http.Exchange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What a person sees when the answer is no: what happened, and what to do. Somebody who is not
/// signed in is taken to the sign-in and back.
final class Refusal implements ErrorPage {
  private final Web web;

  Refusal(Web web) {
    this.web = web;
  }

  @Override
  public String render(Exchange exchange, Problem problem) {
    var caller = exchange.caller();
    if (problem.status() == 401 && caller.kind() == Caller.Kind.NOBODY) {
      exchange.redirect("/sign-in" + wayBack(exchange));
      return "";
    }
    return web.bare(
        caller, Page.of(heading(problem.status())), "web/refusal.jte", Map.of("problem", problem));
  }

  private static String wayBack(Exchange exchange) {
    if (!exchange.method().equals("GET")
        || exchange.wantsFragment()
        || exchange.path().equals("/")) {
      return "";
    }
    var query = exchange.queryString();
    var here = exchange.path() + (query.isEmpty() ? "" : "?" + query);
    return "?next=" + URLEncoder.encode(here, StandardCharsets.UTF_8);
  }

  private static String heading(int status) {
    return switch (status) {
      case 403 -> "Not allowed";
      case 404 -> "Not found";
      case 409 -> "Things have moved on";
      case 429 -> "Too many attempts";
      case 503 -> "Back in a moment";
      default -> status < 500 ? "That did not work" : "Our fault";
    };
  }
}
