package dev.fairway.server.web;

import java.util.UUID;

/// A change: one commit of one project.
public record ChangeReference(UUID projectId, String commitSha) {}
