package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A project of one service: a web server of the JDK that shows what the repository holds.
final class SampleProject {
  private static final String WORKFLOW =
      """
      name: deliver
      on:
        push:
          branches: [main]
      jobs:
        package:
          runs-on: linux
          steps:
            - uses: actions/checkout@v4
            - name: Test
              run: |
                test -s site/index.html
                mkdir reports
                echo '<testsuite name="site" tests="1" time="0.01"><testcase classname="site" name="hasAFrontPage" time="0.01"/></testsuite>' > reports/TEST-site.xml
            - uses: actions/upload-artifact@v4
              with:
                name: test-reports
                path: reports/*.xml
            - uses: actions/upload-artifact@v4
              with:
                name: site
                path: site
      """;

  private final UpProcess up;
  private final Member author;
  private final String name;
  private final Path work;
  private final Git git;

  private SampleProject(UpProcess up, Member author, String name) {
    this.up = up;
    this.author = author;
    this.name = name;
    this.work = up.workFolder(name);
    this.git = new Git(work, author.name(), author.token());
  }

  /// Creates the project; its repository is still empty.
  static SampleProject create(UpProcess up, Member author, String name) {
    author.api().post("/api/v1/projects", Map.of("name", name, "description", "A sample"));
    var project = new SampleProject(up, author, name);
    project.git.run("init", "-q", "-b", "main");
    return project;
  }

  /// One with a workflow that makes releases of a service.
  static SampleProject withService(UpProcess up, Member author, String name) {
    return create(up, author, name)
        .write(".github/workflows/deliver.yml", WORKFLOW)
        .write(".fairway/service.yml", service(name));
  }

  SampleProject write(String path, String content) {
    try {
      var file = work.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The page that the service shows.
  SampleProject page(String content) {
    return write("site/index.html", content);
  }

  String commit(String message) {
    git.run("add", "-A");
    git.run("commit", "-q", "-m", message);
    return git.run("rev-parse", "HEAD");
  }

  String push(String message) {
    var commit = commit(message);
    push(git);
    return commit;
  }

  void push(Git as) {
    as.run("push", "-q", up.url() + "/git/" + name + ".git", "main");
  }

  /// The same folder in other hands.
  Git as(String person, String token) {
    return new Git(work, person, token);
  }

  String name() {
    return name;
  }

  String path() {
    return "/api/v1/projects/" + name;
  }

  Optional<JsonNode> run(int number) {
    try {
      return Optional.of(author.api().get(path() + "/runs/" + number));
    } catch (FairwayException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// The run once it has ended, however it did.
  JsonNode endedRun(int number) {
    return Eventually.get(
        () -> "The end of run " + number + " of " + name + ", which is " + run(number),
        () -> run(number).filter(found -> !found.path("run").path("outcome").isNull()));
  }

  String log(int run, JsonNode job) {
    var path = path() + "/runs/" + run + "/jobs/" + job.path("id").asString() + "/log/text";
    try (var in = author.api().open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The release that the run made.
  String release(int run) {
    return Eventually.get(
        "A release of run " + run + " of " + name,
        () ->
            author
                .api()
                .get("/api/v1/releases?project=" + name)
                .path("items")
                .valueStream()
                .filter(release -> release.path("runNumber").asInt() == run)
                .map(release -> release.path("id").asString())
                .findFirst());
  }

  /// The deployment of the release to the environment, as soon as it is in that state.
  JsonNode deployment(String release, String environment, String state) {
    return Eventually.get(
        name + " in " + environment + " being " + state,
        () ->
            deployment(release, environment)
                .filter(found -> {
                  if (!found.path("endedAt").isNull()
                      && !found.path("state").asString().equals(state)) {
                    throw new AssertionError("it ended otherwise: " + found);
                  }
                  return found.path("state").asString().equals(state);
                }));
  }

  private Optional<JsonNode> deployment(String release, String environment) {
    return author
        .api()
        .get("/api/v1/releases/" + release)
        .path("deployments")
        .valueStream()
        .filter(found -> found.path("environment").asString().equals(environment))
        .findFirst();
  }

  /// What customers see in that environment.
  String shown(String environment) {
    var host = name + "." + environment + ".localhost:" + up.proxyPort();
    var answer =
        Member.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + up.proxyPort() + "/index.html"))
                .header("Host", host));
    return answer.statusCode() == 200 ? answer.body() : "status " + answer.statusCode();
  }

  private static String service(String name) {
    return """
    service: %s
    owner: team-harbour
    artifacts: [site]
    run:
      command: [sh, -c, 'exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx32m -m jdk.httpserver -b 127.0.0.1 -p "$PORT" -d "$PWD" -o none']
      port: PORT
    health:
      path: /index.html
      interval: 100ms
      timeout: 2s
      healthy: 2
      unhealthy: 10
      start: 30s
    drain: 1s
    """
        .formatted(name);
  }
}
