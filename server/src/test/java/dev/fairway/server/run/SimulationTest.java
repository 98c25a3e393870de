package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Claims, heartbeats, deaths, expiries, completions, cancellations and re-runs in an order that a
/// seed decides, with what must hold at every step.
final class SimulationTest {
  private static final int STEPS = 250;
  private static final String WORKFLOW =
      """
      on: push
      env: {FAIRWAY_RETRY: safe}
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
        test:
          needs: build
          strategy:
            max-parallel: 2
            matrix: {java: [21, 25, 26]}
          runs-on: ubuntu-latest
          steps:
            - run: make test
        tidy:
          needs: test
          if: always()
          runs-on: ubuntu-latest
          steps:
            - run: make clean
      """;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noOrderOfEventsRunsAJobTwiceOrLeavesARunOpen(long seed) {
    try (var fixture = new RunFixture()) {
      var random = new Random(seed);
      var runs = new ArrayList<Run>();
      var held = new ArrayList<JobAssignment>();
      var fences = new HashMap<UUID, Long>();
      for (var i = 0; i < STEPS; i++) {
        switch (random.nextInt(10)) {
          case 0 -> {
            if (runs.size() < 6) {
              runs.add(fixture.push(WORKFLOW));
            }
          }
          case 1, 2, 3 ->
              fixture
                  .claim()
                  .ifPresent(given -> {
                    var last = fences.put(given.job(), given.fence());
                    assertThat(given.fence()).isGreaterThan(last == null ? 0 : last);
                    held.add(given);
                  });
          case 4, 5 -> pick(held, random).forEach(one -> beat(fixture, one, fences));
          case 6, 7 ->
              pick(held, random)
                  .forEach(one -> {
                    var outcome = random.nextInt(3) == 0 ? Outcome.FAILURE : Outcome.SUCCESS;
                    finish(fixture, one, fences, outcome);
                    held.remove(one);
                  });
          case 8 -> pick(held, random).forEach(held::remove);
          default -> {
            if (random.nextInt(8) == 0) {
              act(fixture, pick(runs, random), random);
            }
          }
        }
        fixture.clock.tick(Duration.ofMillis(random.nextInt(9_000)));
        fixture.timer.tick();
        runs.forEach(run -> check(fixture, run));
      }
      drain(fixture, held, fences);
      runs.forEach(run -> {
        var ended = fixture.reload(run);
        assertThat(ended.phase()).isEqualTo(RunPhase.ENDED);
        assertThat(fixture.jobs(run)).allMatch(job -> job.phase().terminal());
      });
    }
  }

  private static <T> List<T> pick(List<T> from, Random random) {
    return from.isEmpty() ? List.of() : List.of(from.get(random.nextInt(from.size())));
  }

  /// Only the highest fence of a job may be heard.
  private static void beat(RunFixture fixture, JobAssignment one, Map<UUID, Long> fences) {
    try {
      fixture.leases.heartbeat(RunFixture.holder(one));
      assertThat(one.fence()).isEqualTo(fences.get(one.job()));
    } catch (FairwayException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.LEASE_LOST);
    }
  }

  private static void finish(
      RunFixture fixture, JobAssignment one, Map<UUID, Long> fences, Outcome outcome) {
    try {
      fixture.end(one, outcome);
      assertThat(one.fence()).isEqualTo(fences.get(one.job()));
    } catch (FairwayException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.LEASE_LOST);
    }
  }

  private static void act(RunFixture fixture, List<Run> some, Random random) {
    for (var run : some) {
      var ended = fixture.reload(run).phase().terminal();
      var failedOnly = random.nextBoolean();
      try {
        fixture
            .database()
            .run(tx -> {
              if (ended) {
                fixture.actions.rerun(
                    tx,
                    run.id(),
                    failedOnly ? new Again.Failed(false) : new Again.All(false),
                    "mia");
              } else {
                fixture.actions.cancel(tx, run.id(), "mia");
              }
            });
      } catch (FairwayException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
      }
    }
  }

  private static void check(RunFixture fixture, Run seen) {
    var run = fixture.reload(seen);
    var jobs = fixture.jobs(run);
    assertThat(jobs.stream().map(job -> job.key() + job.index()).distinct()).hasSize(jobs.size());
    if (run.phase().terminal()) {
      assertThat(jobs).allMatch(job -> job.phase().terminal());
    }
    var active =
        jobs.stream()
            .filter(job -> job.key().equals("test"))
            .filter(job -> job.phase().leased() || job.phase() == JobPhase.QUEUED)
            .count();
    assertThat(active).as("max-parallel").isLessThanOrEqualTo(2);
    var build = jobs.getFirst();
    if (!build.phase().terminal()) {
      assertThat(jobs.stream().skip(1)).allMatch(job -> job.phase() == JobPhase.WAITING);
    }
  }

  /// A patient agent finishes all that is left.
  private static void drain(RunFixture fixture, List<JobAssignment> held, Map<UUID, Long> fences) {
    held.forEach(one -> finish(fixture, one, fences, Outcome.SUCCESS));
    for (var i = 0; i < 200; i++) {
      fixture.clock.tick(Duration.ofSeconds(9));
      fixture.timer.tick();
      fixture.claim().ifPresent(one -> fixture.end(one, Outcome.SUCCESS));
    }
  }
}
