/// Measures the server: how many jobs it plans, gives out and ends in a second, how soon a push
/// becomes a step, and how much memory that takes.
@NullMarked
package dev.fairway.bench.server;

import org.jspecify.annotations.NullMarked;
