package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.server.db.Ids;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.run.EnvironmentGate;
import dev.fairway.server.run.EnvironmentGate.Answer;
import dev.fairway.server.run.Run;
import dev.fairway.server.run.Runs;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Jobs of workflows that name an environment.
final class JobGatesTest {
  @TempDir Path folder;
  private DeliveryFixture fixture;
  private int runs;

  @BeforeEach
  void begin() throws Exception {
    fixture = new DeliveryFixture(folder);
    fixture.apply(DeliveryFixture.STAGING + "---\n" + DeliveryFixture.PRODUCTION);
  }

  @AfterEach
  void end() throws Exception {
    Schemas.requireLedgerToFit(fixture.database());
    fixture.close();
  }

  private EnvironmentGate.Wish wish(String author, String actor, String environment)
      throws Exception {
    var commit = fixture.till.push(author, TillProject.SERVICE, "change " + runs);
    var run = Ids.next();
    var job = Ids.next();
    var now = OffsetDateTime.now(ZoneOffset.UTC);
    fixture
        .database()
        .run(tx -> {
          tx.createUpdate(
                  """
                  INSERT INTO run (id, project_id, project, number, attempt, workflow_path,
                                   workflow_name, workflow_text, title, event, ref, commit_sha,
                                   actor, contexts, phase, created_at)
                  SELECT :id, id, name, :number, 1, 'a.yml', 'a', '', '', 'push',
                         'refs/heads/main', :sha, :actor, '{}', 'queued', :now
                  FROM project WHERE name = 'till'
                  """)
              .bind("id", run)
              .bind("number", 1000 + runs++)
              .bind("sha", commit)
              .bind("actor", actor)
              .bind("now", now)
              .execute();
          tx.createUpdate(
                  """
                  INSERT INTO job (id, run_id, project_id, job_key, matrix_index, attempt, current,
                                   position, name, needs, phase, created_at)
                  SELECT :id, :run, project_id, 'deploy', 0, 1, true, 0, 'deploy', '{}', 'waiting',
                         :now
                  FROM run WHERE id = :run
                  """)
              .bind("id", job)
              .bind("run", run)
              .bind("now", now)
              .execute();
        });
    Run known = fixture.database().read(tx -> new Runs().find(tx, run)).orElseThrow();
    return new EnvironmentGate.Wish(job, known, "deploy", environment);
  }

  private Answer ask(EnvironmentGate.Wish wish) {
    return fixture.database().transaction(tx -> fixture.module().gate().ask(tx, wish));
  }

  private JobGate decide(UUID job, Person person, boolean approved, String reason) {
    return ((JobGates) fixture.module().gate()).decide(person, job, approved, reason);
  }

  private long wakeups(EnvironmentGate.Wish wish) {
    return fixture
        .database()
        .read(tx ->
            tx.createQuery("SELECT count(*) FROM run_wakeup WHERE run_id = :run")
                .bind("run", wish.run().id())
                .mapTo(Long.class)
                .one());
  }

  @Test
  void aJobWaitsForSomebodyWithoutAHandInTheChange() throws Exception {
    var wish = wish("ben", "max", "production");

    assertThat(ask(wish)).isInstanceOf(Answer.Waits.class);
    assertThat(((Answer.Waits) ask(wish)).reason())
        .isEqualTo("waits for 1 more with the role approver to approve it for production");
    for (var name : Set.of("ben", "max")) {
      assertThatThrownBy(() -> decide(wish.job(), DeliveryFixture.approver(name), true, ""))
          .hasMessageStartingWith(name + " had a hand in this change");
    }
    var developer = new Person(Ids.next(), "zoe", "Zoe", "zoe@example.org", Set.of());
    assertThatThrownBy(() -> decide(wish.job(), developer, true, ""))
        .hasMessageContaining("the role approver");

    var gate = decide(wish.job(), DeliveryFixture.approver("mia"), true, "");

    assertThat(gate.state()).isEqualTo(JobGate.State.OPEN);
    assertThat(wakeups(wish)).isEqualTo(1);
    assertThat(ask(wish)).isInstanceOf(Answer.Open.class);
    assertThatThrownBy(() -> decide(wish.job(), DeliveryFixture.approver("eva"), false, "late"))
        .hasMessageContaining("waits for nobody's approval");
    var said =
        fixture
            .database()
            .read(tx ->
                tx.createQuery(
                        """
                        SELECT predicate ->> 'meaning' FROM ledger_entry
                        WHERE type LIKE '%/job-approval/v1'
                        """)
                    .mapTo(String.class)
                    .list());
    assertThat(said).containsExactly("approved for production");
  }

  @Test
  void aNoFailsTheJob() throws Exception {
    var wish = wish("ben", "ben", "production");
    ask(wish);

    decide(wish.job(), DeliveryFixture.approver("mia"), false, "not on a Friday");

    assertThat(((Answer.Refused) ask(wish)).reason()).isEqualTo("Rejected by mia: not on a Friday");
  }

  @Test
  void whatWasBroughtThereBeforeNeedsNoDecisionAgain() throws Exception {
    var first = wish("mia", "max", "production");
    ask(first);
    decide(first.job(), DeliveryFixture.approver("eva"), true, "");
    var second = wish("ben", "max", "production");
    ask(second);

    assertThat(decide(second.job(), DeliveryFixture.approver("mia"), true, "").state())
        .isEqualTo(JobGate.State.OPEN);
  }

  @Test
  void anEnvironmentWithoutApprovalsLetsTheJobGoOnAndAnUnknownOneRefusesIt() throws Exception {
    assertThat(ask(wish("ben", "ben", "staging"))).isInstanceOf(Answer.Open.class);
    assertThat(((Answer.Refused) ask(wish("ben", "ben", "moon"))).reason())
        .isEqualTo("There is no environment 'moon'; there are: staging, production");
  }

  @Test
  void rulesThatAskForNoMoreWakeTheRunAndLetItGoOn() throws Exception {
    var wish = wish("ben", "max", "production");
    ask(wish);

    fixture.apply(
        DeliveryFixture.PRODUCTION
            .replace("promotion: approved", "promotion: automatic")
            .replace("approvals: {count: 1}\n", ""));

    assertThat(wakeups(wish)).isEqualTo(1);
    assertThat(ask(wish)).isInstanceOf(Answer.Open.class);
  }
}
