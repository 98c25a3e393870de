package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.ActionRuns;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A container in place of a step.
final class ContainerAction {
  /// What a step may give to every container action.
  static final Set<String> OWN_INPUTS = Set.of("args", "entrypoint");

  private ContainerAction() {}

  static Action ofImage(ActionReference.Docker docker, Map<String, String> with, Turn.Scene scene) {
    throw unsupported(docker.text());
  }

  static Action ofAction(
      ActionRuns.Container container,
      Optional<String> entrypoint,
      ActionCall call,
      Turn.Scene scene) {
    throw unsupported(call.step().action().text());
  }

  private static FairwayException unsupported(String action) {
    return new FairwayException(
        ErrorCode.UNSUPPORTED, "The container action `" + action + "` is not supported yet", "");
  }
}
