package dev.fairway.server.web;

import java.util.List;
import org.jdbi.v3.core.Handle;

/// A feature's part of the ribbon: source the commit, run the run, delivery release and
/// environments.
@FunctionalInterface
public interface BuoySource {
  List<Buoy> buoys(Handle tx, ChangeReference change);
}
