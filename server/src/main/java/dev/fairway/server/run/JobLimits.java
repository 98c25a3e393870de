package dev.fairway.server.run;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.ResourceUse;
import dev.fairway.server.web.Format;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a job may use of something, and what it used, for people.
///
/// @param used empty where nobody counts it, or nobody has yet
/// @param most such as `4.0 GiB`, or that there is no limit
/// @param near whether it used nearly all
/// @param meaning a sentence
public record JobLimits(String name, String used, String most, boolean near, String meaning) {
  private static final double NEAR = 0.9;
  private static final String NONE = "no limit";

  /// Those of a job; that an agent cannot bound one of them stands in its note about isolation.
  public static List<JobLimits> of(JobRun job, ResourceUse use, Instant now) {
    var limits = JobAssignment.Limits.DEFAULT;
    var started = Optional.ofNullable(job.startedAt());
    var ended = Optional.ofNullable(job.endedAt()).orElse(now);
    return List.of(
        time(job, started.map(from -> Duration.between(from, ended).toMillis()).orElse(null)),
        new JobLimits(
            "Memory",
            bytes(use.memoryPeakBytes()),
            binary(limits.memoryBytes()),
            near(use.memoryPeakBytes(), limits.memoryBytes()),
            "The most at one time, of all its processes together, with what the kernel kept of"
                + " files for them"),
        new JobLimits(
            "Processor",
            use.cpuMillis() == null ? "" : Format.duration(Duration.ofMillis(use.cpuMillis())),
            NONE,
            false,
            "How long its processes had a processor, summed up; the jobs of an agent share them"),
        new JobLimits(
            "Processes", "", Format.number(limits.processes()), false, "At one time, with threads"),
        new JobLimits("Log", "", binary(limits.logBytes()), false, "A longer one ends the job"),
        new JobLimits(
            "Disk",
            "",
            NONE,
            false,
            "The jobs of an agent share its disk; each artifact may have "
                + binary(limits.artifactBytes())));
  }

  private static JobLimits time(JobRun job, @Nullable Long millis) {
    var most = Duration.ofSeconds(job.timeoutSeconds());
    return new JobLimits(
        "Time",
        millis == null ? "" : Format.duration(Duration.ofMillis(millis)),
        most.isZero() ? "" : Format.duration(most),
        !most.isZero() && near(millis, most.toMillis()),
        "From its first step to its last; timeout-minutes of the job says how long it may take");
  }

  private static String bytes(@Nullable Long bytes) {
    return bytes == null ? "" : binary(bytes);
  }

  /// In the units in which limits are round.
  private static String binary(long bytes) {
    return bytes >= 1L << 30
        ? String.format(Locale.ROOT, "%.1f GiB", (double) bytes / (1L << 30))
        : String.format(Locale.ROOT, "%.1f MiB", (double) bytes / (1L << 20));
  }

  private static boolean near(@Nullable Long used, long most) {
    return used != null && used >= most * NEAR;
  }
}
