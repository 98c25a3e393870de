package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.http.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Production is the only environment here, and asks for two people.
final class ApprovalsTest {
  private static final String TWO = DeliveryFixture.PRODUCTION.replace("{count: 1}", "{count: 2}");

  @TempDir Path folder;
  private DeliveryFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = new DeliveryFixture(folder);
    fixture.apply(TWO);
  }

  @AfterEach
  void end() throws Exception {
    Schemas.requireLedgerToFit(fixture.database());
    fixture.close();
  }

  /// A deployment that waits: its first step is what a driver would do, without a driver.
  private Deployment waiting(String author) throws Exception {
    var commit = fixture.till.push(author, TillProject.SERVICE, "well");
    var run = fixture.till.run(commit, Map.of("till", TillProject.till("well")));
    var deployment = fixture.deployment((Release) fixture.till.record(run), "production");
    fixture
        .database()
        .run(tx ->
            tx.createUpdate("UPDATE deployment SET state = 'waiting_approval' WHERE id = :id")
                .bind("id", deployment.id())
                .execute());
    return deployment;
  }

  private Deployment decide(Deployment deployment, Person person, boolean approved, String why) {
    return fixture.module().approvals().decide(person, deployment.id(), approved, why);
  }

  @Test
  void twoPeopleLetItGoOnAndTheirWordIsInTheEvidence() throws Exception {
    var deployment = waiting("ada");

    assertThat(decide(deployment, DeliveryFixture.approver("mia"), true, "").state())
        .isEqualTo(DeploymentState.WAITING_APPROVAL);
    assertThat(decide(deployment, DeliveryFixture.approver("eva"), true, "ok").state())
        .isEqualTo(DeploymentState.QUEUED);

    var said =
        fixture
            .database()
            .read(tx ->
                tx.createQuery(
                        """
                        SELECT predicate ->> 'meaning' || ' by ' ||
                               (predicate -> 'approver' ->> 'printedName') || ', ' ||
                               (predicate ->> 'approvals') || ' of ' || (predicate ->> 'required')
                        FROM ledger_entry WHERE type LIKE '%/approval/v1' ORDER BY id
                        """)
                    .mapTo(String.class)
                    .list());
    assertThat(said)
        .containsExactly(
            "approved for production by mia surname, 1 of 2",
            "approved for production by eva surname, 2 of 2");
    var decisions = fixture.database().read(tx -> Approval.of(tx, deployment.id()));
    assertThat(decisions).extracting(Approval::digest).hasSize(2).doesNotContain("");
  }

  @Test
  void authorAndPusherAreNeverEntitled() throws Exception {
    var deployment = waiting("ben");
    var ada =
        new Person(DeliveryFixture.ADA, "ada", "Ada", "ada@other.example", Set.of(Role.APPROVER));

    assertThatThrownBy(() -> decide(deployment, DeliveryFixture.approver("ben"), true, ""))
        .hasMessageStartingWith("ben had a hand in this change");
    assertThatThrownBy(() -> decide(deployment, ada, true, ""))
        .hasMessageStartingWith("ada had a hand in this change");
  }

  @Test
  void authorsOfEarlierCommitsThatGoAlongAreNotEntitledEither() throws Exception {
    fixture.till.push("ben", TillProject.SERVICE, "earlier");
    var deployment = waiting("ada");

    assertThatThrownBy(() -> decide(deployment, DeliveryFixture.approver("ben"), true, ""))
        .hasMessageStartingWith("ben had a hand in this change");
  }

  @Test
  void coAuthorsOfAnyOfItsCommitsAreNotEntitledEither() throws Exception {
    fixture.till.push(
        "ada",
        TillProject.SERVICE,
        "together",
        "Change together\n\nco-authored-by: Mia Surname <MIA@example.com>\n\nSee the notes");
    var deployment = waiting("ada");

    assertThatThrownBy(() -> decide(deployment, DeliveryFixture.approver("mia"), true, ""))
        .hasMessageStartingWith("mia had a hand in this change");
  }

  @Test
  void whoMadeWhatAnOlderReleaseTakesBackIsNotEntitled() throws Exception {
    var older = waiting("ada");
    var newer = waiting("ben");
    serve(newer);
    // An older release is asked for again: it takes the newer commit back.
    ask(older);

    assertThatThrownBy(() -> decide(older, DeliveryFixture.approver("ben"), true, ""))
        .hasMessageStartingWith("ben had a hand in this change");
  }

  private void serve(Deployment deployment) {
    fixture.database().run(tx -> DeploymentStore.serve(tx, deployment, deployment.requestedAt()));
  }

  private void ask(Deployment deployment) {
    fixture
        .database()
        .run(tx -> {
          tx.execute("UPDATE deployment SET state = 'superseded'");
          tx.createUpdate("UPDATE deployment SET state = 'waiting_approval' WHERE id = :id")
              .bind("id", deployment.id())
              .execute();
        });
  }

  @Test
  void aYesUnderAnotherRoleDoesNotCountOnceTheRulesNameAnother() throws Exception {
    var deployment = waiting("ada");
    decide(deployment, DeliveryFixture.approver("mia"), true, "");

    fixture.apply(DeliveryFixture.PRODUCTION.replace("{count: 1}", "{count: 1, role: operator}"));

    assertThat(fixture.database().read(tx -> DeploymentStore.demand(tx, deployment.id())).state())
        .isEqualTo(DeploymentState.WAITING_APPROVAL);
  }

  @Test
  void onePersonCountsOnce() throws Exception {
    var deployment = waiting("ada");
    decide(deployment, DeliveryFixture.approver("mia"), true, "");

    assertThatThrownBy(() -> decide(deployment, DeliveryFixture.approver("mia"), true, ""))
        .hasMessageContaining("one person counts once");
  }

  @Test
  void aNoEndsItAndNeedsAReason() throws Exception {
    var deployment = waiting("ada");

    assertThatThrownBy(() -> decide(deployment, DeliveryFixture.approver("mia"), false, " "))
        .hasMessage("A reason is missing");
    var rejected = decide(deployment, DeliveryFixture.approver("mia"), false, "not on a Friday");

    assertThat(rejected.state()).isEqualTo(DeploymentState.REJECTED);
    assertThat(rejected.reason()).isEqualTo("rejected by mia: not on a Friday");
    assertThatThrownBy(() -> decide(deployment, DeliveryFixture.approver("eva"), true, ""))
        .hasMessageContaining("it is rejected");
  }

  @Test
  void ofManyAtOnceExactlyAsManyCountAsAreAskedFor() throws Exception {
    var deployment = waiting("ada");
    var together = new CyclicBarrier(6);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var tries =
          List.of("mia", "mia", "eva", "eva", "kim", "lou").stream()
              .<Callable<Boolean>>map(name ->
                  () -> {
                    together.await();
                    try {
                      decide(deployment, DeliveryFixture.approver(name), true, "");
                      return true;
                    } catch (FairwayException refused) {
                      return false;
                    }
                  })
              .toList();
      var counted = 0;
      for (var attempt : threads.invokeAll(tries)) {
        counted += attempt.get() ? 1 : 0;
      }
      assertThat(counted).isEqualTo(2);
    }
    List<Approval> approvals = fixture.database().read(tx -> Approval.of(tx, deployment.id()));
    assertThat(approvals).hasSize(2);
    assertThat(fixture.database().read(tx -> DeploymentStore.demand(tx, deployment.id())).state())
        .isEqualTo(DeploymentState.QUEUED);
  }

  @Test
  void rulesThatAskForLessLetGoOnWhatHasEnough() throws Exception {
    var deployment = waiting("ada");
    decide(deployment, DeliveryFixture.approver("mia"), true, "");

    var applied = fixture.apply(DeliveryFixture.PRODUCTION);

    assertThat(applied.getFirst().result()).isEqualTo("changed");
    assertThat(applied.getFirst().changes())
        .extracting(Environments.Difference::key)
        .containsExactly("approvals");
    assertThat(fixture.database().read(tx -> DeploymentStore.demand(tx, deployment.id())).state())
        .isEqualTo(DeploymentState.QUEUED);
    assertThat(fixture.apply(DeliveryFixture.PRODUCTION).getFirst().result())
        .isEqualTo("unchanged");
  }
}
