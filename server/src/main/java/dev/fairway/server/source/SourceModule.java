package dev.fairway.server.source;

import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Web;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Projects and their repositories, put together.
public final class SourceModule implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceModule.class);
  private static final Duration RECOVERY_PERIOD = Duration.ofSeconds(30);

  private final Database database;
  private final Projects projects;
  private final RemoteGit remote;
  private final List<Routes> routes;
  private final List<ProjectPanel> panels = new CopyOnWriteArrayList<>();
  private final PushRecorder recorder;
  private final CountDownLatch closed = new CountDownLatch(1);

  private SourceModule(
      Database database,
      Projects projects,
      RemoteGit remote,
      List<Routes> routes,
      PushRecorder recorder) {
    this.database = database;
    this.projects = projects;
    this.remote = remote;
    this.routes = routes;
    this.recorder = recorder;
  }

  /// Fails where git is missing or the folder cannot hold repositories.
  ///
  /// @param data the server's data folder
  /// @param replica this server among those that share the database
  public static SourceModule create(
      Database database, Evidence evidence, InstantSource clock, Path data, UUID replica) {
    return create(
        database, evidence, clock, data, replica, SourceLimits.MAX_PACK_BYTES, CrashObserver.NONE);
  }

  static SourceModule create(
      Database database,
      Evidence evidence,
      InstantSource clock,
      Path data,
      UUID replica,
      long maxPackBytes,
      CrashObserver crash) {
    var folder = data.toAbsolutePath();
    var git = new Git(folder.resolve("git-home"));
    LOG.info("Serving repositories with {}", git.version());
    var repositories = new Repositories(git, folder);
    var projects = new Projects(database, evidence, clock, repositories);
    var recorder = new PushRecorder(database, evidence, clock, repositories, replica, crash);
    var routes =
        List.of(
            new GitHttp(projects, repositories, recorder, git, maxPackBytes),
            new SourceApi(projects, database));
    return new SourceModule(database, projects, new RemoteGit(git), routes, recorder);
  }

  /// Records what pushes did whose server died, and goes on looking for such.
  public void start() {
    Thread.ofVirtual().name("push-recovery").start(this::recover);
  }

  public Projects projects() {
    return projects;
  }

  /// Repositories elsewhere.
  public RemoteGit remote() {
    return remote;
  }

  /// Adds a later stage's part to every project's page.
  public void add(ProjectPanel panel) {
    panels.add(panel);
  }

  /// Git and the API.
  public List<Routes> routes() {
    return routes;
  }

  /// The pages, with their places in the navigation, the ribbon and the palette of that site.
  public Routes pages(Web web) {
    web.add(
        new NavigationItem(
            NavigationItem.Area.DELIVER, "Projects", "/projects", Permission.PROJECT_READ));
    web.add(
        new NavigationItem(
            NavigationItem.Area.DELIVER, "Changes", "/changes", Permission.PROJECT_READ));
    web.add(new CommitBuoy());
    web.add(new SourcePalette());
    return new SourcePages(projects, database, web, panels);
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void recover() {
    try {
      do {
        try {
          recorder.recoverAll();
        } catch (RuntimeException e) {
          LOG.warn("Open pushes could not be looked at: {}", e.getMessage());
        }
      } while (!closed.await(RECOVERY_PERIOD.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
