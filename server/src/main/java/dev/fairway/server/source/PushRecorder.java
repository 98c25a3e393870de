package dev.fairway.server.source;

import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.db.Replica;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.http.Caller;
import dev.fairway.server.web.LiveEvents;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes down every push, although git and the database cannot commit together.
///
/// ```
///  open: row in `push`  ──►  git moves the refs  ──►  record: ref_update, commits, evidence, git_ref
///        (who, what)                                          (one transaction)
/// ```
///
/// A death at any point leaves an open push. Whoever records next (another push, or [#recoverAll]
/// at the start and every half minute) compares the repository's refs with `git_ref`, and gives
/// each difference to the open push that asked for it.
final class PushRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(PushRecorder.class);

  /// Whom evidence names for a ref that moved without any push.
  private static final PushPredicate.Pusher UNKNOWN = new PushPredicate.Pusher(null, "unknown");

  private final Database database;
  private final Evidence evidence;
  private final InstantSource clock;
  private final Repositories repositories;
  private final UUID replica;
  private final CrashObserver crash;

  /// Pushes whose git runs in this process.
  private final Set<UUID> live = ConcurrentHashMap.newKeySet();

  PushRecorder(
      Database database,
      Evidence evidence,
      InstantSource clock,
      Repositories repositories,
      UUID replica,
      CrashObserver crash) {
    this.database = database;
    this.evidence = evidence;
    this.clock = clock;
    this.repositories = repositories;
    this.replica = replica;
    this.crash = crash;
  }

  /// Notes who is about to push what; git may start when this has returned.
  UUID open(Project project, Caller pusher, PushCommands push) {
    var id = Ids.next();
    var open =
        new PushStore.OpenPush(
            id, pusher.name(), pusher.id(), clock.instant(), replica, push.commands());
    live.add(id);
    try {
      database.run(tx -> PushStore.open(tx, project.id(), open));
    } catch (RuntimeException e) {
      live.remove(id);
      throw e;
    }
    crash.reached(CrashPoint.PUSH_OPENED);
    return id;
  }

  /// Records what the push did; its git has ended. Where that fails it is caught up later: the refs
  /// have moved, and the pusher must not be told otherwise.
  void finish(Project project, UUID push) {
    crash.reached(CrashPoint.REFS_MOVED);
    try {
      record(project, push);
    } catch (RuntimeException e) {
      LOG.error("Push {} to {} waits to be recorded", push, project.name(), e);
    } finally {
      live.remove(push);
    }
  }

  /// Records what pushes did whose server died, or whose record failed.
  void recoverAll() {
    var projects =
        database.read(tx ->
            PushStore.projectsWithOpenPushes(tx).stream()
                .flatMap(id -> ProjectStore.find(tx, id).stream())
                .toList());
    for (var project : projects) {
      try {
        record(project, null);
      } catch (RuntimeException e) {
        LOG.error("Pushes to {} wait to be recorded", project.name(), e);
      }
    }
  }

  /// @param finished the push whose git has just ended; null where none has
  private void record(Project project, @Nullable UUID finished) {
    var closed = new ArrayList<UUID>();
    database.run(tx -> {
      PushStore.lock(tx, project.id());
      var refs = new HashMap<>(PushStore.refs(tx, project.id()));
      // The repository first, then the pushes: whoever moved a ref that is seen here has
      // committed its row before.
      var actual = repositories.open(project).refs();
      var pushes = PushStore.open(tx, project.id());
      var recording = new Recording(tx, project, refs, pushes, finished);
      recording.moves(actual).forEach(recording::apply);
      recording.adopt(actual);
      for (var push : pushes) {
        if (recording.ended(push)) {
          PushStore.close(tx, push.id());
          closed.add(push.id());
        }
      }
      crash.reached(CrashPoint.BEFORE_COMMIT);
    });
    closed.forEach(repositories::forgetJournal);
  }

  /// One transaction's work on one project.
  private final class Recording {
    private final Handle tx;
    private final Project project;
    private final Repository repository;

    /// Where the record stands, move by move.
    private final Map<String, String> refs;

    private final Map<UUID, PushStore.OpenPush> pushes = new LinkedHashMap<>();
    private final Map<UUID, PushJournal> journals = new LinkedHashMap<>();
    private final Map<UUID, Set<String>> done = new HashMap<>();
    private final @Nullable UUID finished;

    Recording(
        Handle tx,
        Project project,
        Map<String, String> refs,
        List<PushStore.OpenPush> open,
        @Nullable UUID finished) {
      this.tx = tx;
      this.project = project;
      this.repository = repositories.open(project);
      this.refs = refs;
      this.finished = finished;
      for (var push : open) {
        pushes.put(push.id(), push);
        done.put(push.id(), PushStore.movedBy(tx, push.id()));
        repositories.journal(push.id()).ifPresent(journal -> journals.put(push.id(), journal));
      }
    }

    /// What is not recorded yet, in the order of events where there is one.
    List<RefMoves.Move> moves(Map<String, String> actual) {
      var written = new LinkedHashMap<UUID, List<PushCommands.Command>>();
      var asked = new LinkedHashMap<UUID, List<PushCommands.Command>>();
      for (var push : pushes.values()) {
        var journal = journals.get(push.id());
        if (journal != null) {
          written.put(push.id(), asked(push, journal.possible()));
        } else if (!isLive(push)) {
          // Its journal may have been lost with the machine. One that runs here has moved nothing.
          asked.put(push.id(), push.commands());
        }
      }
      var moves = new ArrayList<>(RefMoves.between(refs, actual, written, asked));
      // A ref that went there and back looks untouched; only git's own word tells.
      journals.forEach((push, journal) -> {
        for (var command : asked(pushes.get(push), journal.certain())) {
          var move = new RefMoves.Move(push, command.ref(), command.before(), command.after());
          if (!moves.contains(move)) {
            moves.add(move);
          }
        }
      });
      return moves;
    }

    /// Git writes down more than was asked for: a deletion tidies packed refs as well.
    private static List<PushCommands.Command> asked(
        PushStore.@Nullable OpenPush push, List<PushCommands.Command> moves) {
      return push == null ? List.of() : moves.stream().filter(push.commands()::contains).toList();
    }

    void apply(RefMoves.Move move) {
      var push = move.push() == null ? null : pushes.get(move.push());
      if (push != null && !done.computeIfAbsent(push.id(), _ -> new HashSet<>()).add(move.ref())) {
        return;
      }
      var before = move.before().equals(PushCommands.ZERO) ? null : move.before();
      var after = move.after().equals(PushCommands.ZERO) ? null : move.after();
      var commit = after == null ? null : repository.commitOf(after).orElse(null);
      var base = before == null ? null : repository.commitOf(before).orElse(null);
      var known = known(move.ref(), base);
      var commits =
          commit == null
              ? List.<CommitRecord>of()
              : repository.log(commit, known, SourceLimits.MAX_COMMITS_RECORDED);
      var predicate =
          new PushPredicate(
              project.id(),
              project.name(),
              push == null ? null : push.id(),
              push == null ? UNKNOWN : new PushPredicate.Pusher(push.pusherId(), push.pusher()),
              push == null ? clock.instant() : push.receivedAt(),
              move.ref(),
              before,
              after,
              commit,
              move.ref().equals(project.defaultRef()),
              forced(move.ref(), before, after, base, commit),
              push != null && !isLive(push),
              count(commit, known, commits.size()),
              commits.stream()
                  .limit(SourceLimits.MAX_COMMITS_IN_EVIDENCE)
                  .map(PushPredicate.Commit::of)
                  .toList());
      PushStore.recordUpdate(tx, Ids.next(), predicate);
      PushStore.recordCommits(tx, project.id(), predicate.push(), predicate.receivedAt(), commits);
      evidence.record(tx, statement(predicate));
      LiveEvents.publish(tx, project.reference());
      LiveEvents.publish(tx, "changes");
      if (after == null) {
        refs.remove(move.ref());
      } else {
        refs.put(move.ref(), after);
      }
    }

    /// Makes the record's end the repository's state, whatever the order of moves was.
    void adopt(Map<String, String> actual) {
      var recorded = PushStore.refs(tx, project.id());
      var names = new TreeSet<>(recorded.keySet());
      names.addAll(actual.keySet());
      for (var name : names) {
        var now = actual.getOrDefault(name, PushCommands.ZERO);
        if (!now.equals(recorded.getOrDefault(name, PushCommands.ZERO))) {
          PushStore.moveRef(tx, project.id(), name, now);
        }
      }
    }

    /// Whether the git of the push runs, here or in another server.
    private boolean isLive(PushStore.OpenPush push) {
      var elsewhere = push.replica();
      return live.contains(push.id())
          || (elsewhere != null && !elsewhere.equals(replica) && Replica.isAlive(tx, elsewhere));
    }

    /// Whether nothing more can come from the push. The git of a dead server may outlive it for a
    /// while.
    boolean ended(PushStore.OpenPush push) {
      if (push.id().equals(finished)) {
        return true;
      }
      if (isLive(push)) {
        return false;
      }
      var journal = journals.get(push.id());
      return (journal != null && journal.complete())
          || done.getOrDefault(push.id(), Set.of()).size() == push.commands().size()
          || push.receivedAt().plus(SourceLimits.MAX_TRANSFER_TIME).isBefore(clock.instant());
    }

    /// What the ref's new commits are counted against: where it was, and for a new one, and for
    /// tags, every branch.
    private Set<String> known(String ref, @Nullable String base) {
      var known = new HashSet<String>();
      if (base == null || ref.startsWith("refs/tags/")) {
        refs.forEach((name, sha) -> {
          if (name.startsWith("refs/heads/")) {
            known.add(sha);
          }
        });
      }
      if (base != null) {
        known.add(base);
      }
      return known;
    }

    private int count(@Nullable String commit, Set<String> known, int listed) {
      return commit == null || listed < SourceLimits.MAX_COMMITS_RECORDED
          ? listed
          : repository.count(commit, known);
    }

    private boolean forced(
        String ref,
        @Nullable String before,
        @Nullable String after,
        @Nullable String base,
        @Nullable String commit) {
      if (before == null || after == null) {
        return false;
      }
      return ref.startsWith("refs/tags/")
          || base == null
          || commit == null
          || !repository.isAncestor(base, commit);
    }

    private Statement statement(PushPredicate push) {
      var about = new HashSet<>(Set.of(project.reference()));
      if (push.commit() instanceof String commit) {
        about.add("commit:" + commit);
      }
      return new Statement(
          PredicateType.PUSH, List.of(subject(push)), push, about, push.pusher().name());
    }

    private Subject subject(PushPredicate push) {
      if (push.commit() instanceof String commit) {
        return Subject.commit(project.name(), commit);
      }
      // A ref that was deleted, or leads to something that is no commit.
      var object = push.after() instanceof String after ? after : String.valueOf(push.before());
      return new Subject(project.name() + " " + push.ref(), "sha1", object);
    }
  }
}
