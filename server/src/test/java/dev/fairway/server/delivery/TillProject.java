package dev.fairway.server.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.delivery.target.ArtifactZip;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.source.Project;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jdbi.v3.core.Handle;

/// The project of these tests: its commits in a real repository, and the runs that made releases of
/// them.
final class TillProject {
  static final String SERVICE =
      """
      service: till
      owner: team-till
      artifacts: [till]
      run:
        command: [java, -XX:TieredStopAtLevel=1, -XX:+UseSerialGC, -cp, ., dev.fairway.server.delivery.TillService]
      health: {path: /health, interval: 50ms, timeout: 2s, healthy: 1, unhealthy: 2, start: 20s}
      drain: 1s
      """;

  /// The account that pushes.
  UUID pusher = DeliveryFixture.ADA;

  private final Path folder;
  private final Path work;
  private final Database database;
  private final Project project;
  private final Supplier<Subscriber> publisher;
  private final Map<UUID, List<Release.Artifact>> uploaded;
  private int runs;

  /// @param publisher what hears of the ends of runs
  /// @param uploaded what they uploaded is written there
  TillProject(
      Path folder,
      Database database,
      Project project,
      Supplier<Subscriber> publisher,
      Map<UUID, List<Release.Artifact>> uploaded)
      throws IOException {
    this.folder = folder;
    this.work = Files.createDirectories(folder.resolve("work"));
    this.database = database;
    this.project = project;
    this.publisher = publisher;
    this.uploaded = uploaded;
    Files.createDirectories(folder.resolve("blobs"));
    git("init", "--quiet", "--initial-branch=main");
  }

  /// What delivery learns of runs, on the data of that folder.
  static RunFacts facts(Path folder, Map<UUID, List<Release.Artifact>> uploaded) {
    return new RunFacts() {
      @Override
      public List<Release.Artifact> artifacts(Handle tx, UUID run) {
        return uploaded.getOrDefault(run, List.of());
      }

      @Override
      public DeliveryViews.Tests tests(Handle tx, UUID run) {
        return new DeliveryViews.Tests(12, 0, 0, 1, Duration.ofSeconds(3));
      }

      @Override
      public ArtifactZip.Content content(String digest) {
        return () -> Files.newInputStream(folder.resolve("blobs").resolve(digest));
      }
    };
  }

  /// Commits the file as that author and pushes it as ada.
  String push(String author, String serviceFile, String content) throws IOException {
    return push(author, serviceFile, content, "Change " + content);
  }

  /// As [#push], with that message.
  String push(String author, String serviceFile, String content, String message)
      throws IOException {
    Files.createDirectories(work.resolve(".fairway"));
    Files.writeString(work.resolve(ServiceDefinition.PATH), serviceFile);
    Files.writeString(work.resolve("content"), content + "\n" + Ids.next());
    git("add", "--all");
    git(
        "-c",
        "user.name=" + author,
        "-c",
        "user.email=" + author + "@example.com",
        "commit",
        "--quiet",
        "-m",
        message);
    git(
        "push",
        "--quiet",
        folder.resolve("data/repositories/" + project.id() + ".git").toString(),
        "main");
    var sha = git("rev-parse", "HEAD").strip();
    var push = Ids.next();
    database.run(tx -> {
      tx.createUpdate(
              """
              INSERT INTO push (id, project_id, pusher, pusher_id, received_at, state, commands)
              VALUES (:id, :project, 'ada', :pusher, now(), 'recorded', '[]')
              """)
          .bind("id", push)
          .bind("project", project.id())
          .bind("pusher", pusher)
          .execute();
      tx.createUpdate(
              """
              INSERT INTO commit_record (project_id, sha, parents, author_name, author_email,
                                         authored_at, committer_name, committer_email, committed_at,
                                         message, first_pushed_at, first_push_id)
              VALUES (:project, :sha, '{}', :author, :author || '@example.com', now(), :author,
                      :author || '@example.com', now(), 'Change', now(), :push)
              """)
          .bind("project", project.id())
          .bind("sha", sha)
          .bind("author", author)
          .bind("push", push)
          .execute();
    });
    return sha;
  }

  /// A push by ada whose run succeeds and uploads a service of that behaviour.
  Release release(String behaviour) throws IOException {
    var run = run(push("ada", SERVICE, behaviour), Map.of("till", till(behaviour)));
    return (Release) record(run);
  }

  ReleaseRecord record(UUID run) {
    return database.read(tx -> ReleaseStore.ofRun(tx, run)).orElseThrow();
  }

  /// A successful run of that commit that uploaded these.
  UUID run(String commit, Map<String, byte[]> artifacts) throws IOException {
    var run = Ids.next();
    var list =
        artifacts.entrySet().stream()
            .map(entry -> {
              var digest = store(entry.getValue());
              return new Release.Artifact(entry.getKey(), digest, entry.getValue().length);
            })
            .toList();
    uploaded.put(run, list);
    ended(run, ++runs, commit, "push", "refs/heads/main", "success");
    return run;
  }

  /// The end of a run, as the ledger tells it to subscribers.
  void ended(UUID run, int number, String commit, String event, String ref, String outcome)
      throws IOException {
    var predicate =
        Map.of(
            "project",
            project.id(),
            "run",
            run,
            "number",
            number,
            "event",
            event,
            "ref",
            ref,
            "commit",
            commit,
            "outcome",
            outcome);
    var entry =
        new LedgerEntry(
            number,
            Ids.next(),
            PredicateType.RUN,
            List.of(),
            Json.MAPPER.valueToTree(predicate),
            Set.of(),
            "fairway",
            Instant.now());
    database.run(tx -> publisher.get().on(tx, entry));
  }

  private String store(byte[] zip) {
    try {
      var digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip));
      Files.write(folder.resolve("blobs").resolve(digest), zip);
      return digest;
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] till(String behaviour) throws IOException {
    var path = TillService.class.getName().replace('.', '/') + ".class";
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes);
        var in = TillService.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new AssertionError("the test service is not on the class path");
      }
      zip.putNextEntry(new ZipEntry(path));
      in.transferTo(zip);
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry("behaviour"));
      zip.write(behaviour.getBytes(UTF_8));
      zip.closeEntry();
    }
    return bytes.toByteArray();
  }

  private String git(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("git", "-C", work.toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      assertThat(process.waitFor()).as(output).isZero();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return output;
  }
}
