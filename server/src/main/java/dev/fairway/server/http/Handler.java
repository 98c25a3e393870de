package dev.fairway.server.http;

import java.io.IOException;

/// Answers one request: parse, call one domain method, render.
@FunctionalInterface
public interface Handler {
  void handle(Exchange exchange) throws IOException;
}
