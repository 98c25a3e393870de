package dev.fairway.server.source;

import dev.fairway.server.web.Ribbon;

/// A change and how far it came; the ribbon has no buoys where the change leads to no commit.
public record ChangeRow(Change change, Ribbon ribbon) {}
