package dev.fairway.server.http;

/// The routes of one feature.
@FunctionalInterface
public interface Routes {
  void register(RouteTable routes);
}
