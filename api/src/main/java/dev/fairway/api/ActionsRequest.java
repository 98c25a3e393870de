package dev.fairway.api;

import java.util.List;

/// A running job asks for the commits of the actions that it uses.
///
/// @param references each `owner/name@ref`
public record ActionsRequest(long fence, List<String> references) {
  /// The most references of one call.
  public static final int MAX_REFERENCES = 200;

  public ActionsRequest {
    references = List.copyOf(references);
    if (references.size() > MAX_REFERENCES) {
      throw new IllegalArgumentException("more than " + MAX_REFERENCES + " references");
    }
  }

  /// @param actions one for each reference, in the same order
  public record Reply(List<ResolvedAction> actions) {
    public Reply {
      actions = List.copyOf(actions);
    }
  }
}
