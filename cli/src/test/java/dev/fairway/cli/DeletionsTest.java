package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeletionsTest {
  @TempDir Path folder;

  /// The JVM waits for what it has started when it ends.
  @Test
  void whatDeletesIsNoChildOfThisProcess() throws Exception {
    var victim = Files.createDirectory(folder.resolve("victim"));
    var pipe = folder.resolve("go");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    var slow = Files.createDirectory(folder.resolve("slow"));
    Files.writeString(
        slow.resolve("rm"), "#!/bin/sh\nread word <'" + pipe + "'\nexec /bin/rm \"$@\"\n");
    assertThat(slow.resolve("rm").toFile().setExecutable(true)).isTrue();
    var deletion = Deletions.deletion(List.of(victim));
    deletion.environment().merge("PATH", slow.toString(), (path, first) -> first + ":" + path);

    var started = deletion.start();

    assertThat(started.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(victim).exists();
    try (var out = new FileOutputStream(pipe.toFile())) {
      out.write("go\n".getBytes(StandardCharsets.US_ASCII));
    }
    Eventually.holds("it is deleted", () -> !Files.exists(victim));
  }
}
