package dev.fairway.agent;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.JobEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What a running job is connected to: a server, or a folder and a terminal.
///
/// What is handed over is kept, in order; a failure to keep it is an exception and becomes the
/// job's `error`.
public interface JobHost {
  /// Takes the next whole lines of the log, masked. `bytes` may be changed after the call.
  void log(byte[] bytes, int length);

  /// Takes the next event.
  void event(JobEvent event);

  CheckoutSource checkout();

  /// Stores a zip under a name that is new in the run.
  ArtifactReceipt upload(String name, Path zip) throws IOException, InterruptedException;

  /// What the run's jobs have uploaded so far, by name.
  List<ArtifactReceipt> artifacts() throws IOException, InterruptedException;

  /// Writes the artifact of that name to the new file `zip`.
  void download(String name, Path zip) throws IOException, InterruptedException;
}
