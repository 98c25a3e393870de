package dev.fairway.agent;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.JobEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/// What a running job is connected to: a server, or a folder and a terminal.
///
/// What is handed over is kept, in order; a failure to keep it is an exception and becomes the
/// job's `error`.
public interface JobHost {
  /// Waits until it is certain whose the job is; no step and no container of it runs before that.
  /// Where it is somebody else's by now, it is abandoned.
  default void awaitConfirmation() throws InterruptedException {}

  /// Takes the next whole lines of the log, masked. `bytes` may be changed after the call.
  void log(byte[] bytes, int length);

  /// Takes the next event.
  void event(JobEvent event);

  CheckoutSource checkout();

  /// Whether the source of [#checkout] was out of reach since it was asked for, so that a checkout
  /// which failed is worth another attempt; waits until it can be reached.
  ///
  /// @param givenUp when it is done, nobody waits for the answer any more; for the others too
  default boolean wasAway(CompletableFuture<?> givenUp) throws IOException, InterruptedException {
    return false;
  }

  /// Where the code of the job's actions comes from.
  ///
  /// @param givenUp when it is done, nobody waits for the answer any more
  ActionSource actions(CompletableFuture<?> givenUp);

  /// The caches of the job's project, where the job has not been told of a server's.
  default Optional<Caches> caches() {
    return Optional.empty();
  }

  /// How an artifact is to be kept.
  ///
  /// @param retentionDays after so many it goes; empty where it stays as long as others
  /// @param overwrite whether it takes the place of what the run has by its name, which otherwise
  ///   has to be new
  record Keeping(OptionalInt retentionDays, boolean overwrite) {}

  /// Stores a zip under a name.
  ArtifactReceipt upload(String name, Keeping keeping, Path zip, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException;

  /// What the jobs of a run have uploaded so far, by name.
  ///
  /// @param run the id of another run; empty for the job's own
  List<ArtifactReceipt> artifacts(Optional<String> run, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException;

  /// Writes the artifact of that name to the new file `zip`.
  ///
  /// @param run as above
  void download(Optional<String> run, String name, Path zip, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException;
}
