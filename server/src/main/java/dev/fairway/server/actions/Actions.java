package dev.fairway.server.actions;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ResolvedAction;
import dev.fairway.server.db.Database;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says which commit an action's name means, and gives out its files.
public final class Actions {
  private static final Logger LOG = LoggerFactory.getLogger(Actions.class);

  private final Database database;
  private final ActionSources sources;
  private final ActionArchives archives;
  private final ActionEvidence evidence;
  private final InstantSource clock;
  private final Semaphore checks = new Semaphore(ActionLimits.MAX_CHECKS);

  Actions(
      Database database,
      ActionSources sources,
      ActionArchives archives,
      ActionEvidence evidence,
      InstantSource clock) {
    this.database = database;
    this.sources = sources;
    this.archives = archives;
    this.evidence = evidence;
    this.clock = clock;
  }

  /// The commit that the reference means: from its lock, else looked up now and locked. Call it
  /// outside of a transaction: it may have to ask another server.
  ///
  /// @param by which run asks
  /// @throws FairwayException FORBIDDEN where it is not allowed, CONFLICT where its tag has moved
  ///   since it was locked, UNPROCESSABLE where it does not exist or nobody can be asked
  public ResolvedAction resolve(String text, String by) {
    var reference = ActionReference.parse(text);
    var settings = database.read(ActionStore::settings);
    requireAllowed(settings, reference);
    var sha =
        reference.pinned() ? verified(settings, reference, by) : locked(settings, reference, by);
    return new ResolvedAction(text, reference.repository(), sha);
  }

  /// A zip of the files at that commit, for reading only. Call it outside of a transaction.
  public Path archive(String repository, String sha) {
    var commit = new ActionReference(repository, sha);
    return archives.zip(
        commit, zip -> sources.archive(database.read(ActionStore::settings), commit, zip));
  }

  /// The same of a project of this installation, whatever the settings say of it: for what stands
  /// in the project itself.
  public Path archiveOf(String project, String repository, String sha) {
    return archives.zip(
        new ActionReference(repository, sha), zip -> sources.archive(project, sha, zip));
  }

  private String locked(ActionSettings settings, ActionReference reference, String by) {
    var known = database.read(tx -> ActionStore.find(tx, reference.key(), reference.ref()));
    if (known.isPresent()) {
      if (known.get().broken()) {
        throw moved(known.get());
      }
      checkLater(settings, known.get());
      return known.get().sha();
    }
    var found = sources.find(settings, reference);
    if (found.ours() && found.kind().equals(ActionLock.BRANCH)) {
      // Every commit of it came by a push that is in evidence, from a person whom we know.
      return found.sha();
    }
    return lock(reference, found.kind(), found.sha(), found.location(), by);
  }

  /// A commit that a workflow names is taken once it was seen on a branch or tag of its repository:
  /// forges give out those of forks too, under the name of the parent.
  private String verified(ActionSettings settings, ActionReference reference, String by) {
    var known = database.read(tx -> ActionStore.find(tx, reference.key(), reference.ref()));
    if (known.isPresent()) {
      return known.get().sha();
    }
    var place = sources.placeOf(settings, reference);
    return lock(reference, ActionLock.COMMIT, reference.ref(), place, by);
  }

  private String lock(
      ActionReference reference, String kind, String sha, String location, String by) {
    var now = now();
    var lock =
        new ActionLock(
            reference.key(), reference.ref(), kind, sha, location, now, by, now, null, null);
    return database.transaction(tx -> {
      if (ActionStore.insert(tx, lock)) {
        evidence.locked(tx, lock);
        return lock.sha();
      }
      return ActionStore.find(tx, lock.repository(), lock.ref()).orElse(lock).sha();
    });
  }

  /// Has another look where the reference comes from, beside the caller, if that is due.
  private void checkLater(ActionSettings settings, ActionLock lock) {
    var now = now();
    var due = now.minus(ActionLimits.CHECK_PERIOD);
    if (lock.checkedAt().isBefore(due) && checks.tryAcquire()) {
      Thread.ofVirtual()
          .name("action-check")
          .start(() -> {
            try {
              database
                  .transaction(tx -> ActionStore.takeCheck(tx, lock, now, due))
                  .ifPresent(turn -> check(settings, turn));
            } catch (RuntimeException e) {
              LOG.warn("{} could not be looked at: {}", lock.reference(), e.getMessage());
            } finally {
              checks.release();
            }
          });
    }
  }

  private void check(ActionSettings settings, ActionLock lock) {
    var found = sources.find(settings, new ActionReference(lock.repository(), lock.ref()));
    if (found.kind().equals(lock.kind()) && !found.sha().equals(lock.sha())) {
      database.run(tx -> {
        if (ActionStore.moved(tx, lock, found.sha(), now())) {
          evidence.moved(tx, lock, found.sha());
        }
      });
      LOG.warn("{} has moved from {} to {}", lock.reference(), lock.sha(), found.sha());
    }
  }

  /// All locks, by name.
  List<ActionLock> locks(Handle tx) {
    return ActionStore.all(tx);
  }

  /// Removes a lock, so that the next job locks what the tag or branch leads to by then.
  ActionLock unlock(Handle tx, String text, String by) {
    var reference = ActionReference.parse(text);
    var lock =
        ActionStore.delete(tx, reference.key(), reference.ref())
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.NOT_FOUND,
                    "There is no lock on " + reference,
                    "List them with `fairway actions list`."));
    evidence.unlocked(tx, lock, by);
    return lock;
  }

  ActionSettings settings(Handle tx) {
    return ActionStore.settings(tx);
  }

  void change(Handle tx, ActionSettings settings, String by) {
    var before = ActionStore.settings(tx);
    ActionStore.settings(tx, settings, now(), by);
    evidence.settings(tx, before, settings, by);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private static void requireAllowed(ActionSettings settings, ActionReference reference) {
    if (!settings.allows(reference)) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          reference + " may not be used here: allowed are " + String.join(", ", settings.allowed()),
          "An administrator can allow it under Administration, Actions, or with"
              + " `fairway actions allow "
              + reference.repository().toLowerCase(Locale.ROOT)
              + "`.");
    }
  }

  private static FairwayException moved(ActionLock lock) {
    return new FairwayException(
        ErrorCode.CONFLICT,
        "The tag %s has moved: it was %s when it was locked, and is %s now"
            .formatted(lock.reference(), lock.sha(), lock.movedTo()),
        "A tag that moves may be an attack: look at what changed. An administrator accepts it with"
            + " `fairway actions unlock "
            + lock.reference()
            + "`; or name the commit itself.");
  }
}
