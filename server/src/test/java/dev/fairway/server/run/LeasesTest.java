package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Outcome;
import dev.fairway.server.run.log.JobLogs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LeasesTest {
  private static final Instant AT = Instant.parse("2026-11-22T14:00:00Z");

  /// What stands for the death of the server in the middle of a call.
  private static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void aClaimThatNobodyHeardOfGoesBackToTheQueueWithAHigherFence() {
    var dies = new boolean[] {true};
    try (var fixture =
        new RunFixture(point -> {
          if (point == CrashPoint.CLAIMED_BEFORE_REPLY && dies[0]) {
            dies[0] = false;
            throw new Death();
          }
        })) {
      var run = fixture.push(RunFixture.ONE_JOB);
      assertThatThrownBy(fixture::claim).isInstanceOf(Death.class);
      var lost = fixture.jobs(run).getFirst();
      assertThat(lost.phase()).isEqualTo(JobPhase.CLAIMED);

      expire(fixture);

      var assignment = fixture.claim().orElseThrow();
      assertThat(assignment.job()).isEqualTo(lost.id());
      assertThat(assignment.fence()).isEqualTo(lost.fence() + 1);
      var old = new Leases.Holder(lost.id(), lost.fence(), RunFixture.AGENT);
      assertThatThrownBy(() -> fixture.leases.heartbeat(old))
          .isInstanceOfSatisfying(
              FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LEASE_LOST));
      fixture.end(assignment, Outcome.SUCCESS);
      assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
    }
  }

  @Test
  void aJobThatKillsEveryAgentBeforeItBeginsEndsAsAnError() {
    try (var fixture = new RunFixture()) {
      var run = fixture.push(RunFixture.ONE_JOB);
      for (var i = 0; i < RunLimits.MAX_CLAIMS; i++) {
        assertThat(fixture.claim()).isPresent();
        expire(fixture);
      }

      assertThat(fixture.claim()).isEmpty();
      assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.ERROR);
    }
  }

  @Test
  void anotherAgentCannotTouchTheJob() {
    try (var fixture = new RunFixture()) {
      fixture.push(RunFixture.ONE_JOB);
      var assignment = fixture.begin();
      var thief = new Leases.Holder(assignment.job(), assignment.fence(), UUID.randomUUID());

      assertThatThrownBy(() -> fixture.leases.heartbeat(thief))
          .isInstanceOfSatisfying(
              FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LEASE_LOST));
    }
  }

  @Test
  void aCompletionSentTwiceCountsOnce() {
    var dies = new boolean[] {true};
    try (var fixture =
        new RunFixture(point -> {
          if (point == CrashPoint.COMPLETED_BEFORE_REPLY && dies[0]) {
            dies[0] = false;
            throw new Death();
          }
        })) {
      var run = fixture.push(RunFixture.ONE_JOB);
      var assignment = fixture.begin();
      assertThatThrownBy(() -> fixture.end(assignment, Outcome.SUCCESS)).isInstanceOf(Death.class);

      fixture.end(assignment, Outcome.SUCCESS);

      assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
      assertThat(fixture.entries("job")).isEqualTo(1);
      assertThat(fixture.entries("run")).isEqualTo(1);
    }
  }

  @Test
  void eventsThatAreResentCountOnceAndAGapIsNotAccepted() {
    try (var fixture = new RunFixture()) {
      var run = fixture.push(RunFixture.ONE_JOB);
      var assignment = fixture.begin();
      var holder = RunFixture.holder(assignment);
      List<JobEvent> events =
          List.of(
              new JobEvent.StepStarted(AT, 0, "Set up job", 0, 1),
              new JobEvent.Annotation(AT, 0, "error", "no such file", "A.java", 3, 1));

      assertThat(send(fixture, holder, 0, events)).isEqualTo(2);
      assertThat(send(fixture, holder, 0, events)).isEqualTo(2);
      assertThat(send(fixture, holder, 9, events)).isEqualTo(2);
      List<JobEvent> overlapping =
          List.of(events.getLast(), new JobEvent.Summary(AT, 0, "# All well"));
      assertThat(send(fixture, holder, 1, overlapping)).isEqualTo(3);

      var annotations = fixture.database().read(tx -> DetailStore.annotations(tx, run.id()));
      assertThat(annotations).hasSize(1);
      var steps = fixture.database().read(tx -> DetailStore.steps(tx, assignment.job()));
      assertThat(steps).hasSize(1);
      assertThat(steps.getFirst().summary()).isEqualTo("# All well");
    }
  }

  @Test
  void aCompletionIsRefusedWhileEventsOrLogAreMissing() {
    try (var fixture = new RunFixture()) {
      fixture.push(RunFixture.ONE_JOB);
      var assignment = fixture.begin();

      assertThatThrownBy(() ->
              fixture.leases.complete(
                  RunFixture.holder(assignment),
                  new JobCompletion(assignment.fence(), Outcome.SUCCESS, "", Map.of(), 3, 100)))
          .isInstanceOfSatisfying(
              FairwayException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.INCOMPLETE);
                assertThat(e.details()).containsEntry("events", 0L).containsEntry("size", 0L);
              });
    }
  }

  @Test
  void aCompletionBringsTheRestOfEventsAndLogWithIt() {
    try (var fixture = new RunFixture()) {
      var run = fixture.push(RunFixture.ONE_JOB);
      var assignment = fixture.begin();
      var holder = RunFixture.holder(assignment);
      var tail =
          new JobCompletion.Tail(
              0,
              List.of(
                  new JobEvent.StepStarted(AT, 0, "Set up job", 0, 1),
                  new JobEvent.StepFinished(AT, 0, Outcome.SUCCESS, Outcome.SUCCESS),
                  new JobEvent.SandboxNote(AT, "none")),
              0,
              "hello\n".getBytes(StandardCharsets.UTF_8));
      var completion =
          new JobCompletion(assignment.fence(), Outcome.SUCCESS, "", Map.of(), 3, 6).withTail(tail);

      fixture.leases.complete(holder, completion);
      // Its answer was lost: the agent says it all again.
      fixture.leases.complete(holder, completion);

      assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
      assertThat(fixture.jobs(run).getFirst().sandbox()).isEqualTo("none");
      assertThat(fixture.lastPredicate("job").path("sandbox").asString()).isEqualTo("none");
      var steps = fixture.database().read(tx -> DetailStore.steps(tx, assignment.job()));
      assertThat(steps).extracting(StepRun::outcome).containsExactly(Outcome.SUCCESS);
      var logs = new JobLogs(fixture.database());
      assertThat(logs.lines(assignment.job(), 1, 10).lines()).containsExactly("hello");
    }
  }

  @Test
  void anAgentIsGivenTheJobWhoseTurnComesFirstAmongThoseThatItFits() {
    try (var fixture = new RunFixture()) {
      fixture.push(RunFixture.ONE_JOB.replace("ubuntu-latest", "[other, linux]"));
      var first = fixture.push(RunFixture.ONE_JOB.replace("ubuntu-latest", "[x64, linux]"));
      var second = fixture.push(RunFixture.ONE_JOB);
      var third = fixture.push(RunFixture.ONE_JOB.replace("ubuntu-latest", "[x64, linux]"));

      assertThat(fixture.begin().run()).isEqualTo(first.id());
      assertThat(fixture.begin().run()).isEqualTo(second.id());
      assertThat(fixture.begin().run()).isEqualTo(third.id());
      assertThat(fixture.claim()).isEmpty();
    }
  }

  @Test
  void aJobTokenFetchesItsProjectAsLongAsTheLeaseLives() {
    try (var fixture = new RunFixture()) {
      fixture.push(RunFixture.ONE_JOB);
      var tokens = new JobTokens(fixture.database(), fixture.clock, new Random(1));
      var assignment = fixture.begin();

      assertThat(tokens.callerOf(assignment.jobToken())).isPresent();
      assertThat(tokens.callerOf(JobTokens.PREFIX + "guess")).isEmpty();
      fixture.end(assignment, Outcome.SUCCESS);
      assertThat(tokens.callerOf(assignment.jobToken())).isEmpty();
    }
  }

  @Test
  void aWaitingClaimIsWokenByANewJob() throws Exception {
    try (var fixture = new RunFixture()) {
      var given = new CompletableFuture<Boolean>();
      Thread.ofVirtual()
          .start(() ->
              given.complete(
                  fixture
                      .claims
                      .claim(
                          new Claims.Place(RunFixture.AGENT, "http://localhost"),
                          new ClaimRequest("local", List.of("ubuntu-latest"), ""),
                          Duration.ofSeconds(25))
                      .isPresent()));
      fixture.push(RunFixture.ONE_JOB);

      assertThat(given.get(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static long send(
      RunFixture fixture, Leases.Holder holder, long first, List<JobEvent> events) {
    return fixture.leases.events(holder, new JobEvents(holder.fence(), first, events)).next();
  }

  private static void expire(RunFixture fixture) {
    fixture.timer.tick();
    for (var i = 0; i < 4; i++) {
      fixture.clock.tick(Duration.ofSeconds(9));
      fixture.timer.tick();
    }
  }
}
