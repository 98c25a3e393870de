package dev.fairway.agent;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/// Whatever a job prints or writes for the agent, it is taken or refused; nothing else happens.
final class CommandsFuzzTest {
  private static final String NONCE = "0123456789abcdef";

  @FuzzTest
  void everyByteOfOutputBelongsToALine(byte[] output) {
    var heard = new AtomicLong();
    var lines =
        new OutputLines(
            NONCE,
            new OutputLines.Receiver() {
              @Override
              public void line(byte[] line, int length, long total) {
                if (length > line.length || length > total) {
                  throw new AssertionError("a line longer than it is");
                }
                heard.addAndGet(total);
                var _ = WorkflowCommand.parse(new String(line, 0, length, StandardCharsets.UTF_8));
              }

              @Override
              public void ended(long id, int code) {
                // Who guesses the nonce is not meant here.
              }
            });
    var half = output.length / 2;
    lines.accept(Arrays.copyOf(output, half), half, 0);
    lines.accept(Arrays.copyOfRange(output, half, output.length), output.length - half, 9);
    lines.close();
    if (heard.get() > output.length) {
      throw new AssertionError("more was heard than was said");
    }
  }

  @FuzzTest
  void aCommandFileIsReadOrRefused(byte[] content) throws IOException {
    withFile(
        content,
        file -> {
          for (var name : CommandFile.pairs(file, "GITHUB_ENV").keySet()) {
            if (name.isBlank()) {
              throw new AssertionError("a name that is none");
            }
          }
        });
    withFile(content, file -> CommandFile.lines(file, "GITHUB_PATH"));
  }

  @FuzzTest
  void aZipIsUnpackedInsideItsFolderOrRefused(byte[] content) throws IOException {
    var folder = Files.createTempDirectory("fuzz");
    try {
      var inside = Files.createDirectory(folder.resolve("inside"));
      withFile(
          content,
          file -> {
            try {
              Unzip.into(file, inside, 1 << 20);
            } catch (IOException e) {
              // A disk may refuse names that a zip allows.
              if (e.getMessage() == null) {
                throw new AssertionError("a refusal without a word", e);
              }
            }
          });
      try (var files = Files.list(folder)) {
        if (files.count() != 1) {
          throw new AssertionError("something was written beside the folder");
        }
      }
    } finally {
      JobFolder.deleteTree(folder);
    }
  }

  private interface Reader {
    void read(Path file) throws IOException;
  }

  private static void withFile(byte[] content, Reader reader) throws IOException {
    var file = Files.createTempFile("fuzz", ".in");
    try {
      Files.write(file, content);
      reader.read(file);
    } catch (FairwayException e) {
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("a refusal without a word", e);
      }
    } finally {
      Files.delete(file);
    }
  }
}
