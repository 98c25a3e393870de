package dev.fairway.api;

import java.util.List;

/// An agent asks for one job; the server answers when it has one, or with 204 after a while.
///
/// @param agent the agent's name, unique in the installation
/// @param labels what `runs-on` may ask for, such as `linux`
/// @param sandbox how jobs are isolated on that machine, shown on the run page
public record ClaimRequest(String agent, List<String> labels, String sandbox) {
  public ClaimRequest {
    labels = List.copyOf(labels);
  }
}
