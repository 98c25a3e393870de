package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.http.Role;
import dev.fairway.server.identity.NewUser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The story that the demo tells: ada changes payments, mia approves, production decides.
final class Demo {
  private static final Duration RUN_LIMIT = Duration.ofMinutes(5);
  private static final Duration DEPLOYMENT_LIMIT = Duration.ofSeconds(60);
  private static final String PROJECT = "payments";

  private final Narration narration;
  private final Installation installation;
  private final InstallationOptions options;
  private final Path home;
  private final Path workspace;
  private final ApiClient ada;
  private final ApiClient mia;
  private final Git git;
  private final String password;
  private Duration builds = Duration.ZERO;

  Demo(Narration narration, Installation installation, InstallationOptions options, Path home)
      throws IOException {
    this.narration = narration;
    this.installation = installation;
    this.options = options;
    this.home = home;
    this.workspace =
        Files.createDirectories(options.data.toAbsolutePath().resolve("demo")).resolve("payments");
    var bytes = new byte[9];
    new SecureRandom().nextBytes(bytes);
    this.password = HexFormat.of().formatHex(bytes);
    var adaToken =
        person(
            "ada", "Ada Fischer", Role.DEVELOPER, Role.APPROVER, Role.OPERATOR, Role.ADMINISTRATOR);
    this.ada = new ApiClient(new Credentials(installation.url(), adaToken));
    this.mia =
        new ApiClient(
            new Credentials(
                installation.url(),
                person("mia", "Mia Okafor", Role.APPROVER, Role.OPERATOR, Role.VIEWER)));
    this.git = new Git(workspace, "ada", adaToken);
  }

  void play() throws IOException {
    try (ada;
        mia) {
      project();
      var first = deliver("Move money between accounts", 1);
      production(first, "succeeded");
      try (var traffic = new LiveTraffic(address())) {
        narration.stage("Live traffic", () -> traffic(traffic));
        narration.stage("Bad change", this::breakIt);
        var second = deliver("Say how much was moved", 2);
        production(second, "rolled_back");
        narration.stage("Recovered", () -> recovered(traffic));
        evidence(List.of(first, second));
      }
    }
    narration.line("");
    narration.line(
        "  All of it took %s, the Maven builds apart %s."
            .formatted(
                Narration.seconds(narration.elapsed().toNanos()),
                Narration.seconds(narration.elapsed().minus(builds).toNanos())));
    narration.line("");
    narration.line("  Look at it:  " + installation.url() + "/environments");
    narration.line("  Sign in as:  ada or mia, password " + password);
    narration.line("  payments is: " + address());
    narration.line("");
  }

  private String person(String name, String fullName, Role... roles) {
    return People.add(
        installation.server(),
        new NewUser(name, fullName, name + "@example.com", Set.of(roles)),
        password,
        "demo");
  }

  private void project() {
    narration.stage(
        "Project",
        () -> {
          ada.post(
              "/api/v1/projects",
              Map.of("name", PROJECT, "description", "Moves money between accounts"));
          var environments = Files.readString(home.resolve("examples/environments.yml"));
          ada.put("/api/v1/apply?file=environments.yml", "application/yaml", environments);
          copyExample();
          git.run("init", "-q", "-b", "main");
          git.run("add", "-A");
          return PROJECT + ", with environments staging and production";
        });
  }

  /// From a commit to a verified deployment in staging.
  private JsonNode deliver(String message, int number) {
    narration.stage(
        "Push",
        () -> {
          git.run("commit", "-q", "-a", "-m", message);
          git.run("push", "-q", installation.url() + "/git/" + PROJECT + ".git", "main");
          return git.run("log", "-1", "--format=%h %s, by %an");
        });
    var found = new JsonNode[1];
    var begun = System.nanoTime();
    narration.stage("Run #" + number, () -> run(number));
    builds = builds.plusNanos(System.nanoTime() - begun);
    narration.stage(
        "Release",
        () -> {
          found[0] = narration.await("A release", DEPLOYMENT_LIMIT, () -> release(number));
          return PROJECT
              + " "
              + RemoteCommand.text(found[0], "version")
              + ", sha256:"
              + RemoteCommand.text(found[0], "digest").substring(0, 12);
        });
    var release = found[0];
    narration.stage("Staging", () -> verdict(ended(release, "staging"), "succeeded"));
    return release;
  }

  private String run(int number) {
    var detail =
        narration.await(
            "Run " + number,
            RUN_LIMIT,
            () -> number(number).filter(answer -> !answer.path("run").path("outcome").isNull()));
    var outcome = detail.path("run").path("outcome").asString();
    if (!outcome.equals("success")) {
      throw new FairwayException(
          ErrorCode.INTERNAL,
          "Run " + number + " ended with " + outcome + ": " + detail.path("jobs"),
          "Its page has the log: "
              + installation.url()
              + "/projects/"
              + PROJECT
              + "/runs/"
              + number);
    }
    var tests = detail.path("tests");
    return "compiled, tested (" + tests.path("passed").asString("0") + " passed) and packaged";
  }

  private Optional<JsonNode> number(int number) {
    try {
      return Optional.of(ada.get("/api/v1/projects/" + PROJECT + "/runs/" + number));
    } catch (FairwayException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<JsonNode> release(int run) {
    return ada.get("/api/v1/releases")
        .path("items")
        .valueStream()
        .filter(release -> release.path("runNumber").asInt() == run)
        .findFirst();
  }

  /// What the author may not do, what the approver may, and what production says to it.
  private void production(JsonNode release, String expected) {
    var waiting =
        narration.await(
            "A deployment to production",
            DEPLOYMENT_LIMIT,
            () ->
                deployment(release, "production")
                    .filter(each -> each.path("state").asString().equals("waiting_approval")));
    var path = "/api/v1/deployments/" + waiting.path("id").asString();
    narration.stage(
        "Ada approves herself",
        () -> {
          try {
            ada.post(path + "/approve", Map.of("reason", "It is fine", "password", password));
          } catch (FairwayException e) {
            if (e.code() == ErrorCode.FORBIDDEN) {
              return "refused: " + e.getMessage();
            }
            throw e;
          }
          throw new FairwayException(ErrorCode.INTERNAL, "The author approved her own change", "");
        });
    narration.stage(
        "Mia approves",
        () -> {
          mia.post(path + "/approve", Map.of("reason", "Looks good", "password", password));
          return "Mia Okafor, approved for production";
        });
    narration.stage("Production", () -> verdict(ended(release, "production"), expected));
  }

  private JsonNode ended(JsonNode release, String environment) {
    return narration.await(
        "The end of the deployment to " + environment,
        DEPLOYMENT_LIMIT,
        () -> deployment(release, environment).filter(each -> !each.path("endedAt").isNull()));
  }

  private Optional<JsonNode> deployment(JsonNode release, String environment) {
    return ada.get("/api/v1/releases/" + release.path("id").asString())
        .path("deployments")
        .valueStream()
        .filter(each -> each.path("environment").asString().equals(environment))
        .findFirst();
  }

  private static String verdict(JsonNode deployment, String expected) {
    var state = deployment.path("state").asString();
    var reason = RemoteCommand.text(deployment, "reason");
    if (!state.equals(expected)) {
      throw new FairwayException(
          ErrorCode.INTERNAL, "The deployment ended as " + state + ": " + reason, "");
    }
    var words = state.replace('_', ' ') + (reason.isEmpty() ? "" : ": " + reason);
    var clause = words.indexOf(';');
    return clause < 0 ? words : words.substring(0, clause);
  }

  private String traffic(LiveTraffic traffic) {
    narration.await(
        "Live traffic",
        DEPLOYMENT_LIMIT,
        () -> traffic.answered() > 200 ? Optional.of(traffic) : Optional.empty());
    return "24 customers at " + address();
  }

  private String breakIt() {
    git.run("apply", home.resolve("examples/faults/leak-on-refusal.patch").toString());
    return "a refactoring loses a finally; the tests do not notice";
  }

  private String recovered(LiveTraffic traffic) {
    var failed = traffic.failed();
    var answered = traffic.answered();
    narration.await(
        "Service after the rollback",
        DEPLOYMENT_LIMIT,
        () -> traffic.answered() > answered + 200 ? Optional.of(traffic) : Optional.empty());
    if (traffic.failed() > failed || traffic.lost() > 0) {
      throw new FairwayException(
          ErrorCode.INTERNAL,
          "Customers see errors after the rollback: "
              + (traffic.failed() - failed)
              + " failed since, "
              + traffic.lost()
              + " lost in all",
          "");
    }
    return "%,d requests served, %,d by the bad release failed, 0 lost"
        .formatted(traffic.answered(), failed);
  }

  private void evidence(List<JsonNode> releases) {
    var pack = options.data.toAbsolutePath().resolve("demo/evidence.zip");
    var key = options.data.toAbsolutePath().resolve("demo/ledger-public.pem");
    narration.stage(
        "Evidence pack",
        () -> {
          var about =
              releases.stream().map(release -> "release:" + release.path("id").asString()).toList();
          download("/ledger/ledger-public.pem", key);
          download(
              "/api/v1/evidence/pack?about=" + ApiClient.segment(String.join(",", about)), pack);
          return pack.toString();
        });
    narration.stage(
        "Verified offline",
        () -> {
          var out = new StringWriter();
          String[] arguments = {
            "evidence", "verify", pack.toString(), "--key", key.toString(), "--json"
          };
          var exit =
              Main.commandLine(arguments)
                  .setOut(new PrintWriter(out))
                  .setErr(new PrintWriter(out))
                  .execute(arguments);
          if (exit != ExitCode.SUCCESS) {
            throw new FairwayException(ErrorCode.INTERNAL, "The pack is not valid: " + out, "");
          }
          var entries = Json.MAPPER.readTree(out.toString()).path("entries");
          return entries.size() + " signed entries, with nothing but the pack and the public key";
        });
  }

  private void download(String path, Path file) throws IOException {
    try (var in = ada.open(path)) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private URI address() {
    return URI.create("http://" + PROJECT + ".production.localhost:" + options.proxyPort);
  }

  /// The example without what a build left in it.
  private void copyExample() throws IOException {
    var example = home.resolve("examples/payments");
    var files = new ArrayList<Path>();
    try (var all = Files.walk(example)) {
      all.filter(file -> !example.relativize(file).startsWith("target")).forEach(files::add);
    }
    for (var file : files) {
      var copy = workspace.resolve(example.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(copy);
      } else {
        Files.copy(file, copy);
      }
    }
  }
}
