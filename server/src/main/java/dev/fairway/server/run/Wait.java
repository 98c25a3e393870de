package dev.fairway.server.run;

import dev.fairway.server.web.Format;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Something that a run waits for: for what, since when, and who can move it on.
///
/// @param text a sentence
/// @param runNumber the run of the same project that the sentence names; 0 for none
/// @param since null where nobody wrote it down
public record Wait(String text, long runNumber, @Nullable Instant since, Who who) {
  private static final Duration AGENT_SEEN = Duration.ofMinutes(1);

  /// As many are shown; who waits for the first few is told about the others when those are past.
  private static final int MAX_SHOWN = 10;

  private static final Pattern RUN = Pattern.compile("\\brun #(\\d{1,18})\\b");

  /// Who can move it on.
  public enum Who {
    /// Nobody need do anything.
    NOBODY,
    /// Those who may approve.
    APPROVER,
    /// Those who can start agents.
    ADMINISTRATOR
  }

  /// The sentence before, in and behind the name of the run that it names; else the sentence alone.
  public List<String> parts() {
    var name = "run #" + runNumber;
    var at = runNumber == 0 ? -1 : text.indexOf(name);
    return at < 0
        ? List.of(text, "", "")
        : List.of(text.substring(0, at), name, text.substring(at + name.length()));
  }

  private static Wait of(String sentence, @Nullable Instant since, Who who) {
    var run = RUN.matcher(sentence);
    return new Wait(sentence, run.find() ? Long.parseLong(run.group(1)) : 0, since, who);
  }

  /// @param jobs the attempts that count
  static List<Wait> of(Handle tx, Run run, List<JobRun> jobs, Instant now) {
    if (run.phase().terminal()) {
      return List.of();
    }
    if (jobs.isEmpty() && CallFetches.pending(tx, run.id())) {
      return List.of(of("The run " + CallFetches.REASON + ".", run.createdAt(), Who.NOBODY));
    }
    var group = Groups.waiting(tx, run);
    if (group.isPresent()) {
      return List.of(of("The run " + group.get() + ".", run.createdAt(), Who.NOBODY));
    }
    var waits = new ArrayList<Wait>();
    for (var job : jobs) {
      if (job.waitsForSomething()) {
        var who = job.waitsForGroup() ? Who.NOBODY : Who.APPROVER;
        waits.add(of(job.name() + " " + job.reason() + ".", ready(run, job, jobs), who));
      }
    }
    waits.addAll(forAgents(tx, jobs, now));
    return waits.stream().limit(MAX_SHOWN).toList();
  }

  /// When the last job that it needs had ended.
  private static Instant ready(Run run, JobRun job, List<JobRun> jobs) {
    var scope = Dependents.scope(job.key());
    return jobs.stream()
        .filter(one ->
            job.needs().stream().anyMatch(need -> Dependents.isPart(one.key(), scope + need)))
        .flatMap(one -> Optional.ofNullable(one.endedAt()).stream())
        .max(Comparator.naturalOrder())
        .orElse(run.createdAt());
  }

  /// One for all jobs that ask for the same labels.
  private static List<Wait> forAgents(Handle tx, List<JobRun> jobs, Instant now) {
    Map<List<String>, List<JobRun>> queued =
        jobs.stream()
            .filter(job -> job.phase() == JobPhase.QUEUED)
            .collect(
                Collectors.groupingBy(
                    job -> job.labels().stream().sorted().toList(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    if (queued.isEmpty()) {
      return List.of();
    }
    var agents = agents(tx, now);
    var waits = new ArrayList<Wait>();
    queued.forEach((labels, waiting) -> {
      var able = agents.stream().filter(agent -> agent.containsAll(labels)).count();
      var since = waiting.getFirst().queuedAt();
      var who = able > 0 ? Who.NOBODY : Who.ADMINISTRATOR;
      waits.add(new Wait(forAgent(waiting, labels, able, agents), 0, since, who));
    });
    // What nobody can do something about is last.
    waits.sort(Comparator.comparing((Wait wait) -> wait.who() == Who.NOBODY));
    return waits;
  }

  private static String forAgent(
      List<JobRun> waiting, List<String> labels, long able, List<List<String>> agents) {
    var subject =
        waiting.size() == 1 ? waiting.getFirst().name() + " waits" : waiting.size() + " jobs wait";
    if (able > 0) {
      return subject + " for one of " + Format.count(able, "agent") + " to be free.";
    }
    var wanted = subject + " for an agent with the labels " + String.join(", ", labels) + ". ";
    if (agents.isEmpty()) {
      return wanted + "No agent at all has asked for work in the last minute.";
    }
    var there = agents.stream().flatMap(List::stream).distinct().sorted().toList();
    var missing = labels.stream().filter(label -> !there.contains(label)).toList();
    return wanted
        + (missing.isEmpty()
            ? "No agent has all of them."
            : "No agent of the last minute has "
                + String.join(", ", missing)
                + "; there is "
                + String.join(", ", there)
                + ".");
  }

  /// The labels of each agent that asked for work lately, or holds a job.
  private static List<List<String>> agents(Handle tx, Instant now) {
    return tx.createQuery(
            """
            SELECT labels FROM agent_presence
            WHERE seen_at > :since
               OR EXISTS (SELECT FROM job WHERE job.agent_id = agent_presence.agent_id
                            AND phase IN ('claimed', 'running') AND lease_until > :now)
            """)
        .bind("since", now.minus(AGENT_SEEN))
        .bind("now", now)
        .map((row, _) -> Columns.strings(row, "labels"))
        .list();
  }
}
