package dev.fairway.server.source;

import dev.fairway.server.web.Ribbon;
import org.jspecify.annotations.Nullable;

/// A project in the list, with its newest change; null where nothing was pushed yet.
public record ProjectRow(Project project, @Nullable Change latest, Ribbon ribbon) {}
