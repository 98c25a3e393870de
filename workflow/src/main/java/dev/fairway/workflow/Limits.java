package dev.fairway.workflow;

/// What a workflow file may cost, so that a hostile one is refused before it hurts.
///
/// @param characters of the file, in UTF-16 units
/// @param nodes of the tree with every alias expanded
/// @param depth of sequences and mappings inside each other
/// @param calls how deep workflows may call each other, below the one that was started
/// @param jobs of the file that was started and of all it calls, before matrices multiply them
/// @param bytes of what is read, called files and aliases each time that they come up, as [Size]
///   reckons them
record Limits(int characters, int nodes, int depth, int calls, int jobs, long bytes) {
  static final Limits DEFAULT =
      new Limits(1024 * 1024, 50_000, 50, Calls.MAX_DEPTH, Calls.MAX_JOBS, 10L * 1024 * 1024);
}
