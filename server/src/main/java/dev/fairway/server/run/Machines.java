package dev.fairway.server.run;

import dev.fairway.api.ClaimRequest;
import dev.fairway.server.web.StateMark;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The machines that do the work: the servers that share it, and the agents that run jobs.
public record Machines(List<Server> servers, List<Agent> agents) {
  /// An agent that asks for work is heard of at least that often.
  private static final Duration AGENT_SILENCE = Duration.ofMinutes(1);

  private static final Duration SERVER_SILENCE = Duration.ofSeconds(15);

  public Machines {
    servers = List.copyOf(servers);
    agents = List.copyOf(agents);
  }

  /// @param version empty where it does not say
  /// @param holder whether it holds the data folder and drives deployments to the built-in target
  public record Server(
      UUID id,
      String host,
      String version,
      boolean holder,
      boolean alive,
      Instant startedAt,
      Instant seenAt) {}

  /// @param state `working`, `ready`, `silent`, or `new` until it was heard of
  /// @param sandbox how it isolates jobs and what it bounds, in its own words
  /// @param containers `podman`, `docker` or `none`; empty where it does not say
  /// @param slots how many jobs it runs at once; 0 where it does not say
  /// @param seenAt null until it was heard of
  /// @param jobs that it runs
  public record Agent(
      UUID id,
      String name,
      String state,
      List<String> labels,
      String sandbox,
      String containers,
      int slots,
      String version,
      @Nullable Instant seenAt,
      List<Held> jobs) {
    public Agent {
      labels = List.copyOf(labels);
      jobs = List.copyOf(jobs);
    }

    public StateMark mark() {
      return switch (state) {
        case "working" -> StateMark.RUN;
        case "ready" -> StateMark.OK;
        case "silent" -> StateMark.BAD;
        default -> StateMark.OFF;
      };
    }
  }

  /// A job that an agent runs.
  public record Held(UUID id, String project, long run, String name, @Nullable Instant since) {
    public String path() {
      return "/projects/" + project + "/runs/" + run + "?job=" + id;
    }
  }

  static Machines of(Handle tx, Instant now) {
    return new Machines(servers(tx), agents(tx, now));
  }

  private static List<Server> servers(Handle tx) {
    return tx.createQuery(
            """
            SELECT id, host, version, holder, started_at, seen_at,
                   seen_at > now() - :silence * interval '1 second' AS alive
            FROM replica
            ORDER BY holder DESC, started_at
            """)
        .bind("silence", SERVER_SILENCE.toSeconds())
        .map((row, _) ->
            new Server(
                Columns.id(row, "id"),
                row.getString("host"),
                row.getString("version"),
                row.getBoolean("holder"),
                row.getBoolean("alive"),
                Columns.instant(row, "started_at"),
                Columns.instant(row, "seen_at")))
        .list();
  }

  private static List<Agent> agents(Handle tx, Instant now) {
    record Holder(UUID agent, Held job) {}
    Map<UUID, List<Held>> held =
        tx
            .createQuery(
                """
                SELECT job.agent_id, job.id, run.project, run.number, job.name, job.started_at
                FROM job JOIN run ON run.id = job.run_id
                WHERE job.phase IN ('claimed', 'running') AND job.lease_until > :now
                ORDER BY job.claimed_at
                """)
            .bind("now", now)
            .map((row, _) ->
                new Holder(
                    Columns.id(row, "agent_id"),
                    new Held(
                        Columns.id(row, "id"),
                        row.getString("project"),
                        row.getLong("number"),
                        row.getString("name"),
                        Columns.instantOrNull(row, "started_at"))))
            .stream()
            .collect(
                Collectors.groupingBy(
                    Holder::agent, Collectors.mapping(Holder::job, Collectors.toList())));
    return tx.createQuery(
            """
            SELECT agent.id, agent.name, labels, sandbox, containers, slots, version,
                   greatest(seen_at, (SELECT max(heartbeat_at) FROM job
                                      WHERE job.agent_id = agent.id
                                        AND phase IN ('claimed', 'running'))) AS seen_at
            FROM agent LEFT JOIN agent_presence ON agent_presence.agent_id = agent.id
            WHERE agent.revoked_at IS NULL
            ORDER BY agent.name
            """)
        .map((row, _) -> agent(row, held, now))
        .list();
  }

  private static Agent agent(ResultSet row, Map<UUID, List<Held>> held, Instant now)
      throws SQLException {
    var id = Columns.id(row, "id");
    var seen = Columns.instantOrNull(row, "seen_at");
    var jobs = held.getOrDefault(id, List.of());
    var heard = seen != null;
    return new Agent(
        id,
        row.getString("name"),
        state(seen, jobs, now),
        heard ? Columns.strings(row, "labels") : List.of(),
        heard ? row.getString("sandbox") : "",
        heard ? row.getString("containers") : "",
        row.getInt("slots"),
        heard ? row.getString("version") : "",
        seen,
        jobs);
  }

  private static String state(@Nullable Instant seen, List<Held> jobs, Instant now) {
    if (seen == null) {
      return "new";
    }
    if (!jobs.isEmpty()) {
      return "working";
    }
    return seen.isAfter(now.minus(AGENT_SILENCE)) ? "ready" : "silent";
  }

  /// Writes down what an agent says of itself.
  static void describe(
      Handle tx, UUID agent, ClaimRequest request, ClaimRequest.Machine machine, Instant now) {
    tx.createUpdate(
            """
            INSERT INTO agent_presence (agent_id, name, labels, sandbox, seen_at, version, slots,
                                        containers)
            VALUES (:id, :name, :labels, :sandbox, :now, :version, :slots, :containers)
            ON CONFLICT (agent_id) DO UPDATE
              SET version = excluded.version, slots = excluded.slots,
                  containers = excluded.containers
            """)
        .bind("id", agent)
        .bind("name", RunLimits.cut(request.agent(), RunLimits.MAX_NAME_CHARS))
        .bindArray("labels", String.class, request.labels())
        .bind("sandbox", RunLimits.cut(request.sandbox(), RunLimits.MAX_NAME_CHARS))
        .bind("now", now)
        .bind("version", RunLimits.cut(machine.version(), RunLimits.MAX_NAME_CHARS))
        .bind("slots", machine.slots())
        .bind("containers", RunLimits.cut(machine.containers(), RunLimits.MAX_NAME_CHARS))
        .execute();
  }
}
