package dev.fairway.server.delivery.target;

import java.util.List;
import java.util.Map;

/// How to run a service.
///
/// @param command the program and its arguments; a shell line is `["sh", "-c", "…"]`
/// @param portVariable the environment variable that tells it its loopback port
/// @param environment further variables; the server's own are not passed on
public record RunSpec(List<String> command, String portVariable, Map<String, String> environment) {
  public RunSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (command.isEmpty()) {
      throw new IllegalArgumentException("a service needs a command");
    }
  }
}
