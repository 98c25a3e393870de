package dev.fairway.agent;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whatever a repository or an action brings along, it is taken or refused; nothing else happens.
final class InputsFuzzTest {
  /// A file of matchers, a line of its own, and lines of output.
  @FuzzTest
  void problemMatchersAreTakenOrRefused(byte[] input) {
    var text = new String(input, StandardCharsets.UTF_8);
    var end = text.indexOf("\n---\n");
    try {
      var matchers = ProblemMatcher.parse(end < 0 ? text : text.substring(0, end));
      for (var line : (end < 0 ? text : text.substring(end + 5)).lines().toList()) {
        for (var matcher : matchers) {
          var problem = matcher.next(line);
          if (problem.isPresent() && problem.get().message().isBlank()) {
            throw new AssertionError("a problem without a word");
          }
        }
      }
    } catch (ProblemMatcher.TooSlow e) {
      // Such a matcher is not used any more.
    } catch (FairwayException e) {
      assertSentence(e);
    }
  }

  /// A pattern, and paths that it may match.
  @FuzzTest
  void aPatternMatchesOrNotAndIsQuick(byte[] input) {
    var lines = new String(input, StandardCharsets.UTF_8).lines().toList();
    if (lines.isEmpty()) {
      return;
    }
    try {
      var glob = Glob.parse(lines.getFirst(), Path.of("/work"));
      for (var line : lines) {
        var path = Path.of("/work").resolve(line).normalize();
        var matched = glob.matches(path);
        if (matched && !path.startsWith(glob.base())) {
          throw new AssertionError(glob + " matches " + path + " outside of where it is searched");
        }
      }
    } catch (InvalidPathException e) {
      // A name that no file system has.
    } catch (FairwayException e) {
      assertSentence(e);
    }
  }

  /// The first line is a secret.
  @FuzzTest
  void noSecretIsLeftInWhatIsMasked(byte[] input) {
    var text = new String(input, StandardCharsets.UTF_8);
    var end = text.indexOf('\n');
    if (end <= 0) {
      return;
    }
    var secret = text.substring(0, end);
    var masker = new Masker(List.of(secret));
    var forms = new ArrayList<>(SecretForms.text(secret));
    forms.addAll(SecretForms.base64(secret));
    for (var line : text.substring(end + 1).split("\n", -1)) {
      for (var form : forms) {
        var masked = masker.mask(line + form + line);
        // What the stars have in common with it was not in the line.
        var left =
            Arrays.stream(masked.split("\\*\\*\\*", -1)).anyMatch(part -> part.contains(secret));
        if (!secret.isBlank() && left) {
          throw new AssertionError("`%s` is left in `%s`".formatted(secret, masked));
        }
      }
    }
  }

  @FuzzTest
  void theCodeOfAnActionIsUnpackedInsideItsFolderOrRefused(byte[] content) throws IOException {
    var root = Files.createTempDirectory("fuzz");
    try {
      var zip = Files.write(root.resolve("action.zip"), content);
      var job = JobFolder.create(root.resolve("job"), UserIds.shared());
      try {
        ActionZip.unpack(zip, job, job.actions().resolve("action"));
      } catch (FairwayException e) {
        assertSentence(e);
      } catch (IOException e) {
        // A disk may refuse names that a zip allows.
      }
      try (var paths = Files.walk(job.actions())) {
        for (var path : (Iterable<Path>) paths::iterator) {
          if (Files.exists(path) && !path.toRealPath().startsWith(job.actions())) {
            throw new AssertionError(path + " leads out of the action");
          }
        }
      }
      try (var files = Files.list(root)) {
        if (files.count() != 2) {
          throw new AssertionError("something was written beside the folder");
        }
      }
    } finally {
      JobFolder.deleteTree(root);
    }
  }

  private static void assertSentence(FairwayException e) {
    if (e.getMessage() == null || e.getMessage().isBlank()) {
      throw new AssertionError("a refusal without a word", e);
    }
  }
}
