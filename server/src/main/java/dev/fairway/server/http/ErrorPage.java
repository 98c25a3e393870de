package dev.fairway.server.http;

import dev.fairway.api.Problem;

/// Renders a refusal for a person in a browser.
@FunctionalInterface
public interface ErrorPage {
  /// The whole page as HTML.
  String render(Exchange exchange, Problem problem);
}
