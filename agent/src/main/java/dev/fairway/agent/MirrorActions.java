package dev.fairway.agent;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ResolvedAction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Actions from git repositories, without a server: from the first mirror that has them. What a tag
/// or a branch meant first is written to a lock file, and stays so until its line is removed there.
///
/// The lock file has a line `owner/name@ref SHA` per action, sorted; it belongs under version
/// control.
public final class MirrorActions implements ActionSource {
  /// The place of `owner/name` in a mirror's URL.
  public static final String REPOSITORY = "{repository}";

  private static final int GIT_MINUTES = 10;
  private static final int MAX_SAID = 2_000;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern LINE = Pattern.compile("([^ @]+/[^ @]+@\\S+) ([0-9a-f]{40})");

  private final List<String> mirrors;
  private final Path lockFile;
  private final Path clones;

  /// @param mirrors each a git URL or a path with `{repository}` in it, or a folder that has the
  ///   repositories as `owner/name`
  /// @param lockFile is made where it is not there
  /// @param clones a folder for what is fetched
  public MirrorActions(List<String> mirrors, Path lockFile, Path clones) {
    this.mirrors = List.copyOf(mirrors);
    this.lockFile = lockFile;
    this.clones = clones;
  }

  @Override
  public synchronized List<ResolvedAction> resolve(List<String> references)
      throws IOException, InterruptedException {
    var locks = locks();
    var known = locks.size();
    var resolved = new ArrayList<ResolvedAction>();
    for (var reference : references) {
      var at = reference.indexOf('@');
      var repository = reference.substring(0, at);
      var ref = reference.substring(at + 1);
      var sha = COMMIT.matcher(ref).matches() ? ref : locks.get(reference);
      if (sha == null) {
        sha = lookUp(repository, ref);
        locks.put(reference, sha);
      }
      resolved.add(new ResolvedAction(reference, repository, sha));
    }
    if (locks.size() > known) {
      DurableFiles.replace(
          lockFile,
          locks.entrySet().stream()
              .map(lock -> lock.getKey() + " " + lock.getValue() + "\n")
              .collect(Collectors.joining())
              .getBytes(StandardCharsets.UTF_8));
    }
    return resolved;
  }

  @Override
  public synchronized void fetch(ResolvedAction action, Path zip)
      throws IOException, InterruptedException {
    var clone = clones.resolve(action.repository() + ".git");
    if (!Files.isDirectory(clone)) {
      Files.createDirectories(clone);
      require(git(List.of("init", "-q", "--bare", clone.toString())), action);
    }
    var git = List.of("-C", clone.toString());
    if (!git(with(git, "cat-file", "-e", action.sha() + "^{commit}")).good()) {
      fetch(action, git);
    }
    require(git(with(git, "archive", "--format=zip", "-o", zip.toString(), action.sha())), action);
  }

  /// A server that does not give out single commits may still have this one in a branch or a tag.
  private void fetch(ResolvedAction action, List<String> git)
      throws IOException, InterruptedException {
    var said = new StringBuilder();
    for (var mirror : mirrors) {
      var url = url(mirror, action.repository());
      for (var wanted :
          List.of(
              List.of("--depth=1", url, action.sha()),
              List.of("--tags", url, "+refs/heads/*:refs/heads/*"))) {
        var fetched = git(with(with(git, "fetch", "-q"), wanted.toArray(String[]::new)));
        if (fetched.good() && git(with(git, "cat-file", "-e", action.sha() + "^{commit}")).good()) {
          return;
        }
        said.append(fetched.said()).append('\n');
      }
    }
    throw new FairwayException(
        ErrorCode.NOT_FOUND,
        "No mirror has the commit %s of %s: %s"
            .formatted(action.sha(), action.repository(), shortened(said.toString())),
        "See that the lock file " + lockFile + " names a commit that is still there.");
  }

  private String lookUp(String repository, String ref) throws IOException, InterruptedException {
    var said = new StringBuilder();
    for (var mirror : mirrors) {
      var listed =
          git(
              List.of(
                  "ls-remote",
                  url(mirror, repository),
                  "refs/tags/" + ref,
                  "refs/tags/" + ref + "^{}",
                  "refs/heads/" + ref));
      if (listed.good()) {
        var lines = listed.said().lines().toList();
        // A tag before a branch of its name, and the commit that a signed tag is about before it.
        var sha =
            sha(lines, "refs/tags/" + ref + "^{}")
                .or(() -> sha(lines, "refs/tags/" + ref))
                .or(() -> sha(lines, "refs/heads/" + ref));
        if (sha.isPresent()) {
          return sha.get();
        }
        said.append("it has no tag or branch `").append(ref).append("`\n");
      } else {
        said.append(listed.said()).append('\n');
      }
    }
    throw new FairwayException(
        ErrorCode.NOT_FOUND,
        "The action `%s@%s` is in no mirror: %s"
            .formatted(repository, ref, shortened(said.toString())),
        "The mirrors are " + String.join(", ", mirrors) + ".");
  }

  private static Optional<String> sha(List<String> lines, String ref) {
    return lines.stream()
        .filter(line -> line.endsWith("\t" + ref))
        .map(line -> line.substring(0, line.indexOf('\t')))
        .filter(sha -> COMMIT.matcher(sha).matches())
        .findFirst();
  }

  private static String url(String mirror, String repository) {
    return mirror.contains(REPOSITORY)
        ? mirror.replace(REPOSITORY, repository)
        : Path.of(mirror).resolve(repository).toAbsolutePath().toString();
  }

  private Map<String, String> locks() throws IOException {
    var locks = new TreeMap<String, String>();
    if (Files.exists(lockFile)) {
      var number = 0;
      for (var line : Files.readAllLines(lockFile)) {
        number++;
        var lock = LINE.matcher(line.strip());
        if (lock.matches()) {
          locks.put(lock.group(1), lock.group(2));
        } else if (!line.isBlank()) {
          throw new FairwayException(
              ErrorCode.INVALID_INPUT,
              "%s:%d:1: `%s` is not a line `owner/name@ref COMMIT`"
                  .formatted(lockFile, number, line.strip()),
              "");
        }
      }
    }
    return locks;
  }

  private record Said(boolean good, String said) {}

  private static List<String> with(List<String> first, String... rest) {
    var all = new ArrayList<>(first);
    all.addAll(List.of(rest));
    return all;
  }

  /// Nothing of a repository runs here, and nobody is asked for a password.
  private static Said git(List<String> arguments) throws IOException, InterruptedException {
    var command =
        with(
            List.of(
                "git",
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "protocol.ext.allow=never",
                "-c",
                "gc.auto=0"),
            arguments.toArray(String[]::new));
    var output = Files.createTempFile("fairway-git-", ".txt");
    try {
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(output.toFile());
      builder.environment().put("GIT_TERMINAL_PROMPT", "0");
      var process = builder.start();
      try {
        if (!process.waitFor(GIT_MINUTES, TimeUnit.MINUTES)) {
          return new Said(false, "git took longer than " + GIT_MINUTES + " minutes");
        }
      } finally {
        process.destroyForcibly();
      }
      return new Said(
          process.exitValue() == 0, Files.readString(output, StandardCharsets.UTF_8).strip());
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static void require(Said said, ResolvedAction action) {
    if (!said.good()) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "The code of %s cannot be unpacked: %s"
              .formatted(action.reference(), shortened(said.said())),
          "");
    }
  }

  private static String shortened(String said) {
    var line = said.strip().replace('\n', ' ');
    return line.length() > MAX_SAID ? line.substring(0, MAX_SAID) + "…" : line;
  }
}
