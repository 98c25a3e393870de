package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The jobs that wait for an agent.
///
/// The order is fair between projects: each queued job gets a turn, one after its project's last,
/// and never before what is served now. So a project that queues a hundred jobs at once does not
/// keep another one waiting for all of them, and one that was idle has not saved up turns.
final class Queue {
  /// Notified whenever a job was queued.
  static final String CHANNEL = "job_queued";

  private Queue() {}

  /// Queues jobs of a project, in that order.
  static void add(Handle tx, UUID project, List<UUID> jobs, Instant at) {
    if (jobs.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            WITH served AS (
              SELECT COALESCE((SELECT min(turn) FROM job WHERE phase = 'queued'),
                              (SELECT max(turn) FROM job), 0) AS turn
            ), mine AS (
              INSERT INTO run_counter (project_id, last_turn)
              SELECT :project, turn + :more FROM served
              ON CONFLICT (project_id) DO UPDATE
                SET last_turn =
                  greatest(run_counter.last_turn + 1, excluded.last_turn - :more) + :more
              RETURNING last_turn - :more AS first_turn
            )
            UPDATE job
            SET phase = 'queued', turn = first_turn + place - 1, queued_at = :at, reason = ''
            FROM mine, unnest(CAST(:jobs AS uuid[])) WITH ORDINALITY AS new (id, place)
            WHERE job.id = new.id
            """)
        .bind("project", project)
        .bind("more", jobs.size() - 1)
        .bindArray("jobs", UUID.class, jobs)
        .bind("at", at)
        .execute();
    Database.notify(tx, CHANNEL, "");
  }

  /// Puts a job back whose claim was never confirmed; it keeps its turn.
  static void putBack(Handle tx, UUID job) {
    tx.createUpdate(
            """
            UPDATE job
            SET phase = 'queued', agent_id = NULL, agent = '', sandbox = '', lease_until = NULL,
                heartbeat_at = NULL, token_hash = NULL, claimed_at = NULL
            WHERE id = :id
            """)
        .bind("id", job)
        .execute();
    Database.notify(tx, CHANNEL, "");
  }

  /// Who claims, and until when.
  ///
  /// @param labels what the agent has; a job's labels must all be among them
  /// @param tokenHash SHA-256 of the token that the job gets
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Claimant(
      UUID agentId,
      String agent,
      String sandbox,
      List<String> labels,
      byte[] tokenHash,
      Instant now,
      Instant leaseUntil) {}

  /// Gives the next jobs to claimants with the same labels, one to each as long as there are any,
  /// in one statement: no two claimants get the same one, and none waits for another.
  ///
  /// It goes from one set of labels to the next, of which there are few, and from those that the
  /// agents have all of takes the one that is served first. So a hundred thousand jobs that wait
  /// for other agents are not looked through: `BETWEEN`, for by an equal sign PostgreSQL would know
  /// that the order of turns is the same, and go by that.
  ///
  /// @return the jobs of the first ones
  static List<JobRun> claim(Handle tx, List<Claimant> claimants) {
    var first = claimants.getFirst();
    return tx
        .createQuery(
            """
            WITH RECURSIVE wanted AS (
              (SELECT labels FROM job WHERE phase = 'queued' ORDER BY labels LIMIT 1)
              UNION ALL
              SELECT (SELECT labels FROM job WHERE phase = 'queued' AND labels > wanted.labels
                      ORDER BY labels LIMIT 1)
              FROM wanted WHERE wanted.labels IS NOT NULL
            ), served AS (
              SELECT first.labels, first.turn, first.id
              FROM wanted CROSS JOIN LATERAL (
                SELECT labels, turn, id FROM job
                WHERE phase = 'queued' AND labels BETWEEN wanted.labels AND wanted.labels
                ORDER BY labels, turn, id LIMIT 1
              ) first
              WHERE wanted.labels <@ CAST(:labels AS text[])
            ), given AS MATERIALIZED (
              SELECT ARRAY(
                SELECT free.id
                FROM (SELECT labels FROM served ORDER BY turn, id) fit CROSS JOIN LATERAL (
                  SELECT id FROM job
                  WHERE phase = 'queued' AND labels BETWEEN fit.labels AND fit.labels
                  ORDER BY labels, turn, id
                  LIMIT (SELECT CAST(:count AS bigint))
                  FOR UPDATE SKIP LOCKED
                ) free
                LIMIT (SELECT CAST(:count AS bigint))
              ) AS ids
            )
            UPDATE job
            SET phase = 'claimed', fence = fence + 1, lease_until = :leaseUntil,
                heartbeat_at = :now, claimed_at = :now,
                agent_id = (CAST(:agentIds AS uuid[]))[array_position(ids, id)],
                agent = (CAST(:agents AS text[]))[array_position(ids, id)],
                sandbox = (CAST(:sandboxes AS text[]))[array_position(ids, id)],
                token_hash =
                  decode((CAST(:tokens AS text[]))[array_position(ids, id)], 'hex')
            FROM given
            WHERE id = ANY (ids)
            RETURNING job.*, array_position(ids, id) AS place
            """)
        .bindArray("labels", String.class, first.labels())
        .bind("count", claimants.size())
        .bind("leaseUntil", first.leaseUntil())
        .bind("now", first.now())
        .bindArray("agentIds", UUID.class, claimants.stream().map(Claimant::agentId).toList())
        .bindArray("agents", String.class, claimants.stream().map(Claimant::agent).toList())
        .bindArray("sandboxes", String.class, claimants.stream().map(Claimant::sandbox).toList())
        .bindArray(
            "tokens",
            String.class,
            claimants.stream().map(one -> HexFormat.of().formatHex(one.tokenHash())).toList())
        .map((row, _) -> Map.entry(row.getInt("place"), JobRun.map(row)))
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .toList();
  }

  /// Remembers that the agent asks for work.
  static void present(Handle tx, Claimant claimant) {
    tx.createUpdate(
            """
            INSERT INTO agent_presence (agent_id, name, labels, sandbox, seen_at)
            VALUES (:id, :name, :labels, :sandbox, :now)
            ON CONFLICT (agent_id) DO UPDATE
              SET name = excluded.name, labels = excluded.labels, sandbox = excluded.sandbox,
                  seen_at = excluded.seen_at
            """)
        .bind("id", claimant.agentId())
        .bind("name", claimant.agent())
        .bindArray("labels", String.class, claimant.labels())
        .bind("sandbox", claimant.sandbox())
        .bind("now", claimant.now())
        .execute();
  }
}
