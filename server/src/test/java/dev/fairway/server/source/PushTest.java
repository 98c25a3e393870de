package dev.fairway.server.source;

import dev.fairway.server.db.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A server with one empty project, and a repository of ada's that pushes to it.
abstract class PushTest {
  @TempDir Path folder;

  TestDatabase test;
  SourceServer server;
  Project project;
  GitClient work;

  @BeforeEach
  final void startServer() {
    test = TestDatabase.create();
    server = SourceServer.start(test.database(), folder.resolve("data"));
    project = server.projects().create("payments", "Takes money", "", SourceServer.ada());
    work = GitClient.init(folder.resolve("work"));
    work.run("remote", "add", "origin", server.url("ada", "payments"));
  }

  @AfterEach
  final void stopServer() {
    server.close();
    test.close();
  }
}
