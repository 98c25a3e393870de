package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Checkout from a real `git http-backend` that asks for the job's token.
final class CheckoutTest {
  @TempDir Path folder;
  private HttpServer http;
  private String first = "";
  private String second = "";

  @BeforeEach
  void serve() throws Exception {
    var work = Files.createDirectory(folder.resolve("source"));
    git(work, "init", "-q", "-b", "main");
    git(work, "config", "user.email", "ada@example.org");
    git(work, "config", "user.name", "Ada");
    git(work, "config", "uploadpack.allowAnySHA1InWant", "true");
    Files.writeString(work.resolve("file"), "first\n");
    git(work, "add", "file");
    git(work, "commit", "-qm", "one");
    first = git(work, "rev-parse", "HEAD").strip();
    Files.writeString(work.resolve("file"), "second\n");
    git(work, "commit", "-qam", "two");
    git(work, "tag", "v1");
    second = git(work, "rev-parse", "HEAD").strip();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", this::backend);
    http.start();
  }

  @AfterEach
  void stop() {
    http.stop(0);
  }

  @Test
  void fetchesOneCommitAndKeepsNoToken() throws Exception {
    var run = checkout("", first);

    assertThat(run.lines).contains("first", "commits 1", "branch main");
    assertThat(run.log()).doesNotContain("job-token-0123456789").contains("no token here");
  }

  @Test
  void fetchesAllHistoryWhenAsked() throws Exception {
    var run = checkout("  with:\n    fetch-depth: 0\n", second);

    assertThat(run.lines).contains("second", "commits 2", "tag v1");
  }

  @Test
  void refusesInputsThatItDoesNotHonour() throws Exception {
    var run = new Jobs.Run(folder);
    var result = start(run, "  with:\n    persist-credentials: true\n", first);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("persist-credentials");
  }

  /// What a job without network has left for git to run would run where the network is reached.
  @Test
  void aJobWithoutNetworkHasItsCommitAndGitRunsNothingOfIt() throws Exception {
    var isolation = Isolation.probe(List.of(folder.resolve("source")));
    assumeTrue(isolation.bubblewrap(), isolation.reason());
    for (var with : List.of("", "  with:\n    fetch-depth: 0\n", "  with:\n    ref: v1\n")) {
      var run = new Jobs.Run(folder);
      var evil =
          """
          - run: |
              git init -q -b main . && mkdir -p .git/hooks "$HOME/bin"
              printf '#!/bin/sh\\nenv | grep -c Basic; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " \\n"; echo " is there"; exit 0\\n' > .git/evil
              chmod +x .git/evil
              for hook in post-checkout reference-transaction post-index-change; do cp .git/evil .git/hooks/$hook; done
              git config core.fsmonitor "$PWD/.git/evil"
              git config core.sshCommand "$PWD/.git/evil"
              git config --global core.hooksPath "$PWD/.git/hooks"
              git config --global credential.helper "!$PWD/.git/evil"
              cp .git/evil "$HOME/bin/git-remote-http"
              echo "GIT_EXEC_PATH=$HOME/bin" >> "$GITHUB_ENV"
          - run: echo "GIT_EXEC_PATH=" >> "$GITHUB_ENV"
          """;
      var result = start(run, evil, with, second, false, isolation);

      assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
      assertThat(run.lines).contains("second", "no token here");
      assertThat(run.log()).contains("lo is there").doesNotContain("eth0");
      assertThat(run.lines).doesNotContain("1").contains("0");
      assertThat(folder.resolve("jobs")).isEmptyDirectory();
    }
  }

  private Jobs.Run checkout(String with, String sha) throws Exception {
    var run = new Jobs.Run(folder);
    assertThat(start(run, with, sha).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    return run;
  }

  private JobResult start(Jobs.Run run, String with, String sha) throws Exception {
    return start(run, "", with, sha, true, Isolation.probe(List.of(folder.resolve("source"))));
  }

  private JobResult start(
      Jobs.Run run, String before, String with, String sha, boolean network, Isolation isolation)
      throws Exception {
    var steps =
        before
            + "- uses: actions/checkout@v4\n"
            + with
            + """
            - run: |
                cat file
                echo commits $(git rev-list --count HEAD)
                echo branch $(git branch --show-current)
                echo tag $(git tag)
                git status --porcelain
                grep -ri -e job-token -e authorization .git || echo no token here
            """;
    var plain = Jobs.assignment(steps);
    var contexts =
        Json.MAPPER.valueToTree(Map.of("github", Map.of("sha", sha, "ref", "refs/heads/main")));
    var url = "http://127.0.0.1:" + http.getAddress().getPort() + "/source";
    var job =
        new JobAssignment(
            plain.job(),
            1,
            1,
            plain.leaseUntil(),
            plain.run(),
            1,
            "payments",
            plain.workflowPath(),
            plain.workflowText(),
            "work",
            "work",
            contexts,
            url,
            plain.jobToken(),
            network,
            JobAssignment.Limits.DEFAULT);
    var source = new CheckoutSource.Remote(url, "job", plain.jobToken());
    return run.start(job, folder, isolation, source);
  }

  /// Bridges to `git http-backend` by the rules of CGI.
  private void backend(HttpExchange exchange) throws IOException {
    try (exchange) {
      var expected =
          "Basic "
              + Base64.getEncoder()
                  .encodeToString("job:job-token-0123456789".getBytes(StandardCharsets.UTF_8));
      if (!expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      var builder = new ProcessBuilder("git", "http-backend");
      var environment = builder.environment();
      environment.put("GIT_PROJECT_ROOT", folder.toString());
      environment.put("GIT_HTTP_EXPORT_ALL", "1");
      environment.put("PATH_INFO", exchange.getRequestURI().getPath());
      environment.put("REQUEST_METHOD", exchange.getRequestMethod());
      put(environment, "QUERY_STRING", exchange.getRequestURI().getQuery());
      put(environment, "CONTENT_TYPE", exchange.getRequestHeaders().getFirst("Content-Type"));
      put(
          environment,
          "HTTP_CONTENT_ENCODING",
          exchange.getRequestHeaders().getFirst("Content-Encoding"));
      put(environment, "GIT_PROTOCOL", exchange.getRequestHeaders().getFirst("Git-Protocol"));
      var process = builder.start();
      try (var in = process.getOutputStream()) {
        exchange.getRequestBody().transferTo(in);
      }
      var answer = process.getInputStream().readAllBytes();
      var head = new String(answer, StandardCharsets.ISO_8859_1);
      var end = head.indexOf("\r\n\r\n");
      var status = 200;
      for (var line : head.substring(0, end).split("\r\n", -1)) {
        var colon = line.indexOf(':');
        if (line.startsWith("Status:")) {
          status = Integer.parseInt(line.substring(colon + 1).strip().split(" ", -1)[0]);
        } else {
          exchange
              .getResponseHeaders()
              .add(line.substring(0, colon), line.substring(colon + 1).strip());
        }
      }
      var body = new ByteArrayOutputStream();
      body.write(answer, end + 4, answer.length - end - 4);
      exchange.sendResponseHeaders(status, body.size() == 0 ? -1 : body.size());
      body.writeTo(exchange.getResponseBody());
    }
  }

  private static void put(Map<String, String> environment, String name, @Nullable String value) {
    environment.put(name, value == null ? "" : value);
  }

  private static String git(Path folder, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).directory(folder.toFile()).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said;
  }
}
