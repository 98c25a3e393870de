package dev.fairway.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The blob store on a disk with room for 2 MiB. The disk belongs to a process of its own, so the
/// store is used by [#main] there, which tells what happened.
final class FullDiskTest {
  private static final int SMALL = 300_000;
  private static final int LARGE = 5_000_000;

  @TempDir Path folder;

  public static void main(String[] arguments) throws IOException {
    var data = Path.of(arguments[0]);
    var store = new BlobStore(data, InstantSource.system());
    try (var first = store.receive(new ByteArrayInputStream(new byte[SMALL]), LARGE)) {
      store.keep(first);
      try {
        var _ = store.receive(new ByteArrayInputStream(new byte[LARGE]), LARGE);
        System.out.println("taken");
      } catch (FairwayException e) {
        System.out.println(e.code().id() + ": " + e.getMessage() + ". " + e.next());
      }
      try (var incoming = Files.list(data.resolve("blobs/incoming"))) {
        System.out.println("left behind: " + incoming.count());
      }
      System.out.println("kept: " + Files.size(store.require(first.digest(), SMALL)));
    }
    try (var again = store.receive(new ByteArrayInputStream(new byte[SMALL]), LARGE)) {
      System.out.println("taken again: " + again.size());
    }
  }

  @Test
  void anArtifactThatFindsNoRoomIsRefusedAndLeavesNothingBehind() throws Exception {
    assumeTrue(run("true").equals("0"), "a private mount namespace cannot be made here");

    var said =
        run(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            FullDiskTest.class.getName(),
            folder.toString());

    assertThat(said)
        .contains("storage_unavailable: The folder of blobs cannot be used")
        .contains("Free some space on the server's disk")
        .contains("left behind: 0", "kept: " + SMALL, "taken again: " + SMALL)
        .endsWith("0");
  }

  /// Runs a program that has a small disk at [#folder]; what it said, and its exit code.
  private String run(String... program) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c"));
    command.add("mount -t tmpfs -o size=2m none \"$1\" && shift && exec \"$@\"");
    command.addAll(List.of("mount", folder.toString()));
    command.addAll(List.of(program));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return said + process.waitFor();
  }
}
