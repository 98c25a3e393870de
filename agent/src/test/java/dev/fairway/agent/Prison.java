package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/// A machine as an agent has it, with things that are none of a job's business, and jobs that want
/// out.
///
/// ```
/// FOLDER/agent.token      the agent's token
/// FOLDER/server/key.pem   the server's signing key
/// FOLDER/jobs/other/      another job
/// ```
final class Prison {
  static final String TOKEN = "agent-token-value";
  static final String KEY = "signing-key-value";
  static final String OTHER = "other-job-value";

  final Path folder;
  final Isolation isolation;
  Jobs.Run run;

  /// The lease of the last job.
  String id = "";

  /// Skips the test where the machine cannot make a sandbox.
  Prison(Path folder) throws Exception {
    this.folder = folder;
    // Whatever keeps a job out is the sandbox, and not the folder that a test happens to lie in.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    this.run = new Jobs.Run(folder);
    var token = Files.writeString(folder.resolve("agent.token"), TOKEN + "\n");
    var server = Files.createDirectory(folder.resolve("server"));
    Files.writeString(server.resolve("key.pem"), KEY + "\n");
    var other = Files.createDirectories(folder.resolve("jobs/other/work"));
    Files.writeString(other.resolve("file"), OTHER + "\n");
    this.isolation = Isolation.probe(List.of(token, server, folder.resolve("jobs")));
    assumeTrue(isolation.bubblewrap(), isolation.reason());
  }

  /// The job's result, with everything that it said in [#run].
  JobResult job(String steps) throws Exception {
    return job(steps, true, JobAssignment.Limits.DEFAULT);
  }

  JobResult job(String steps, boolean network, JobAssignment.Limits limits) throws Exception {
    run = new Jobs.Run(folder);
    var job = Jobs.assignment(steps, Map.of(), network, limits);
    id = job.lease();
    return run.start(job, folder, isolation, new CheckoutSource.Folder(folder));
  }

  /// One step of these lines of shell, of which each attempt prints `got in` where it succeeds.
  void holds(String... lines) throws Exception {
    var script = String.join("\n    ", lines);
    var result = job("- shell: bash\n  run: |\n    set +e +o pipefail\n    " + script + "\n");
    assertThat(run.log()).contains("tried everything");
    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).noneMatch(line -> line.startsWith("got in"));
    nothingLeaked();
  }

  void nothingLeaked() {
    assertThat(run.log()).doesNotContain(TOKEN).doesNotContain(KEY).doesNotContain(OTHER);
  }

  /// The agent is none the worse: another job runs at once.
  void nextJobRuns() throws Exception {
    var next = job("- run: echo all is well\n");
    assertThat(next.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("all is well");
  }
}
