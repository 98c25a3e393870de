package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ResolvedAction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Where the code of actions comes from.
public interface ActionSource {
  /// The commit of each `owner/name@ref`, in the same order; a refusal names the first that cannot
  /// be had, and why.
  List<ResolvedAction> resolve(List<String> references) throws IOException, InterruptedException;

  /// Writes the tree of that commit, as a zip with modes and links, to the new file `zip`.
  void fetch(ResolvedAction action, Path zip) throws IOException, InterruptedException;

  /// Knows no action.
  static ActionSource none() {
    return new ActionSource() {
      @Override
      public List<ResolvedAction> resolve(List<String> references) {
        throw new FairwayException(
            ErrorCode.NOT_FOUND,
            "The action `%s` cannot be fetched: no place is known where actions come from"
                .formatted(references.getFirst()),
            "Name a folder or a git URL with them.");
      }

      @Override
      public void fetch(ResolvedAction action, Path zip) {
        throw new IllegalStateException("nothing was resolved");
      }
    };
  }
}
