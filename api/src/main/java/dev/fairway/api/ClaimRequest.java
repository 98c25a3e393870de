package dev.fairway.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An agent asks for one job; the server answers when it has one, or with 204 after a while.
///
/// @param agent the agent's name, unique in the installation
/// @param labels what `runs-on` may ask for, such as `linux`
/// @param sandbox how jobs are isolated on that machine, shown on the run page
/// @param machine told until the server has answered once; else null
public record ClaimRequest(
    String agent, List<String> labels, String sandbox, @Nullable Machine machine) {
  /// What an agent says of itself.
  ///
  /// @param version of the agent
  /// @param slots how many jobs it runs at once
  /// @param containers `podman`, `docker` or `none`: what is installed to run them
  public record Machine(String version, int slots, String containers) {}

  public ClaimRequest {
    labels = AgentLabels.normal(labels);
  }

  public ClaimRequest(String agent, List<String> labels, String sandbox) {
    this(agent, labels, sandbox, null);
  }
}
