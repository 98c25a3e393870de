package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What a job under a lease is given; the vault's own rules are tested beside it.
final class JobSecretsTest {
  @Test
  void aJobFindsItsTokenAsASecretAndInItsContext() {
    try (var fixture = new RunFixture()) {
      fixture.push(RunFixture.ONE_JOB);

      var job = fixture.claim().orElseThrow();

      assertThat(job.contexts().at("/secrets/GITHUB_TOKEN").asString()).isEqualTo(job.jobToken());
      assertThat(job.contexts().at("/github/token").asString()).isEqualTo(job.jobToken());
      assertThat(job.secretValues()).contains(job.jobToken());
    }
  }

  @Test
  void theRunKeepsItsVariablesAndNoSecret() {
    try (var fixture = new RunFixture()) {
      fixture.give("variable", "REGION", "eu");
      fixture.give("secret", "TOKEN", "open-sesame");
      var run = fixture.push(RunFixture.ONE_JOB);
      fixture.give("variable", "REGION", "us");

      var job = fixture.claim().orElseThrow();

      assertThat(job.contexts().at("/vars/REGION").asString()).isEqualTo("eu");
      assertThat(job.contexts().at("/secrets/TOKEN").asString()).isEqualTo("open-sesame");
      assertThat(fixture.reload(run).contexts()).doesNotContain("sesame");
    }
  }

  @Test
  void aPullRequestOfSomebodyWhoMayNotPushGetsNoneButItsToken() {
    try (var fixture = new RunFixture()) {
      fixture.give("secret", "TOKEN", "open-sesame");
      fixture.push(RunFixture.ONE_JOB);
      fixture.push(RunFixture.ONE_JOB);
      fixture
          .database()
          .run(tx -> {
            tx.execute("UPDATE run SET event = 'pull_request'");
            tx.execute("UPDATE run SET actor = 'mallory' WHERE number = 1");
            tx.execute(
                """
                INSERT INTO app_user (id, name, full_name, email, roles, created_at)
                VALUES (gen_random_uuid(), 'ada', 'Ada', 'ada@example.org', '{developer}', now())
                """);
          });

      var mallorys = fixture.claim().orElseThrow();
      var adas = fixture.claim().orElseThrow();

      assertThat(mallorys.contexts().path("secrets").propertyNames())
          .containsExactly("GITHUB_TOKEN");
      assertThat(adas.contexts().at("/secrets/TOKEN").asString()).isEqualTo("open-sesame");
    }
  }

  @Test
  void aJobWhoseSecretsCannotBeOpenedEndsAndStandsInNobodysWay() {
    try (var fixture = new RunFixture()) {
      fixture.give("secret", "TOKEN", "open-sesame");
      var first = fixture.push(RunFixture.ONE_JOB);
      fixture.database().run(tx -> tx.execute("UPDATE secret SET name = 'MOVED'"));

      assertThat(fixture.claim()).isEmpty();

      assertThat(fixture.reload(first).outcome()).isEqualTo(Outcome.ERROR);
      assertThat(fixture.jobs(first).getFirst().reason())
          .contains("changed or damaged")
          .doesNotContain("sesame");
      fixture.database().run(tx -> tx.execute("DELETE FROM secret"));
      fixture.push(RunFixture.ONE_JOB);
      assertThat(fixture.claim()).isPresent();
    }
  }

  @Test
  void theRuntimeTokenIsKnownAsLongAsTheLeaseAndForTheServicesOnly() {
    try (var fixture = new RunFixture()) {
      fixture.push(RunFixture.ONE_JOB);
      var job = fixture.claim().orElseThrow();
      var tokens = fixture.tokens();
      var token = services(job).runtimeToken();

      var caller = tokens.callerOf(token).orElseThrow();
      assertThat(caller.knownId()).isEqualTo(job.job());
      assertThat(caller.permissions())
          .extracting(Enum::name)
          .containsExactlyInAnyOrder("ANYONE", "JOB_SERVICES");
      assertThat(tokens.callerOf(job.jobToken()).orElseThrow().permissions())
          .extracting(Enum::name)
          .containsExactlyInAnyOrder("ANYONE", "SOURCE_READ", "PROJECT_READ");
      assertThat(tokens.callerOf(token.substring(0, token.length() - 1))).isEmpty();
      var other = JobServices.of(job.run(), job.run(), "http://127.0.0.1:1", job.jobToken());
      assertThat(tokens.callerOf(other.runtimeToken())).isEmpty();

      fixture.clock.tick(RunLimits.LEASE.plusSeconds(1));
      assertThat(tokens.callerOf(token)).isEmpty();
    }
  }

  @Test
  void theOfficialClientsAreToldANameThatTheyTake() {
    try (var fixture = new RunFixture()) {
      fixture.push(RunFixture.ONE_JOB);
      var services = services(fixture.claim().orElseThrow());

      assertThat(services.serverUrl()).isEqualTo("http://fairway.localhost:7070");
      assertThat(services.resultsUrl()).isEqualTo("http://127.0.0.1:7070/");
    }
  }

  private static JobAssignment.Services services(JobAssignment job) {
    return Objects.requireNonNull(job.services());
  }
}
