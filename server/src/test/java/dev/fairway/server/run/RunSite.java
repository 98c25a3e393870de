package dev.fairway.server.run;

import dev.fairway.server.source.Projects;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.vault.TestVault;
import dev.fairway.server.web.TestSite;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// A site with the pages of runs.
final class RunSite {
  private RunSite() {}

  /// @param folder for repositories
  /// @param created is given what keeps the projects
  static TestSite start(Path folder, Consumer<Projects> created) {
    return TestSite.start(
        InstantSource.system(),
        ground -> {
          var source =
              SourceModule.create(
                  ground.database(),
                  ground.evidence(),
                  InstantSource.system(),
                  folder,
                  UUID.randomUUID());
          created.accept(source.projects());
          var module =
              RunModule.create(
                  ground.database(),
                  ground.evidence(),
                  source.projects(),
                  TestVault.over(ground.evidence()),
                  ground.web(),
                  InstantSource.system(),
                  new SecureRandom());
          return List.of(routes -> module.routes().forEach(one -> one.register(routes)));
        });
  }
}
