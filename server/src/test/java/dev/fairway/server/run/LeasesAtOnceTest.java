package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.CrashObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Many agents and servers at the same time.
final class LeasesAtOnceTest {
  @Test
  void jobsOfARunThatEndAtOnceAllEndAndOneThatLacksSomethingKeepsNoneFromIt() throws Exception {
    try (var fixture = new RunFixture()) {
      var run =
          fixture.push(
              """
              on: push
              jobs:
                test:
                  runs-on: ubuntu-latest
                  strategy: {matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}}
                  steps:
                    - run: make test
              """);
      var assignments = new ArrayList<JobAssignment>();
      for (var n = 0; n < 10; n++) {
        assignments.add(fixture.begin());
      }
      var ends = new ArrayList<Future<?>>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var assignment : assignments) {
          var missing = assignment == assignments.getFirst() ? 1 : 0;
          ends.add(
              threads.submit(() ->
                  fixture.leases.complete(
                      RunFixture.holder(assignment),
                      new JobCompletion(
                          assignment.fence(), Outcome.SUCCESS, "", Map.of(), missing, 0))));
        }
        for (var end : ends.subList(1, ends.size())) {
          end.get(60, TimeUnit.SECONDS);
        }
        assertThatThrownBy(() -> ends.getFirst().get(60, TimeUnit.SECONDS))
            .cause()
            .isInstanceOfSatisfying(
                FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INCOMPLETE));
      }

      assertThat(fixture.reload(run).outcome()).isNull();
      assertThat(fixture.jobs(run)).filteredOn(job -> job.phase() == JobPhase.ENDED).hasSize(9);
      assertThat(fixture.entries("job")).isEqualTo(9);

      fixture.end(assignments.getFirst(), Outcome.SUCCESS);

      assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
    }
  }

  @Test
  void twoServersGiveEachOf200JobsToOneAgent() throws Exception {
    try (var fixture = new RunFixture();
        var other = fixture.newClaims(fixture.database(), CrashObserver.NONE)) {
      var runs = 200;
      for (var i = 0; i < runs; i++) {
        fixture.push(RunFixture.ONE_JOB);
      }
      var given = new ConcurrentLinkedQueue<JobAssignment>();
      var workers = new ArrayList<Future<?>>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var i = 0; i < 16; i++) {
          var claims = i % 2 == 0 ? fixture.claims : other;
          workers.add(threads.submit(() -> drain(claims, given)));
        }
        for (var worker : workers) {
          worker.get(60, TimeUnit.SECONDS);
        }
      }

      assertThat(given).hasSize(runs);
      assertThat(given.stream().map(JobAssignment::job).distinct()).hasSize(runs);
    }
  }

  @Test
  void agentsThatAskAtOnceEachGetAJobOfTheirOwnWithItsToken() throws Exception {
    try (var fixture = new RunFixture()) {
      var tokens = new JobTokens(fixture.database(), fixture.clock, new Random(1));
      var count = 20;
      for (var n = 0; n < count - 1; n++) {
        fixture.push(RunFixture.ONE_JOB);
      }
      var asking = new HashMap<UUID, Future<Optional<JobAssignment>>>();
      var given = new HashMap<UUID, JobAssignment>();
      var beats = new ArrayList<Future<?>>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var n = 0; n < count; n++) {
          var agent = UUID.randomUUID();
          asking.put(
              agent,
              threads.submit(() ->
                  fixture.claims.claim(
                      new Claims.Place(agent, "http://localhost"),
                      new ClaimRequest("agent " + agent, List.of("ubuntu-latest"), ""),
                      Duration.ZERO)));
        }
        for (var claim : asking.entrySet()) {
          claim
              .getValue()
              .get(60, TimeUnit.SECONDS)
              .ifPresent(one -> given.put(claim.getKey(), one));
        }
        given.forEach((agent, one) ->
            beats.add(
                threads.submit(() ->
                    fixture.leases.heartbeat(new Leases.Holder(one.job(), one.fence(), agent)))));
      }
      for (var beat : beats) {
        beat.get(60, TimeUnit.SECONDS);
      }

      assertThat(given).as("one of them finds no job").hasSize(count - 1);
      for (var one : given.entrySet()) {
        var assignment = one.getValue();
        var job = fixture.database().read(tx -> JobStore.find(tx, assignment.job())).orElseThrow();
        assertThat(job.phase()).isEqualTo(JobPhase.RUNNING);
        assertThat(job.agentId()).isEqualTo(one.getKey());
        assertThat(job.agent()).isEqualTo("agent " + one.getKey());
        assertThat(tokens.callerOf(assignment.jobToken()).orElseThrow().knownId())
            .isEqualTo(job.id());
      }
    }
  }

  @Test
  void heartbeatsThatComeAtOnceKeepTheLeasesThatAreHeldAndNoOthers() throws Exception {
    try (var fixture = new RunFixture()) {
      var beats = new ArrayList<Future<?>>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var n = 0; n < 10; n++) {
          fixture.push(RunFixture.ONE_JOB);
          var assignment = fixture.begin();
          for (var fence : List.of(assignment.fence(), assignment.fence() + 1)) {
            var holder = new Leases.Holder(assignment.job(), fence, RunFixture.AGENT);
            beats.add(threads.submit(() -> fixture.leases.heartbeat(holder)));
          }
        }
      }

      for (var n = 0; n < beats.size(); n += 2) {
        beats.get(n).get(60, TimeUnit.SECONDS);
        var wrong = beats.get(n + 1);
        assertThatThrownBy(() -> wrong.get(60, TimeUnit.SECONDS))
            .cause()
            .isInstanceOfSatisfying(
                FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LEASE_LOST));
      }
    }
  }

  private static void drain(Claims claims, ConcurrentLinkedQueue<JobAssignment> given) {
    while (true) {
      var assignment =
          claims.claim(
              new Claims.Place(RunFixture.AGENT, "http://localhost"),
              new ClaimRequest("local", List.of("ubuntu-latest"), ""),
              Duration.ZERO);
      if (assignment.isEmpty()) {
        return;
      }
      given.add(assignment.get());
    }
  }
}
