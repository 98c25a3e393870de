package dev.fairway.server.evidence;

import java.nio.file.Path;

/// How an installation keeps its evidence.
///
/// @param keys folder with the ledger's keys; they are made there at the first start
public record EvidenceSettings(Path keys) {}
