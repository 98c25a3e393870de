package dev.fairway.server.source;

import dev.fairway.server.web.Buoy;
import dev.fairway.server.web.BuoySource;
import dev.fairway.server.web.ChangeReference;
import dev.fairway.server.web.Format;
import dev.fairway.server.web.StateMark;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// The first buoy of every ribbon: the commit, since it was first pushed.
final class CommitBuoy implements BuoySource {
  @Override
  public List<Buoy> buoys(Handle tx, ChangeReference change) {
    return ProjectStore.find(tx, change.projectId()).stream()
        .map(project ->
            new Buoy(
                "Commit",
                StateMark.OK,
                Format.commit(change.commitSha()),
                Changes.firstPush(tx, project.id(), change.commitSha())
                    .map(Changes.FirstPush::at)
                    .orElse(null),
                SourcePages.commitPath(project.name(), change.commitSha())))
        .toList();
  }
}
